import { type CheckWords, check } from '../commands/check.ts';
import { ENVIRONMENT } from '../domain/triples/triple.ts';
import { isFine } from '../registry-client/result.ts';
import {
  renderCheckInHook,
  renderCheckJson,
  renderCheckProblems,
  tableOf,
} from '../report/check.ts';
import type { Ending, Paint, Report } from '../report/text.ts';
import type { World } from '../world.ts';

/**
 * What asks registries: a bundle of its own, which a hook loads only where the option `check` is
 * set.
 */

type Manner = {
  readonly isJson: boolean;
  readonly paint: Paint;
  /** Shows a line while others are still waited for. */
  readonly show: (line: string) => void;
};

const NOTHING =
  'no registry secrets found: no <ID>_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD ' +
  `in the ${ENVIRONMENT} or in a remembered env file; nothing to check\n`;

export async function runCheck(world: World, input: CheckWords, manner: Manner): Promise<Ending> {
  const { isJson, paint, show } = manner;
  let lineOf: ReturnType<typeof tableOf> | undefined;
  const { findings, problems, notices, isMisused } = await check(world, input, {
    onStart: (prospects) => {
      if (!isJson) lineOf = tableOf(prospects, paint);
    },
    onFinding: (finding) => {
      if (lineOf) show(lineOf(finding));
    },
  });
  const isWell = findings.every(isFine) && problems.length === 0;
  const status = isMisused ? 2 : isWell ? 0 : 1;
  if (isJson)
    return { report: { stdout: renderCheckJson(findings, problems, notices), stderr: '' }, status };
  const stdout = findings.length + problems.length === 0 ? NOTHING : '';
  return { report: { stdout, stderr: renderCheckProblems({ problems, notices }, paint) }, status };
}

export { findProxies } from '../registry-client/network.ts';

/** As the last thing that a hook does: says what it finds, and never fails. */
export async function runCheckInHook(
  world: World,
  input: CheckWords,
  paint: Paint,
): Promise<Report> {
  const silent = { onStart: () => undefined, onFinding: () => undefined };
  const { findings } = await check(world, input, silent);
  // What is incomplete was said by the hook itself.
  return renderCheckInHook(
    findings.filter(({ host }) => host !== undefined),
    paint,
  );
}

import type { Finding } from '../check/finding.ts';
import { type Check, startCheck } from '../commands/check.ts';
import { writeAll } from '../io/files/descriptor.ts';
import { useProxies } from '../io/proxies.ts';
import { isFine } from '../registry-client/result.ts';
import { renderCheckInHook, tableOf, toCheckDocument } from '../report/check.ts';
import { type Paint, type Report, renderMessages } from '../report/text.ts';
import { ENVIRONMENT } from '../secrets/triple.ts';
import type { World } from '../world.ts';
import type { Query } from './command-line.ts';

/** A bundle of its own: a hook loads it only if the option `check` is set. */

const NOTHING =
  'no registry secrets found: no <ID>_CONTAINER_REGISTRY_SERVER, _USER and _PASSWORD ' +
  `in the ${ENVIRONMENT} or in a remembered env file; nothing to check\n`;

const LIMIT_MS = 13_000;

/** Prints a line when its registry has answered: another may be slow. */
export async function runCheck(
  world: World,
  { words, json }: Query & { readonly json: boolean },
  paint: Paint,
): Promise<Report> {
  const { labels, pending, incomplete, ...others } = ask(world, words, LIMIT_MS);
  const lineOf = tableOf(labels, paint);
  const show = (finding: Finding) => {
    if (!json) writeAll(1, lineOf(finding));
    return finding;
  };
  const first = incomplete.map(show);
  const findings = [...(await Promise.all(pending.map((one) => one.then(show)))), ...first];
  const { problems, isMisused } = others;
  const isWell = findings.every(isFine) && problems.length === 0;
  const status = isMisused ? 2 : isWell ? 0 : 1;
  const stdout = findings.length + problems.length === 0 ? NOTHING : '';
  const document = () => toCheckDocument(findings, others);
  return { stdout, stderr: renderMessages(others, paint), status, document };
}

/** The last step of a hook, in the time that is left. Never fails. */
export async function runCheckInHook(world: World, leftMs: number, paint: Paint): Promise<Report> {
  // The hook has reported what is incomplete.
  const { pending } = ask(world, [], leftMs);
  return renderCheckInHook(await Promise.all(pending), paint);
}

function ask(world: World, words: readonly string[], limitMs: number): Check {
  return startCheck(world, words, limitMs, useProxies(process.env, process.versions.node));
}

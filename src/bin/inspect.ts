import { type ExportWords, exportKubernetes } from '../commands/export.ts';
import { findAddressStatus, findStatus } from '../commands/status.ts';
import type { Problem } from '../domain/problem.ts';
import { parseAddress, repeatable } from '../domain/registries/reference.ts';
import { readMachine } from '../io/clients.ts';
import { renderStatus, renderStatusJson } from '../report/status.ts';
import { type Paint, type Report, renderProblem, reportOf } from '../report/text.ts';
import type { World } from '../world.ts';
import type { Query } from './command-line.ts';

export { logout } from '../commands/logout.ts';
export { prune } from '../commands/prune.ts';

/** A bundle of its own: no hook and no pull should have to load what only a person asks for. */

export function runStatus(world: World, { words: [word], json }: Query, paint: Paint): Report {
  const address = word === undefined ? undefined : parseAddress(word);
  if (address && 'what' in address) {
    const fix = 'name a registry as in SERVER, or an image as for docker pull';
    const subject = repeatable(`${word}`, 'status');
    const problem: Problem = { code: 'USAGE', subject, what: address.what, fix };
    return { stdout: '', stderr: renderProblem(problem, paint), status: 2 };
  }
  const machine = readMachine(world.environment.variables, world.uid);
  const status = address ? findAddressStatus(world, machine, address) : findStatus(world, machine);
  return json ? renderStatusJson(status) : renderStatus(status, paint);
}

/** The manifest alone on stdout: it goes to kubectl. */
export async function runExport(world: World, words: ExportWords, paint: Paint): Promise<Report> {
  const exported = await exportKubernetes(world, words);
  return reportOf(exported.manifest ?? '', exported, paint);
}

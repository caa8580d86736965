import { type ExportWords, exportKubernetes } from '../commands/export.ts';
import { findAddressStatus, findStatus } from '../commands/status.ts';
import { parseAddress, repeatable } from '../domain/registries/reference.ts';
import { readMachine } from '../io/clients.ts';
import {
  renderAddress,
  renderAddressJson,
  renderStatus,
  renderStatusJson,
} from '../report/status.ts';
import { type Ending, type Paint, type Report, renderProblem } from '../report/text.ts';
import type { Machine } from '../resolve/client.ts';
import type { World } from '../world.ts';

/**
 * What only a person asks for: a bundle of its own, because no hook and no pull should have to load
 * it.
 */

/** `address` is a host or an image, as it was typed; none for all that is configured. */
export function inspectStatus(
  world: World,
  { address: text, json }: { readonly address?: string | undefined; readonly json: boolean },
  paint: Paint,
): Ending {
  if (text !== undefined) return inspectAddress(world, text, json, paint);
  const found = findStatus(world, machineOf(world));
  const report = json ? onStdout(renderStatusJson(found)) : renderStatus(found, paint);
  return { report, status: found.problems.length > 0 ? 1 : 0 };
}

/** The manifest alone on stdout: somebody applies what is there. */
export async function inspectExport(
  world: World,
  words: ExportWords,
  paint: Paint,
): Promise<Ending> {
  const { manifest = '', problems, notices } = await exportKubernetes(world, words);
  const stderr = [
    ...problems.map((problem) => renderProblem(problem, paint, 'red')),
    ...notices.map((notice) => renderProblem(notice, paint, 'yellow')),
  ].join('');
  return { report: { stdout: manifest, stderr }, status: problems.length > 0 ? 1 : 0 };
}

function inspectAddress(world: World, text: string, json: boolean, paint: Paint): Ending {
  const address = parseAddress(text);
  if ('what' in address) {
    const fix = 'name a registry as in SERVER, or an image as for docker pull';
    const subject = repeatable(text, 'status');
    const problem = { code: 'USAGE', subject, ...address, fix } as const;
    return { report: { stdout: '', stderr: renderProblem(problem, paint, 'red') }, status: 2 };
  }
  const found = findAddressStatus(world, machineOf(world), address);
  const report = json ? onStdout(renderAddressJson(found)) : renderAddress(found, paint);
  return { report, status: found.problems.length > 0 ? 1 : 0 };
}

function machineOf({ environment, uid }: World): Machine {
  return readMachine(environment.variables, uid);
}

function onStdout(stdout: string): Report {
  return { stdout, stderr: '' };
}

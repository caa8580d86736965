import { readFileSync, statSync } from 'node:fs';
import type { DevContainer, ExecOptions } from './container.ts';
import { privateRegistryLog } from './registry.ts';
import { readyState } from './state.ts';

/**
 * Whom the private registry lets pull by `docker pull` in this container: from the registry's own
 * log, so it can't be mistaken.
 */
export async function findPuller(
  container: DevContainer,
  options: ExecOptions = {},
): Promise<string> {
  const state = readyState();
  const log = privateRegistryLog(state);
  const { size } = statSync(log);
  const pull = await container.exec(`docker pull ${state.privateRegistry.image}`, options);
  if (pull.status !== 0) return `refused: ${pull.stderr.trim()}`;
  const lines = readFileSync(log).subarray(size).toString();
  const users = lines.matchAll(/auth\.user\.name=([\w-]+)/g);
  return [...new Set([...users].map(([, user]) => user))].join(' and ');
}

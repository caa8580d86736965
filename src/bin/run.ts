import { withoutTriples } from '../io/clients.ts';
import { type CommandEnd, runCommand } from '../io/command.ts';
import type { Source } from '../secrets/triple.ts';

/** A bundle of its own: no hook may start a program, and few pulls do. */

/** Runs a triple's command, with no triples in its environment. */
export function run(command: string, limitMs: number, { variables }: Source): Promise<CommandEnd> {
  const env = withoutTriples(variables);
  endWithUs();
  return runCommand(command, { env, limitMs, onStart, endGroup });
}

/** Leaders of the groups that run. */
const running = new Set<number>();

function onStart(leader: number): void {
  running.add(leader);
}

let isWatching = false;

/** If we end, the commands must end too: they have their own groups. */
function endWithUs(): void {
  if (isWatching) return;
  isWatching = true;
  process.once('exit', () => running.forEach(endGroup));
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(1));
}

/** Once: its number may be reused afterwards. */
function endGroup(leader: number): void {
  if (!running.delete(leader)) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The group has ended already.
  }
}

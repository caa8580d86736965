import { withoutTriples } from '../io/clients.ts';
import { type CommandEnd, runCommand } from '../io/command.ts';
import type { Source } from '../secrets/triple.ts';

/** A bundle of its own: no hook may start a program, and few pulls do. */

/** Runs the command of a triple, which gets no triple itself. */
export function run(command: string, limitMs: number, { variables }: Source): Promise<CommandEnd> {
  const env = withoutTriples(variables);
  endWithUs();
  return runCommand(command, { env, limitMs, onStart, endGroup });
}

/** The leaders of the groups that are there. */
const running = new Set<number>();

function onStart(leader: number): void {
  running.add(leader);
}

let isWatching = false;

/** Who ends us while a command runs ends that too, which has a group of its own. */
function endWithUs(): void {
  if (isWatching) return;
  isWatching = true;
  process.once('exit', () => running.forEach(endGroup));
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => process.exit(1));
}

/** Once: its number may be another's afterwards. */
function endGroup(leader: number): void {
  if (!running.delete(leader)) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // Nothing of it is there any more.
  }
}

import { withoutTriples } from '../io/clients.ts';
import { type CommandEnd, runCommand } from '../io/command.ts';
import type { Source } from '../secrets/triple.ts';

/** A bundle of its own, loaded to run a command: no hook may, and few pulls do. */

/** Runs a triple's command, with no triples in its environment. */
export function run(command: string, limitMs: number, { variables }: Source): Promise<CommandEnd> {
  const env = withoutTriples(variables);
  return runCommand(command, { env, limitMs, onStart: (leader) => running.add(leader), endGroup });
}

/** Leaders of the groups that run. */
const running = new Set<number>();

// If we end, the commands must end too: they have their own groups.
process.once('exit', () => running.forEach(endGroup));
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => process.exit(1));

/** Once: its number may be reused afterwards. */
function endGroup(leader: number): void {
  if (!running.delete(leader)) return;
  try {
    process.kill(-leader, 'SIGKILL');
  } catch {
    // The group has ended already.
  }
}

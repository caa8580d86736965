import { spawn } from 'node:child_process';
import { attempt } from '../attempt.ts';
import { withoutTriples } from '../io/clients.ts';
import type { CommandEnd } from '../providers/on-demand/kept.ts';
import type { Source } from '../secrets/triple.ts';

/** A bundle of its own, loaded to run a command: no hook may, and few pulls do. */

/** Leaders of the process groups that run. */
const running = new Set<number>();

// If we end, the commands must end too, which have their own groups.
process.once('exit', () => running.forEach(endGroup));
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => process.exit(1));

/** A secret is shorter, and endless output must not fill the memory. */
const MAX_OUTPUT_BYTES = 64 << 10;

/** How long we read after it has ended. */
const DRAIN_MS = 500;

/**
 * Runs a triple's command with /bin/sh, without triples in its environment, without stdin and
 * terminal, and reads what it prints. It has its own process group, which we end with it, so that
 * no leftover holds a file open. We ignore its stderr, which may hold a secret.
 */
export function run(command: string, limitMs: number, { variables }: Source): Promise<CommandEnd> {
  const end = new Promise<CommandEnd>((resolve) => {
    // A pull may run in a repository that you do not trust.
    const place = { cwd: '/', env: withoutTriples(variables) };
    const child = spawn('/bin/sh', ['-c', command], {
      ...place,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { pid = 0 } = child;
    if (pid > 0) running.add(pid);
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (found: CommandEnd) => {
      clearTimeout(timer);
      endGroup(pid);
      child.stdout.destroy();
      resolve(found);
    };
    const seconds = Math.max(1, Math.round(limitMs / 1000));
    const timer = setTimeout(() => stop({ what: `takes longer than ${seconds} s` }), limitMs);
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_OUTPUT_BYTES) stop({ what: 'prints more than 64 KiB' });
      else chunks.push(chunk);
    });
    const conclude = (status: number | null, signal: string | null) =>
      stop(describeEnd(status, signal) ?? { output: Buffer.concat(chunks) });
    child.on('error', ({ code }: NodeJS.ErrnoException) => stop(cannotRun(code)));
    child.on('exit', (status, signal) => {
      endGroup(pid);
      // A process that left the group may hold stdout open.
      setTimeout(() => conclude(status, signal), DRAIN_MS);
    });
    child.on('close', conclude);
  });
  // spawn throws: too long a command, or no process is left.
  return end.catch(({ code }: NodeJS.ErrnoException) => cannotRun(code));
}

function cannotRun(code: string | undefined): CommandEnd {
  return {
    what: code === 'ENOENT' ? 'needs /bin/sh, which is not here' : `cannot be run (${code})`,
  };
}

function describeEnd(status: number | null, signal: string | null): CommandEnd | undefined {
  if (signal !== null) return { what: `is ended by ${signal}` };
  if (status === 127) return { what: 'exits with status 127: a program in it is not found' };
  if (status === 126) return { what: 'exits with status 126: a program in it cannot be run' };
  return status === 0 ? undefined : { what: `exits with status ${status}` };
}

/** Once: its number may be reused afterwards. */
function endGroup(leader: number): void {
  // The group may have ended already.
  if (running.delete(leader)) attempt(() => process.kill(-leader, 'SIGKILL'));
}

import { spawn } from 'node:child_process';

/** What a command printed, or why that is of no use. */
export type CommandEnd = { readonly output: Buffer } | { readonly what: string };

export type CommandHow = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limitMs: number;
  /** Told of the leader of the new group; and ends all that is in it. */
  readonly onStart: (leader: number) => void;
  readonly endGroup: (leader: number) => void;
};

/** A secret is shorter; a command without an end must not fill the memory. */
const MAX_OUTPUT_BYTES = 64 << 10;

/** How long to read what it printed before it ended. */
const DRAIN_MS = 500;

/**
 * Runs a command of /bin/sh without stdin and terminal, and reads what it prints. It has a group of
 * processes, which is ended with it: what it leaves behind holds nothing open. Its stderr is not
 * looked at: there may be a secret in it.
 */
export function runCommand(command: string, how: CommandHow): Promise<CommandEnd> {
  const { env, limitMs, onStart, endGroup } = how;
  const end = new Promise<CommandEnd>((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      // A pull may run in a repository that you do not trust.
      ...{ cwd: '/', env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    const { pid = 0 } = child;
    if (pid > 0) onStart(pid);
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
      stop(findEnd(status, signal) ?? { output: Buffer.concat(chunks) });
    child.on('error', ({ code }: NodeJS.ErrnoException) => stop(cannotRun(code)));
    child.on('exit', (status, signal) => {
      endGroup(pid);
      // What has left the group may hold its stdout open.
      setTimeout(() => conclude(status, signal), DRAIN_MS);
    });
    child.on('close', conclude);
  });
  // Too long a command, or no process to be had: spawn throws.
  return end.catch(({ code }: NodeJS.ErrnoException) => cannotRun(code));
}

function cannotRun(code: string | undefined): CommandEnd {
  return {
    what: code === 'ENOENT' ? 'needs /bin/sh, which is not here' : `cannot be run (${code})`,
  };
}

function findEnd(status: number | null, signal: string | null): CommandEnd | undefined {
  if (signal !== null) return { what: `is ended by ${signal}` };
  if (status === 127) return { what: 'exits with status 127: a program in it is not found' };
  if (status === 126) return { what: 'exits with status 126: a program in it cannot be run' };
  return status === 0 ? undefined : { what: `exits with status ${status}` };
}

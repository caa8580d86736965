import { spawn } from 'node:child_process';

/** What a command printed, or why we cannot use it. */
export type CommandEnd = { readonly output: Buffer } | { readonly what: string };

export type CommandHow = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly limitMs: number;
  /** Gets the leader of the new group; `endGroup` ends all in it. */
  readonly onStart: (leader: number) => void;
  readonly endGroup: (leader: number) => void;
};

/** A secret is shorter, and endless output must not fill the memory. */
const MAX_OUTPUT_BYTES = 64 << 10;

/** How long we read after it has ended. */
const DRAIN_MS = 500;

/**
 * Runs a command with /bin/sh, without stdin and terminal, and reads what it prints. It has its own
 * process group, which we end with it, so that no leftover holds a file open. We ignore its stderr,
 * which may hold a secret.
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

function findEnd(status: number | null, signal: string | null): CommandEnd | undefined {
  if (signal !== null) return { what: `is ended by ${signal}` };
  if (status === 127) return { what: 'exits with status 127: a program in it is not found' };
  if (status === 126) return { what: 'exits with status 126: a program in it cannot be run' };
  return status === 0 ? undefined : { what: `exits with status ${status}` };
}

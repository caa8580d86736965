import { spawn } from 'node:child_process';
import type { Credential } from '../dockerconfig/auth-entry.ts';

/** What another program's credential helper answers to `get`; `why` it has no answer. */
export type ProgramReply = Credential | 'not-found' | { readonly why: string };

/** From the protocol (docs/clients.md, Credential helpers); compared as clients do. */
const NOT_FOUND = 'credentials not found in native keychain';

/** A token is a few kilobytes, and endless output must not fill the memory. */
const MAX_OUTPUT_BYTES = 256 << 10;

const CANNOT_RUN = { why: 'it cannot be run' };

/**
 * Runs another program's credential helper as docker does, and ends it if it hangs. Ignores its
 * stderr.
 */
export function askHelper(
  program: string,
  server: string,
  { env, leftMs }: { readonly env: NodeJS.ProcessEnv; readonly leftMs: () => number },
): Promise<ProgramReply> {
  const reply = new Promise<ProgramReply>((resolve) => {
    const child = spawn(program, ['get'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const stop = (why: string) => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      resolve({ why });
    };
    // Not spawn's timeout: it ends with the program, but a child of it may hold the pipe open.
    const timer = setTimeout(() => stop('it does not answer'), Math.max(1, leftMs()));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      if (output.length > MAX_OUTPUT_BYTES) stop('its output does not end');
    });
    child.on('error', () => stop(CANNOT_RUN.why));
    child.on('exit', (_, signal) => signal && stop('it does not answer'));
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve(understand(status, output));
    });
    // A helper may ignore its input, which breaks the pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(server);
  });
  // spawn throws, without an event, if the environment is too large or no process is left.
  return reply.catch(() => CANNOT_RUN);
}

/** Runs at most `count` calls at a time; the others wait. */
export function inTurn<Args extends unknown[], T>(
  count: number,
  call: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  const turns: Promise<unknown>[] = Array.from({ length: count }, () => Promise.resolve());
  let next = 0;
  return (...args) => {
    const turn = next++ % count;
    const result = (turns[turn] ?? Promise.resolve()).then(() => call(...args));
    turns[turn] = result.catch(() => undefined);
    return result;
  };
}

function understand(status: number | null, output: string): ProgramReply {
  if (status !== 0)
    return output.trim() === NOT_FOUND ? 'not-found' : { why: `exit status ${status}` };
  try {
    const { Username: user, Secret: secret } = JSON.parse(output);
    if (typeof user === 'string' && typeof secret === 'string' && secret !== '')
      return { user, secret };
  } catch {
    // What it printed may be a secret.
  }
  return { why: 'it returns something other than a credential' };
}

import { spawn } from 'node:child_process';
import type { Credential } from '../dockerconfig/auth-entry.ts';

/** What a credential helper of others answers to `get`; `failed` with what is known of it. */
export type ProgramReply = Credential | 'not-found' | { readonly why: string };

/** Of the protocol (docs/clients.md, Credential helpers); compared as clients do. */
const NOT_FOUND = 'credentials not found in native keychain';

/** A token is a few kilobytes; a helper without an end must not fill the memory. */
const MAX_OUTPUT_BYTES = 256 << 10;

const CANNOT_RUN = { why: 'it cannot be run' };

type Surroundings = { readonly env: NodeJS.ProcessEnv; readonly leftMs: () => number };

/**
 * Asks a credential helper as docker does. It is a program of somebody else's, which may hang: then
 * it is ended. What it says on stderr is not looked at.
 */
export async function askHelper(
  program: string,
  server: string,
  surroundings: Surroundings,
): Promise<ProgramReply> {
  try {
    return await talk(program, server, surroundings);
  } catch {
    // Too large an environment, or no process to be had: that is not told by an event.
    return CANNOT_RUN;
  }
}

function talk(
  program: string,
  server: string,
  { env, leftMs }: Surroundings,
): Promise<ProgramReply> {
  return new Promise((resolve) => {
    const child = spawn(program, ['get'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const stop = (why: string) => {
      child.kill('SIGKILL');
      child.stdout.destroy();
      resolve({ why });
    };
    // Not spawn's own limit: that ends with the program, but what it started may hold the pipe.
    const timer = setTimeout(() => stop('it does not answer'), Math.max(1, leftMs()));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
      if (output.length > MAX_OUTPUT_BYTES) stop('it has no end');
    });
    child.on('error', () => stop(CANNOT_RUN.why));
    child.on('exit', (_, signal) => signal && stop('it does not answer'));
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve(understand(status, output));
    });
    // One that does not read breaks the pipe, which is its right.
    child.stdin.on('error', () => undefined);
    child.stdin.end(server);
  });
}

/** Lets so many calls run at a time, and the others wait for their turn. */
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
  return { why: 'it answers with something else than a credential' };
}

import { spawn } from 'node:child_process';
import type { Credential } from '../dockerconfig/auth-entry.ts';
import { parseJson } from '../json.ts';
import { NOT_FOUND } from '../resolve/client.ts';

/** What another program's credential helper answers to `get`; `why` it has no answer. */
export type ProgramReply = Credential | 'not-found' | { readonly why: string };

/** A token is a few kilobytes, and endless output must not fill the memory. */
const MAX_OUTPUT_BYTES = 256 << 10;

const CANNOT_RUN = { why: 'it cannot be run' };

type Bounds = { readonly env: NodeJS.ProcessEnv; readonly leftMs: () => number };

/** A helper may be as heavy as Node itself; VS Code's is. */
const AT_ONCE = 4;

/** The last call of each turn. */
const turns: Promise<unknown>[] = [];
let turn = 0;

/**
 * Runs another program's credential helper as docker does, and ends it if it hangs. Ignores its
 * stderr. If too many run already, it waits.
 */
export function askHelper(program: string, server: string, limits: Bounds): Promise<ProgramReply> {
  turn = (turn + 1) % AT_ONCE;
  const reply = Promise.resolve(turns[turn]).then(() => runHelper(program, server, limits));
  turns[turn] = reply;
  return reply;
}

/** Never fails. */
function runHelper(
  program: string,
  server: string,
  { env, leftMs }: Bounds,
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
      resolve(parseReply(status, output));
    });
    // A helper may ignore its input, which breaks the pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(server);
  });
  // spawn throws, without an event, if the environment is too large or no process is left.
  return reply.catch(() => CANNOT_RUN);
}

function parseReply(status: number | null, output: string): ProgramReply {
  if (status !== 0)
    return output.trim() === NOT_FOUND ? 'not-found' : { why: `exit status ${status}` };
  const { Username: user, Secret: secret } = Object(parseJson(output));
  if (typeof user === 'string' && typeof secret === 'string' && secret !== '')
    return { user, secret };
  // Not what it printed, which may be a secret.
  return { why: 'it returns something other than a credential' };
}

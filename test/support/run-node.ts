import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, resolve } from 'node:path';
import { text } from 'node:stream/consumers';

export interface RunOptions {
  /** Joins PATH and HOME, and nothing else; a value of undefined takes a variable away, HOME and PATH included. */
  env?: Record<string, string | undefined>;
  /** Standard input; without it the child finds an empty one. */
  input?: string;
  home?: string;
  cwd?: string;
  timeoutMs?: number;
}

export interface Finished {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs a script with this Node in an environment of its own; rejects when a signal or the time limit ended it. */
export async function runNode(
  script: string,
  args: readonly string[],
  { env = {}, input = '', home, cwd = process.cwd(), timeoutMs = 20_000 }: RunOptions = {},
): Promise<Finished> {
  // As our wrapper does it: Node takes words after the script, like --env-file, for its own otherwise.
  const child = spawn(process.execPath, ['--', resolve(script), ...args], {
    cwd,
    env: { ...baseEnvironment(home ?? process.env.HOME), ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  // A child that exits without reading breaks the pipe, which is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, [status, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (status === null)
    throw new Error(
      `${basename(script)} ${args[0] ?? ''}: ended by ${signal} (limit ${timeoutMs} ms)`,
    );
  return { status, stdout, stderr };
}

function baseEnvironment(home: string | undefined): Record<string, string | undefined> {
  const common = { PATH: process.env.PATH, HOME: home };
  if (process.platform !== 'win32') return common;
  // Windows finds the home folder in USERPROFILE; no socket opens without SystemRoot, no temporary file without TEMP.
  const { SystemRoot, TEMP } = process.env;
  return { ...common, USERPROFILE: home, SystemRoot, TEMP };
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { basename, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

export type RunOptions = {
  /** Joins PATH, HOME and XDG_RUNTIME_DIR alone; undefined takes a variable away, those too. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Standard input; without it the program finds an empty one. */
  readonly input?: string;
  readonly home?: string | undefined;
  readonly cwd?: string;
  /** Another user, for root only. */
  readonly uid?: number;
  readonly gid?: number;
  readonly timeoutMs?: number;
};

export type Finished = {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** A program that runs, for a test that feeds it bit by bit. */
export type Running = { readonly stdin: Writable; readonly finished: Promise<Finished> };

/** Starts a program; `finished` rejects when it cannot start, or a signal or the limit ends it. */
export function start(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
  name = `${basename(program)} ${args[0] ?? ''}`,
): Running {
  const settings = spawnOptions(options);
  const child = spawn(program, args, settings);
  // A program that exits without reading breaks the pipe, which is its right.
  child.stdin.on('error', () => undefined);
  const ends = [text(child.stdout), text(child.stderr), once(child, 'close')] as const;
  const finished = Promise.all(ends).then(([stdout, stderr, [status, signal]]) => {
    if (status !== null) return { status, stdout, stderr };
    throw new Error(`${name}: ended by ${signal} (limit ${settings.timeout} ms)`);
  });
  return { stdin: child.stdin, finished };
}

/** Runs a program to its end; rejects as `start` does. */
export async function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
  name?: string,
): Promise<Finished> {
  const { stdin, finished } = start(program, args, options, name);
  stdin.end(options.input ?? '');
  return finished;
}

/** As `run`, for a script and this Node. */
export function runNode(
  script: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  // As our wrapper does it: Node takes words after the script, like --env-file, for its own else.
  const words = ['--', resolve(script), ...args];
  return run(process.execPath, words, options, `${basename(script)} ${args[0] ?? ''}`);
}

/** As `run`, and rejects with the program's own words when it fails. */
export async function runOrThrow(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  const finished = await run(program, args, options);
  if (finished.status === 0) return finished;
  const words = `${finished.stderr}\n${finished.stdout}`.trim().slice(-4000);
  throw new Error(`${program} ${args[0] ?? ''}: exit status ${finished.status}\n${words}`);
}

/**
 * Why a program does not do what it should; undefined where it ends well and answers like that. At
 * once, because Jest wants to know before any test runs.
 */
export function whyNot(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
  answer = /^/,
): string | undefined {
  const { error, status, stdout } = spawnSync(program, args, spawnOptions(options));
  const command = [program, ...args].join(' ');
  if (status === 0)
    return answer.test(`${stdout}`) ? undefined : `${command} gives another answer here`;
  const isAbsent = error && 'code' in error && error.code === 'ENOENT';
  return isAbsent ? `${program} is not on PATH` : `${command} fails here`;
}

function spawnOptions({ env, input: _, home, timeoutMs = 20_000, ...options }: RunOptions) {
  return {
    ...options,
    env: { ...baseEnvironment(home ?? process.env.HOME), ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  } as const;
}

export function baseEnvironment(home: string | undefined): Record<string, string | undefined> {
  const { PATH, XDG_RUNTIME_DIR } = process.env;
  const common = { PATH, HOME: home, XDG_RUNTIME_DIR };
  if (process.platform !== 'win32') return common;
  // Windows finds the home folder in USERPROFILE; no socket opens without SystemRoot, no temporary
  // file without TEMP.
  const { SystemRoot, TEMP } = process.env;
  return { ...common, USERPROFILE: home, SystemRoot, TEMP };
}

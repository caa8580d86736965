import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchHome } from '../../support/process.ts';
import { type Finished, run, whyNot } from '../../support/run.ts';
import type { Place } from './place.ts';

let named: readonly string[] = [];

/** Runs a test for which these programs are there, and in which no other can be run. */
export async function withPrograms(
  programs: readonly string[],
  check: () => Promise<void>,
): Promise<void> {
  named = programs;
  try {
    await check();
  } finally {
    named = [];
  }
}

/**
 * Runs a client where it finds only the place's home, PATH and variables. Rejects for a client that
 * the test does not name, be it there or not: else the test would fail first where it is missing.
 */
export async function runClient(
  { env, home }: Place,
  program: string,
  args: readonly string[],
  input = '',
): Promise<Finished> {
  if (!named.includes(program)) throw new Error(`${program}: not among the clients of this test`);
  try {
    return await run(program, args, { env, cwd: home, input });
  } finally {
    endPauseProcess(`${env.XDG_RUNTIME_DIR}`);
  }
}

/** Without root, podman leaves a process behind that holds its user namespace. */
function endPauseProcess(runtime: string): void {
  const file = join(runtime, 'libpod', 'tmp', 'pause.pid');
  if (!existsSync(file)) return;
  try {
    process.kill(Number(readFileSync(file, 'utf8')));
  } catch {
    // Ended after an earlier run in the same place.
  }
}

const known = new Map<string, string | undefined>();

/**
 * Why a client cannot be used here; undefined where it can. Each call costs the start of a program
 * once in a test file, so ask only for clients that a test of the file names.
 */
export function whyNoClient(
  program: string,
  args: readonly string[] = ['--version'],
  answer?: RegExp,
): string | undefined {
  const words = [program, ...args].join(' ');
  if (!known.has(words)) known.set(words, tryClient(program, args, answer));
  return known.get(words);
}

function tryClient(program: string, args: readonly string[], answer?: RegExp): string | undefined {
  const home = scratchHome();
  const env = { XDG_RUNTIME_DIR: home, TMPDIR: home };
  const why = whyNot(program, args, { env, home, cwd: home }, answer);
  endPauseProcess(home);
  return why;
}

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { installWrappers } from '../../support/built.ts';
import { CANARY, callBundle, expectNoSecret, scratchHome } from '../../support/process.ts';
import { type DockerJson, loggedIn, othersOf, recordsOf } from '../../support/record.ts';
import type { Finished, RunOptions } from '../../support/run.ts';
import { loginsOf, triple } from '../../support/triples.ts';

// Several processes of ours in one test, on a machine that may be busy.
jest.setTimeout(30_000);

export type Cli = (args: readonly string[], options: RunOptions) => Promise<Finished>;

/**
 * The built `registry-auth`, with our helper on its PATH. Whatever it is called for, it must not
 * print the canary. Given `runBundle`, each call has a process of its own: for what takes time,
 * could hang, or runs beside other calls.
 */
export function newCli(call = callBundle): Cli {
  const PATH = installWrappers(scratchHome());
  return async (args, { env, ...options }) => {
    const finished = await call('registry-auth', args, {
      ...options,
      env: { PATH, ...env },
    });
    expectNoSecret(finished.stdout + finished.stderr, [CANARY, { user: 'ada', password: CANARY }]);
    return finished;
  };
}

export const CONFIG = '.docker/config.json';
/** Logins through our helper. */
export const LOGINS = '.docker/registry-auth-logins.json';

/** The triple that is good in every test. */
export const GOOD = triple('GOOD', 'good.example', 'ada', CANARY);

/** What a hook with a problem ends with. */
export const MORE =
  'registry-auth: run registry-auth status in a terminal to see what is wrong and how to fix it\n';
/** Where only a registry, or AWS, can tell. */
export const ASK =
  'registry-auth: run registry-auth check in a terminal to ask the registries what is wrong\n';

const applied = new WeakMap<Cli, Map<string, Promise<string>>>();

/** A home of its own after `apply` with these variables, which runs once for all that want it. */
export async function appliedHome(
  cli: Cli,
  env: Record<string, string>,
  files: Record<string, string> = {},
): Promise<string> {
  const known = applied.get(cli) ?? new Map<string, Promise<string>>();
  applied.set(cli, known);
  const key = JSON.stringify([env, files]);
  const home = known.get(key) ?? applyIn(cli, env, files);
  known.set(key, home);
  return copyOf(await home);
}

async function applyIn(
  cli: Cli,
  env: Record<string, string>,
  files: Record<string, string>,
): Promise<string> {
  const home = scratchHome(files);
  const { status, stderr } = await cli(['apply'], { home, env });
  if (status !== 0) throw new Error(`apply: ${stderr}`);
  return home;
}

/** A home of its own for a test, in the state of another that took programs to make. */
export function copyOf(home: string): string {
  const copy = scratchHome();
  cpSync(home, copy, { recursive: true });
  return copy;
}

export function readHome(home: string, path: string): string {
  return readFileSync(join(home, path), 'utf8');
}

/** What stands in config.json beside our record. */
export function othersIn(home: string): DockerJson {
  return othersOf(readHome(home, CONFIG));
}

/** Our record in config.json, by the names of logins. */
export function recordsIn(home: string): Record<string, string> {
  return recordsOf(readHome(home, CONFIG));
}

/** `docker login` into the file, past any helper. */
export function logInByHand(home: string, key: string, user: string, password: string): void {
  writeFileSync(join(home, CONFIG), loggedIn(readHome(home, CONFIG), key, user, password));
}

/** The user and password of each entry in the file. */
export function loginsIn(home: string): Record<string, string> {
  return loginsOf(readHome(home, CONFIG));
}

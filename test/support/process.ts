import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from '@jest/globals';
import { LIB } from './built.ts';
import { canRunInside, runInside } from './inside.ts';
import { baseEnvironment, type Finished, type RunOptions, runNode } from './run.ts';

export { CANARY, expectNoSecret, type Secret } from './secrets.ts';

export type BundleName = 'registry-auth' | 'docker-credential-registry-auth';

/**
 * Runs a built bundle as our wrapper does, with only the given environment plus PATH, HOME and
 * XDG_RUNTIME_DIR.
 */
export function runBundle(
  name: BundleName,
  args: readonly string[],
  options: RunOptions = {},
  lib = LIB,
): Promise<Finished> {
  return runNode(join(lib, 'start.cjs'), [name, ...args], options);
}

/** As `runBundle`, without a process of its own where the test sets nothing that only one has. */
export function callBundle(
  name: BundleName,
  args: readonly string[],
  options: RunOptions = {},
  lib = LIB,
): Promise<Finished> {
  if (!canRunInside(options)) return runBundle(name, args, options, lib);
  const { env, home = process.env.HOME, input = '', ...others } = options;
  const variables = { ...baseEnvironment(home), ...env };
  return runInside(join(lib, `${name}.cjs`), args, { ...others, env: variables, input });
}

const folders: string[] = [];

/**
 * Makes a home folder with the given files (paths below it, their text); it goes when the test file
 * is through.
 */
export function scratchHome(files: Record<string, string> = {}): string {
  // macOS reaches its temporary folder through a symlink; tests compare real paths.
  const home = mkdtempSync(join(realpathSync(tmpdir()), 'registry-auth-test-'));
  folders.push(home);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, path), content, { mode: 0o600 });
  }
  return home;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

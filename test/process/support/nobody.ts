import { chmodSync, chownSync, constants, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIB } from '../../support/built.ts';
import { scratchHome } from '../../support/process.ts';
import { type Finished, run, whyNot } from '../../support/run.ts';

/** The user that owns nothing; root, who may read and write everything, becomes this one. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
/** How a program is run without root's rights. */
export const ANOTHER_USER = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** A Node that every user can run, where there is one. */
export const OPEN_NODE = findNode();

/** Root's temporary files may be closed to others too, which no copy helps. */
export const ANYBODY = {
  missing: canRun(OPEN_NODE)
    ? undefined
    : 'nobody but root can run this Node or see its temporary files',
};

/** This Node, or a copy where its own folder is closed to others. */
function findNode(): string {
  if (canRun(process.execPath)) return process.execPath;
  const folder = scratchHome();
  chmodSync(folder, 0o755);
  const copy = join(folder, 'node');
  copyFileSync(process.execPath, copy, constants.COPYFILE_FICLONE);
  chmodSync(copy, 0o755);
  return copy;
}

function canRun(program: string): boolean {
  const home = scratchHome();
  if (isRoot) chownSync(home, NOBODY, NOBODY);
  const look = ['-e', 'require("node:fs").readdirSync(process.env.HOME)'];
  return whyNot(program, look, { ...ANOTHER_USER, home, cwd: '/' }) === undefined;
}

/** A home of a user who is not root, with the given files, and the bundle in it. */
export function homeOfNobody(files: Record<string, string>): string {
  const home = scratchHome(files);
  copyFileSync(join(LIB, 'registry-auth.cjs'), join(home, 'cli.cjs'));
  const extras = ['inspect', 'check', 'exposure', 'owner', 'command-line', 'near'];
  const bundles = ['cli.cjs', ...extras.map((name) => `${name}.cjs`)];
  for (const name of bundles.slice(1)) copyFileSync(join(LIB, name), join(home, name));
  for (const path of ['', ...bundles, '.docker', ...Object.keys(files)])
    if (isRoot) chownSync(join(home, path), NOBODY, NOBODY);
  return home;
}

/** Runs the CLI without root's rights. */
export function runAsNobody(
  home: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Finished> {
  const words = ['--', join(home, 'cli.cjs'), ...args];
  return run(OPEN_NODE, words, { ...ANOTHER_USER, env, home, cwd: home });
}

/** Takes rights away, and gives them back for the clean-up. */
export async function withMode<T>(
  path: string,
  mode: number,
  action: () => Promise<T>,
): Promise<T> {
  chmodSync(path, mode);
  try {
    return await action();
  } finally {
    chmodSync(path, 0o700);
  }
}

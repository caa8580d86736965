import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIB } from '../../support/built.ts';
import { scratchHome } from '../../support/process.ts';
import { type Finished, runNode, whyNot } from '../../support/run.ts';

/** The user that owns nothing; root, who may read and write everything, becomes this one. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const ANOTHER_USER = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

/** Why nothing can be run without root's rights; undefined where it can. */
export function whyNotNobody(): string | undefined {
  const missing = whyNot(process.execPath, ['-e', '0'], { ...ANOTHER_USER, cwd: '/' });
  return missing && 'this Node may be run by root only';
}

/** A home of a user who is not root, with the given files, and the bundle in it. */
export function homeOfNobody(files: Record<string, string>): string {
  const home = scratchHome(files);
  copyFileSync(join(LIB, 'registry-auth.cjs'), join(home, 'cli.cjs'));
  for (const path of ['', 'cli.cjs', '.docker', ...Object.keys(files)])
    if (isRoot) chownSync(join(home, path), NOBODY, NOBODY);
  return home;
}

/** Runs the CLI without root's rights. */
export function runAsNobody(
  home: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<Finished> {
  return runNode(join(home, 'cli.cjs'), args, { ...ANOTHER_USER, env, home, cwd: home });
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

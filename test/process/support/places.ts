import { chmodSync, lchownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { LIB } from '../../support/built.ts';
import { whyNot } from '../../support/run.ts';

/** Two users who have no other files on any machine. */
export const BOB = 64_001;
export const EVE = 64_002;

const AS_BOB = ['--reuid', `${BOB}`, '--regid', `${BOB}`, '--clear-groups'];

/** Root, who can become another user, which can read our bundles. */
export const ROOT = {
  missing:
    process.getuid?.() === 0
      ? whyNot('setpriv', [...AS_BOB, 'test', '-r', join(LIB, 'start.cjs')])
      : 'only root may act as another user',
};

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A directory that root alone leads to: not everybody may write to what is above. */
export function rootsFolder(): string {
  const folder = mkdtempSync('/run/registry-auth-test-');
  folders.push(folder);
  chmodSync(folder, 0o755);
  return folder;
}

/** Gives a directory with all that is in it to a user, links as links. */
export function give(path: string, uid: number): string {
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(path, name), uid, uid);
  lchownSync(path, uid, uid);
  return path;
}

import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { scratchHome } from '../../support/process.ts';

const HELPER = 'docker-credential-registry-auth';

/** Writes a shell script that can be run by its name. */
export function writeProgram(path: string, script: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** A PATH on which clients find our helper, as install.sh leaves it. */
export function pathWithHelper(folder = scratchHome()): string {
  const bundle = resolve('dist', 'registry-auth', 'lib', `${HELPER}.cjs`);
  writeProgram(join(folder, HELPER), `exec "${process.execPath}" "${bundle}" "$@"`);
  return [folder, process.env.PATH].join(delimiter);
}

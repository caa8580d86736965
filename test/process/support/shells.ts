import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';
import { type Need, testWith } from '../../support/needs.ts';

/** The shells that images have as /bin/sh: Debian's, Alpine's and Fedora's. */
const SHELLS = ['dash', 'busybox ash', 'bash --posix'];

/** Starts one of them, whatever PATH its script shall have. */
export type Shell = { readonly program: string; readonly words: readonly string[] };

type Test = (behaviour: string, check: () => Promise<void> | void) => void;

/** Describes what our scripts do, once for each shell; skipped where that is missing. */
export function describeInShells(subject: string, tests: (shell: Shell, test: Test) => void): void {
  for (const name of SHELLS) {
    const [command = '', ...words] = name.split(' ');
    const program = findProgram(command);
    const need: Need = { missing: program ? undefined : `${command} is not on PATH` };
    describe(`${subject} in ${name}`, () => {
      tests({ program: program ?? command, words }, (behaviour, check) =>
        testWith([need], behaviour, check),
      );
    });
  }
}

function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(existsSync);
}

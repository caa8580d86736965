import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');

test('README explains every code that a message may have, and no other', () => {
  const codes = read('src/domain/problem.ts').matchAll(/^ {2}\| '([A-Z_]+)'/gm);
  const table = read('README.md').split('| code | what it means |')[1]?.split('\n\n')[0] ?? '';
  const explained = [...table.matchAll(/`([A-Z_]{3,}[A-Z])`/g)].map(([, code]) => code);
  expect(explained.sort()).toEqual([...codes].map(([, code]) => code).sort());
});

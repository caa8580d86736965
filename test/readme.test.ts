import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');

test('the troubleshooting page explains every code that a message may have, and no other', () => {
  const ofPrograms = read('src/problem.ts').matchAll(/^ {2}\| '([A-Z_\d]+)'/gm);
  const ofInstallation = ['install.sh', 'private-node.sh']
    .map((script) => read(`features/registry-auth/${script}`))
    .flatMap((script) => [...script.matchAll(/\b(?:die|complain) ([A-Z_]+)/g)]);
  const codes = new Set([...ofPrograms, ...ofInstallation].map(([, code]) => code));
  const rows = read('docs/troubleshooting.md').matchAll(/^\| (`[A-Z_\d`, ]+`) \|/gm);
  const explained = [...rows].flatMap(([, cell = '']) => cell.match(/[A-Z_\d]{3,}/g) ?? []);
  expect(explained.sort()).toEqual([...codes].sort());
});

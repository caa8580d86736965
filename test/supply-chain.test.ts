import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const read = (path: string) => readFileSync(join(__dirname, '..', path), 'utf8');

type Package = { readonly integrity?: string; readonly resolved?: string };

test('npm checks every package that it installs, on whatever platform, and from any registry', () => {
  const packages: Record<string, Package> = JSON.parse(read('package-lock.json')).packages;
  const { '': _, ...installed } = packages;
  const wrong = Object.entries(installed).filter(
    ([, { integrity = '', resolved }]) =>
      !integrity.startsWith('sha512-') || resolved !== undefined,
  );
  expect(wrong.map(([path]) => path)).toEqual([]);
});

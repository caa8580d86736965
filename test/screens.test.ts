import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { testWith } from './support/needs.ts';
import { scratchHome } from './support/process.ts';
import { runNode, whyNot } from './support/run.ts';

jest.setTimeout(60_000);

const NEEDS = [{ missing: whyNot('script', ['--version']) }];
const NAMES = ['log', 'status', 'check'];

/** What a picture says; the registry that answers first comes first. */
const textsOf = (folder: string, name: string) =>
  (readFileSync(join(folder, `${name}.svg`), 'utf8').match(/>[^<>\n]+</g) ?? []).sort();

testWith(NEEDS, 'the pictures of a terminal show what our programs print today', async () => {
  const folder = join(scratchHome(), 'images');
  mkdirSync(folder);
  await runNode('scripts/run.js', ['test/demo/screens.ts', folder], { timeoutMs: 60_000 });
  const drawn = NAMES.map((name) => [name, textsOf(folder, name)]);
  expect(drawn.flat(2).length).toBeGreaterThan(20);
  expect(NAMES.map((name) => [name, textsOf('docs/images', name)])).toEqual(drawn);
});

import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { BUILT } from '../support/built.ts';
import { BUILT_ACTION } from '../support/job.ts';
import { expectNoSecret, scratchHome } from '../support/process.ts';
import { runNode } from '../support/run.ts';
import { triple } from '../support/triples.ts';

jest.setTimeout(60_000);

/** The digest of every file below a folder, by its path. */
function digestsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.cache'));
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const pairs = paths.map((path) => [
    path.slice(folder.length + 1),
    createHash('sha256').update(readFileSync(path)).digest('hex'),
  ]);
  return Object.fromEntries(pairs);
}

/** What the build reads, with the packages that are installed here. */
const NEEDED = [
  'src',
  'scripts',
  'features',
  'devcontainer-feature.json',
  'LICENSE',
  'package.json',
  'tsconfig.json',
  'action.yml',
];

async function buildIn(folder: string, env: Record<string, string> = {}): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const name of NEEDED) cpSync(name, join(folder, name), { recursive: true });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const finished = await runNode('scripts/build.js', [], { cwd: folder, env, timeoutMs: 50_000 });
  expect(finished).toEqual({ status: 0, stdout: '', stderr: '' });
  return join(folder, 'dist/registry-auth');
}

const SECRET = 'canary-of-whoever-builds';

describe('the same sources', () => {
  let here: Record<string, string>;
  beforeAll(() => {
    here = digestsOf(BUILT);
  });

  test('become the same bytes in whatever folder they are built', async () => {
    expect(Object.keys(here).length).toBeGreaterThan(12);
    const folder = join(scratchHome(), 'a/folder/far deeper');
    expect(digestsOf(await buildIn(folder))).toEqual(here);
    expect(digestsOf(join(folder, 'build/action'))).toEqual(digestsOf(BUILT_ACTION));
  });

  test('and whoever builds them, at whatever time, in whatever language, with whatever secrets', async () => {
    const env = {
      ...triple('ACME', 'reg.example.com', 'ada', SECRET),
      ...{ GITHUB_TOKEN: SECRET, NODE_ENV: 'production', LANG: 'tr_TR.UTF-8', TZ: 'Asia/Kolkata' },
    };
    const built = await buildIn(scratchHome(), env);
    expect(digestsOf(built)).toEqual(here);
    expectNoSecret({ folder: built }, [SECRET]);
  });
});

describe('the Feature carries the licence', () => {
  const text = readFileSync(join(BUILT, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const parts = text.split(`\n${'-'.repeat(78)}\n\n`);

  test('of its own', () => {
    expect(readFileSync(join(BUILT, 'LICENSE'), 'utf8')).toBe(readFileSync('LICENSE', 'utf8'));
  });

  test('of every package that a bundle holds a part of, in that version, word by word', () => {
    const metas = readdirSync('build/meta').map((name) => join('build/meta', name));
    const paths = metas.flatMap((path) =>
      Object.keys(JSON.parse(readFileSync(path, 'utf8')).inputs),
    );
    const folders = new Set(
      paths.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []),
    );
    expect(folders.size).toBeGreaterThan(8);
    for (const folder of folders) {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const part = parts.find((one) => one.split('\n').includes(`${name} ${version}`)) ?? '';
      const file = readdirSync(folder).find((one) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(one));
      expect([name, file]).toEqual([name, expect.any(String)]);
      expect(part).toContain(readFileSync(join(folder, `${file}`), 'utf8').trim());
    }
  });

  test('and each of them lets us pass it on', () => {
    const kinds = parts.map(
      (part) => /Apache License|MIT License|Permission is hereby|BSD/.exec(part)?.[0],
    );
    expect(kinds.filter((kind) => kind === undefined)).toEqual([]);
    for (const part of parts) expect(part).not.toContain('see the other packages');
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { BUILT } from '../support/built.ts';
import { FEATURE } from '../support/feature-schema.ts';
import { scratchHome } from '../support/process.ts';
import { runNode } from '../support/run.ts';

// npm takes seconds on a machine that is busy.
jest.setTimeout(60_000);

const readManifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'devcontainer-feature.json'), 'utf8'));

test('a release also has the Feature for builds without ghcr.io, and that differs in nothing else', async () => {
  const collection = scratchHome();
  const staged = await runNode('scripts/stage-collection.js', [collection]);
  expect(staged).toMatchObject({ status: 0, stderr: '' });
  const folder = join(collection, 'src', 'registry-auth-standalone');
  const { installsAfter, id, name, ...rest } = readManifest(BUILT);
  const manifest = readManifest(folder);
  expect(installsAfter).toHaveLength(1);
  expect(FEATURE.safeParse(manifest).success).toBe(true);
  expect(manifest).toEqual({ ...rest, id: `${id}-standalone`, name: `${name}, standalone` });
  expect(readdirSync(folder).sort()).toEqual(readdirSync(BUILT).sort());
});

test('the SBOM names every package that a bundle holds a part of, with its version', async () => {
  const { stdout } = await runNode('scripts/sbom.js', [], { timeoutMs: 60_000 });
  const { packages, creationInfo } = JSON.parse(stdout);
  const listed = packages.map((one: { name: string; versionInfo: string }) =>
    [one.name, one.versionInfo].join('@'),
  );
  expect(creationInfo.creators).toEqual([expect.stringMatching(/^Tool: npm\/cli-/)]);
  const inputs = readdirSync('build/meta').flatMap((file) =>
    Object.keys(JSON.parse(readFileSync(join('build/meta', file), 'utf8')).inputs),
  );
  const folders = inputs.flatMap(
    (path) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
  );
  const bundled = [...new Set(folders)].map((one) => {
    const { name, version } = JSON.parse(readFileSync(join(one, 'package.json'), 'utf8'));
    return `${name}@${version}`;
  });
  expect(bundled.length).toBeGreaterThan(10);
  expect(bundled.filter((one) => !listed.includes(one))).toEqual([]);
});

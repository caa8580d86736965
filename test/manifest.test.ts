import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
// biome-ignore lint/style/noRestrictedImports: zod/mini cannot read a JSON schema
import { fromJSONSchema } from 'zod';
import { BUILT } from './support/built.ts';
import { FEATURE } from './support/feature-schema.ts';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

const SOURCE = read('devcontainer-feature.json');
const MANIFEST = read(join(BUILT, 'devcontainer-feature.json'));

/** Manifests of which each differs from ours in one thing, and whether it may. */
const OTHERS: [what: string, manifest: object, allowed: boolean][] = [
  ['ours', MANIFEST, true],
  ['with an unknown member', { ...MANIFEST, documentationUrl: '' }, false],
  ['with secrets', { ...MANIFEST, secrets: {} }, false],
  ['with remoteEnv', { ...MANIFEST, remoteEnv: {} }, false],
  ['without an id', { ...MANIFEST, id: undefined }, false],
  ['without a version', { ...MANIFEST, version: undefined }, false],
  ['with a number for a version', { ...MANIFEST, version: 1 }, false],
  ['with keywords in one text', { ...MANIFEST, keywords: 'a, b' }, false],
  ['with a URL that is no text', { ...MANIFEST, licenseURL: null }, false],
  ['with installsAfter by name', { ...MANIFEST, installsAfter: { node: {} } }, false],
  ['with dependsOn', { ...MANIFEST, dependsOn: { node: { version: '24' } } }, true],
  ['with dependsOn as a list', { ...MANIFEST, dependsOn: ['node'] }, false],
  ['with a command in words', { ...MANIFEST, onCreateCommand: ['a', 'b'] }, true],
  ['with commands side by side', { ...MANIFEST, onCreateCommand: { a: 'b', c: ['d'] } }, true],
  ['with a number for a command', { ...MANIFEST, postStartCommand: 1 }, false],
  ['with a number among the words', { ...MANIFEST, postStartCommand: ['a', 1] }, false],
  ['with a command for the host', { ...MANIFEST, initializeCommand: 'a' }, false],
  ['with a volume', { ...MANIFEST, mounts: [{ type: 'volume', target: '/a' }] }, true],
  ['with a mount in words', { ...MANIFEST, mounts: ['type=volume,target=/a'] }, false],
  ['with a mount of no kind', { ...MANIFEST, mounts: [{ target: '/a' }] }, false],
  ['with an environment', { ...MANIFEST, containerEnv: { A: 'b' } }, true],
  ['with a number in the environment', { ...MANIFEST, containerEnv: { A: 1 } }, false],
  ['with proposals', withOption({ type: 'string', default: '', proposals: ['a'] }), true],
  ['with an option without a default', withOption({ type: 'string' }), false],
  ['with an option of no type', withOption({ default: '' }), false],
  ['with a number for an option', withOption({ type: 'number', default: 1 }), false],
  ['with true as a text', withOption({ type: 'boolean', default: 'true' }), false],
  ['with values for a boolean', withOption({ type: 'boolean', default: true, enum: [] }), false],
  ['with enum and proposals', withOption({ ...text(), enum: ['a'], proposals: ['a'] }), false],
];

function text() {
  return { type: 'string', default: 'a' };
}

function withOption(option: object): object {
  return { ...MANIFEST, options: { ...MANIFEST.options, another: option } };
}

test.each(OTHERS)('by the specification, a manifest %s', (_, manifest, allowed) => {
  expect(FEATURE.safeParse(JSON.parse(JSON.stringify(manifest))).success).toBe(allowed);
});

/** A copy of the published schema. No package has one; the workflow `check` brings it. */
const { FEATURE_SCHEMA } = process.env;
if (FEATURE_SCHEMA)
  test('the published schema allows the same', () => {
    const schema = fromJSONSchema(read(FEATURE_SCHEMA));
    const judged = OTHERS.map(([what, manifest]) => {
      const { success } = schema.safeParse(JSON.parse(JSON.stringify(manifest)));
      return [what, success];
    });
    expect(judged).toEqual(OTHERS.map(([what, , allowed]) => [what, allowed]));
  });

test('the workflow brings the published schema, by its digest', () => {
  const workflow = readFileSync('.github/workflows/check.yml', 'utf8');
  expect(workflow).toMatch(/repository: devcontainers\/spec\n\s+ref: [0-9a-f]{40}\n/);
  expect(workflow).toContain('FEATURE_SCHEMA: ');
});

test('what is built is the manifest, and where to read more of the repository in package.json', () => {
  const { repository } = read('package.json');
  const [, name] = /^github:([\w.-]+\/[\w.-]+)$/.exec(repository) ?? [];
  expect(MANIFEST).toEqual({
    ...SOURCE,
    documentationURL: `https://github.com/${name}#readme`,
    licenseURL: `https://github.com/${name}/blob/main/LICENSE`,
  });
});

test('no text of the manifest has what a page would take for a tag', () => {
  const options = Object.values<{ description: string }>(SOURCE.options);
  const texts = [SOURCE.name, SOURCE.description, ...options.map((one) => one.description)];
  expect(texts.filter((one) => /[<>|]/.test(one))).toEqual([]);
});

test('a build asks for one other Feature: each name costs a request, also offline', () => {
  expect(SOURCE.installsAfter).toEqual(['ghcr.io/devcontainers/features/node']);
});

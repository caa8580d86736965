import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { LIB, packedSize } from './support/built.ts';
import { runNode } from './support/run.ts';

const ROOT = join(__dirname, '..');

/** The packages in a bundle, and the folders of src it reaches, from esbuild's metafile. */
function inputsOf(name: string): { packages: string[]; sources: string[] } {
  const { inputs } = JSON.parse(readFileSync(join(ROOT, 'build/meta', `${name}.json`), 'utf8'));
  const paths = Object.keys(inputs);
  const packages = paths.flatMap(
    (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
  );
  return {
    packages: [...new Set(packages)].sort(),
    sources: paths.filter((path) => path.startsWith('src/')),
  };
}

function sizeOf(name: string): number {
  return statSync(join(LIB, `${name}.cjs`)).size;
}

test('the helper holds no validator, no reports and nothing of AWS: docker starts it for every pull', () => {
  const { packages, sources } = inputsOf('docker-credential-registry-auth');
  expect(packages).toEqual(['dotenv']);
  expect(
    sources.filter((path) =>
      /src\/report|commands\/(?!credential)|ecr-exchange|options/.test(path),
    ),
  ).toEqual([]);
  expect(sizeOf('docker-credential-registry-auth')).toBeLessThanOrEqual(40_000);
});

test('the commands hold no part of AWS', () => {
  const { packages, sources } = inputsOf('registry-auth');
  expect(packages).toEqual(['dotenv', 'zod']);
  expect(sources).not.toContain('src/io/ecr-exchange.ts');
  expect(sizeOf('registry-auth')).toBeLessThanOrEqual(100_000);
});

test("the exchange holds AWS's SDK without its own ways to find credentials", () => {
  const { packages, sources } = inputsOf('ecr');
  expect(
    packages.filter(
      (name) => !/^@(?:aws-sdk|smithy|aws-crypto|aws)\/|^tslib$|^bowser$|xml/.test(name),
    ),
  ).toEqual([]);
  expect(packages.filter((name) => name.startsWith('@aws-sdk/credential-provider'))).toEqual([]);
  expect(sources).toContain('src/io/no-default-credentials.ts');
});

test('the domain imports nothing but itself, node:crypto and pure libraries', () => {
  const { inputs } = JSON.parse(readFileSync(join(ROOT, 'build/meta/registry-auth.json'), 'utf8'));
  const imported = Object.entries<{ imports: { path: string }[] }>(inputs)
    .filter(([path]) => path.startsWith('src/domain/'))
    .flatMap(([, { imports }]) => imports.map(({ path }) => path));
  const strange = imported.filter(
    (path) => !/^src\/domain\/|^node:crypto$|node_modules\/zod\//.test(path),
  );
  expect(strange).toEqual([]);
});

test('imports point downwards only', () => {
  const order = ['bin', 'commands', 'report', 'io', 'domain'];
  const strange = ['registry-auth', 'docker-credential-registry-auth'].flatMap((name) => {
    const { inputs } = JSON.parse(readFileSync(join(ROOT, 'build/meta', `${name}.json`), 'utf8'));
    return Object.entries<{ imports: { path: string }[] }>(inputs).flatMap(([from, { imports }]) =>
      imports
        .filter(({ path }) => layer(path) >= 0 && layer(from) > layer(path))
        .map(({ path }) => `${from} → ${path}`),
    );
  });
  expect(strange).toEqual([]);

  function layer(path: string): number {
    return order.indexOf(/^src\/([^/]+)\//.exec(path)?.[1] ?? '');
  }
});

test('the packed Feature stays small', () => {
  expect(packedSize()).toBeLessThanOrEqual(260_000);
});

test('one version, everywhere', async () => {
  const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
  const { id, version } = read('devcontainer-feature.json');
  const { name, version: packaged } = read('package.json');
  expect([name, packaged, read('package-lock.json').version]).toEqual([id, version, version]);
  const helper = await runNode(join(LIB, 'docker-credential-registry-auth.cjs'), ['version']);
  expect(helper.stdout).toBe(`docker-credential-registry-auth (registry-auth) ${version}\n`);
});

import { readdirSync, readFileSync, statSync } from 'node:fs';
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
  expect(packages).toEqual([]);
  expect(
    sources.filter((path) =>
      /src\/report\/(?!wire)|commands\/(?!credential|our-reply)|ecr-exchange|feature\/configure/.test(
        path,
      ),
    ),
  ).toEqual([]);
  expect(sizeOf('docker-credential-registry-auth')).toBeLessThanOrEqual(40_000);
});

test('the commands hold no part of AWS', () => {
  const { packages, sources } = inputsOf('registry-auth');
  expect(packages).toEqual(['zod']);
  expect(inputsOf('dotenv').packages).toEqual(['dotenv']);
  expect(sources).not.toContain('src/io/ecr-exchange.ts');
  expect(sizeOf('registry-auth')).toBeLessThanOrEqual(100_000);
});

test('what only a person asks for is in no bundle that a hook or a pull loads', () => {
  const asked =
    /^src\/(?:bin\/inspect|commands\/(?:status|check|export)|report\/(?:status|check))\.ts$/;
  for (const name of ['registry-auth', 'docker-credential-registry-auth', 'login'])
    expect([name, inputsOf(name).sources.filter((path) => asked.test(path))]).toEqual([name, []]);
  expect(inputsOf('inspect').packages).toEqual([]);
  expect(sizeOf('inspect')).toBeLessThanOrEqual(100_000);
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

/** What each file of src imports, types too, which no bundle shows. */
const IMPORTS = new Map(
  readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(ROOT, 'src', path), 'utf8');
      const named = [...text.matchAll(/(?:from|import\() ?'([^']+)'/g)].map(
        ([, name = '']) => name,
      );
      return [path, named.map((name) => (name.startsWith('.') ? join(path, '..', name) : name))];
    }),
);

/** The first layer may import every later one, and none an earlier one. */
function findUpward(layers: readonly RegExp[]): string[] {
  const layerOf = (path: string) => layers.findIndex((layer) => layer.test(path));
  return [...IMPORTS].flatMap(([from, names]) =>
    names
      .filter((name) => layerOf(from) >= 0 && layerOf(name) >= 0 && layerOf(from) > layerOf(name))
      .map((name) => `${from} → ${name}`),
  );
}

test('the domain imports nothing but itself, node:crypto and pure libraries', () => {
  const strange = [...IMPORTS]
    .filter(([path]) => path.startsWith('domain/'))
    .flatMap(([, names]) => names)
    .filter((name) => !/^domain\/|^node:crypto$|^zod\/mini$/.test(name));
  expect(strange).toEqual([]);
});

test('imports point downwards only, from the entries to the domain', () => {
  expect(findUpward([/^bin\//, /^commands\//, /^report\//, /^io\//, /^domain\//])).toEqual([]);
});

test('and so they do between the folders of the domain', () => {
  const order = ['tell', 'decide', 'clients', 'registries', 'ecr', 'triples', 'config'];
  const folders = order.map((name) => new RegExp(`^domain/${name}/`));
  expect(findUpward([...folders, /^domain\/problem\.ts$/])).toEqual([]);
  // What the Feature was told has nothing to do with any of them.
  const feature = [...IMPORTS].filter(([path]) => path.startsWith('domain/feature/'));
  const strange = feature.flatMap(([, names]) =>
    names.filter((name) => name.startsWith('domain/')),
  );
  expect(strange.filter((name) => !/^domain\/(?:feature\/|problem\.ts$)/.test(name))).toEqual([]);
});

test('no file imports itself, by whatever way round', () => {
  const circles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' → '));
    if (way.includes(path) || done.has(path)) return;
    for (const name of IMPORTS.get(path) ?? []) visit(name, [...way, path]);
    done.add(path);
  };
  for (const path of IMPORTS.keys()) visit(path, []);
  expect(circles).toEqual([]);
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

test('the process is known to its entries alone', () => {
  const others = [...IMPORTS.keys()].filter((path) => !path.startsWith('bin/'));
  expect(others.length).toBeGreaterThan(50);
  const text = (path: string) => readFileSync(join(ROOT, 'src', path), 'utf8');
  expect(others.filter((path) => /\bprocess\.\w/.test(text(path)))).toEqual([]);
});

test('files are read by the bounded reader alone: any may be endless, or a pipe', () => {
  const readers = [...IMPORTS.keys()].filter((path) =>
    /\b(?:readFile|readFileSync|createReadStream|readSync)\b/.test(
      readFileSync(join(ROOT, 'src', path), 'utf8'),
    ),
  );
  expect(readers.sort()).toEqual([
    // Standard input, whose writer is the client.
    'bin/docker-credential-registry-auth.ts',
    // Our own bundles.
    'bin/start.ts',
    'io/bounded-read.ts',
  ]);
});

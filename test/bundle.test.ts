import { randomBytes } from 'node:crypto';
import { appendFileSync, cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { PROVIDERS } from '../src/providers/find.ts';
import { LIB } from './support/built.ts';
import { scratchHome } from './support/process.ts';
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

describe('budgets', () => {
  const BUDGETS = join(ROOT, 'scripts/budgets.js');
  const LOGIN = 'dist/registry-auth/lib/login.cjs';
  const META = 'build/meta/registry-auth.json';
  let folder: string;
  beforeAll(() => {
    folder = scratchHome();
    for (const name of ['dist', 'build/meta', 'build/action'])
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  });

  test('hold for what is built, and so let npm run check pass', async () => {
    const finished = await runNode(BUDGETS, [], { cwd: folder });
    expect(finished).toMatchObject({ status: 0, stderr: '' });
    expect(finished.stdout).toMatch(/^packed: \d+ of \d+ bytes$/m);
    const { check } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts;
    expect(check).toMatch(/npm run build && node scripts\/budgets\.js$/);
  });

  test('fail it where a bundle, or all together, weighs too much, or holds what it may not', async () => {
    appendFileSync(join(folder, LOGIN), randomBytes(300_000));
    const meta = JSON.parse(readFileSync(join(folder, META), 'utf8'));
    meta.inputs['../node_modules/@acme/left/pad.js'] = {};
    writeFileSync(join(folder, META), JSON.stringify(meta));
    writeFileSync(join(folder, 'dist/registry-auth/lib/new.cjs'), '');
    const { status, stderr } = await runNode(BUDGETS, [], { cwd: folder });
    expect([status, stderr.split('\n')]).toEqual([
      1,
      [
        'registry-auth: may not hold @acme/left',
        expect.stringMatching(/^login: 3\d{5} bytes, and may have \d+$/),
        'new: has no budget in scripts/budgets.js',
        expect.stringMatching(/^packed: \d{6} bytes, and may have \d+$/),
        '',
      ],
    ]);
  });
});

test('the helper holds no validator, no reports and nothing of AWS: docker starts it for every pull', () => {
  const { sources } = inputsOf('docker-credential-registry-auth');
  expect(
    sources.filter((path) =>
      /src\/report\/(?!notices)|commands\/(?!credential-helper)|ecr\/sdk|feature\/configure/.test(
        path,
      ),
    ),
  ).toEqual([]);
});

test('the commands hold no part of AWS', () => {
  const { sources } = inputsOf('registry-auth');
  expect(sources).not.toContain('src/providers/ecr/sdk.ts');
});

test('what only a person asks for is in no bundle that a hook or a pull loads', () => {
  const asked =
    /^src\/(?:bin\/(?:inspect|check)|commands\/(?:status|check|sent|export)|report\/(?:status|check)|check\/.*|registry-client\/.*|io\/helper-client)\.ts$/;
  for (const name of ['registry-auth', 'docker-credential-registry-auth', 'login'])
    expect([name, inputsOf(name).sources.filter((path) => asked.test(path))]).toEqual([name, []]);
  expect(inputsOf('check').sources).toContain('src/registry-client/http.ts');
});

test('what a provider advises is in the bundle of check alone, though it is a part of each', () => {
  const texts = PROVIDERS.flatMap(({ advice }) => Object.values(advice ?? {}));
  const pieces = texts.flatMap((words) =>
    typeof words === 'string'
      ? words
      : [...`${words}`.matchAll(/'([^'\n]{30,})'/g)].map(([, text = '']) => text),
  );
  expect(pieces.length).toBeGreaterThan(20);
  const holders = readdirSync(LIB).filter((name) => {
    const bundle = readFileSync(join(LIB, name), 'utf8');
    return pieces.some((text) => bundle.includes(text));
  });
  expect(holders).toEqual(['check.cjs']);
});

test("the exchange holds AWS's SDK without its own ways to find credentials", () => {
  const { packages, sources } = inputsOf('ecr');
  expect(packages.filter((name) => name.startsWith('@aws-sdk/credential-provider'))).toEqual([]);
  expect(sources).toContain('src/providers/ecr/no-default-credentials.ts');
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
function findUpward(layers: readonly Pick<RegExp, 'test'>[]): string[] {
  const layerOf = (path: string) => layers.findIndex((layer) => layer.test(path));
  return [...IMPORTS].flatMap(([from, names]) =>
    names
      .filter((name) => layerOf(from) >= 0 && layerOf(name) >= 0 && layerOf(from) > layerOf(name))
      .map((name) => `${from} → ${name}`),
  );
}

/** What reads and writes files, or waits for what does. */
const DISK =
  /^(?:io\/|(?:dockerconfig\/(?:file|lock|replace)|registry-client\/http|secrets\/sources|providers\/(?:on-demand\/\w+|ecr\/sdk))\.ts$)/;
/** What only computes. */
const FOLDERS =
  /^(?:(?:action|check|feature|secrets|registries|providers|reconcile|registry-client|resolve|report|dockerconfig)\/|(?:problem|json|nearest|plain|attempt)\.ts$)/;
const PURE = { test: (path: string) => FOLDERS.test(path) && !DISK.test(path) };

test('what only computes imports nothing but itself, node:crypto and pure libraries', () => {
  const strange = [...IMPORTS]
    .filter(([path]) => PURE.test(path))
    .flatMap(([, names]) => names)
    .filter(
      (name) =>
        !PURE.test(name) &&
        !/^(?:node:crypto|zod\/mini|jsonc-parser|fastest-levenshtein|dotenv)$/.test(name),
    );
  expect(strange).toEqual([]);
});

test('imports point downwards only, from the entries to what only computes', () => {
  expect(findUpward([/^bin\//, /^commands\//, /^world\.ts$/, DISK, PURE])).toEqual([]);
});

test('and so they do between the folders of what only computes', () => {
  const order = [
    /^report\//,
    /^check\//,
    /^registry-client\/(?!http)/,
    /^registries\/discover\.ts$/,
    /^(?:reconcile|resolve)\//,
    /^providers\//,
    /^registries\//,
    /^dockerconfig\/(?!(?:file|lock|replace)\.ts$)/,
    /^secrets\/(?!sources\.ts$)/,
    /^(?:problem|json|nearest|plain|attempt)\.ts$/,
  ];
  expect(findUpward(order)).toEqual([]);
  // What the Feature was told has nothing to do with any of them.
  const feature = [...IMPORTS].filter(([path]) => path.startsWith('feature/'));
  const strange = feature.flatMap(([, names]) => names.filter((name) => FOLDERS.test(name)));
  expect(
    strange.filter(
      (name) => !/^(?:feature\/|(?:problem|json|nearest|plain|attempt)\.ts$)/.test(name),
    ),
  ).toEqual([]);
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

test('no bundle can start a program, which could get every secret, but check and run', () => {
  const starters = readdirSync(LIB).filter((name) =>
    /child_process|worker_threads|node:cluster/.test(readFileSync(join(LIB, name), 'utf8')),
  );
  // For the helpers of others, and for the commands of triples.
  expect(starters).toEqual(['check.cjs', 'run.cjs']);
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
    // Our own bundles.
    'bin/start.ts',
    'io/files/bounded-read.ts',
    // Standard input, whose writer is the client.
    'io/files/input.ts',
  ]);
});

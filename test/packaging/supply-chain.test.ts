import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { safeLoad } from 'js-yaml';
import * as z from 'zod/mini';
import { scratchHome } from '../support/process.ts';
import { run, runOrThrow } from '../support/run.ts';
import { type Job, readWorkflow } from '../support/workflow.ts';

// npm takes seconds on a machine that is busy.
jest.setTimeout(60_000);

const UPDATES = z.object({
  updates: z.array(
    z.object({
      'package-ecosystem': z.string(),
      directory: z.string(),
      schedule: z.unknown(),
      cooldown: z.unknown(),
    }),
  ),
});

const read = (path: string) => readFileSync(join(__dirname, '../..', path), 'utf8');

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

describe('npm ci', () => {
  const install = (folder: string) => {
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--offline'];
    // Of this user's settings none counts, and nobody is asked: what it says, it knows by itself.
    const env = { npm_config_userconfig: '/dev/null', npm_config_cache: join(folder, 'cache') };
    return run('npm', ['ci', ...options], { cwd: folder, env, home: folder, timeoutMs: 60_000 });
  };
  const project = (change: (manifest: Record<string, Record<string, string>>) => void) => {
    const manifest = JSON.parse(read('package.json'));
    change(manifest);
    return scratchHome({
      'package.json': JSON.stringify(manifest),
      'package-lock.json': read('package-lock.json'),
      'extra/package.json': '{"name":"extra","version":"1.0.0"}',
    });
  };

  test('refuses a package that the lock does not have, and installs nothing', async () => {
    const folder = project(({ devDependencies }) => {
      if (devDependencies) devDependencies.extra = 'file:extra';
    });
    const { status, stderr } = await install(folder);
    expect([status, stderr]).toEqual([1, expect.stringContaining('Missing: extra@')]);
    expect(readdirSync(folder)).not.toContain('node_modules');
  });

  test.each([
    { name: 'of other bytes than the lock says', isRight: false },
    { name: 'of the very bytes', isRight: true },
  ])('takes a package $name: $isRight', async ({ isRight }) => {
    const dependencies = { extra: 'file:extra.tgz' };
    const folder = scratchHome({
      'package.json': JSON.stringify({ name: 'project', version: '1.0.0', dependencies }),
      '.npmrc': read('.npmrc'),
      'package/package.json': '{"name":"extra","version":"1.0.0"}',
    });
    await runOrThrow('tar', ['-czf', 'extra.tgz', 'package'], { cwd: folder });
    const bytes = readFileSync(join(folder, 'extra.tgz'));
    const sum = createHash('sha512')
      .update(isRight ? bytes : 'others')
      .digest('base64');
    const extra = { version: '1.0.0', resolved: 'file:extra.tgz', integrity: `sha512-${sum}` };
    const root = { name: 'project', version: '1.0.0' };
    const packages = { '': { ...root, dependencies }, 'node_modules/extra': extra };
    const lock = JSON.stringify({ ...root, lockfileVersion: 3, requires: true, packages });
    writeFileSync(join(folder, 'package-lock.json'), lock);
    const { status, stderr } = await install(folder);
    expect([status === 0, /EINTEGRITY/.test(stderr)]).toEqual([isRight, !isRight]);
  });
});

test('everything is installed by the lock, but for the old Node that a test refuses', () => {
  const texts = [...WORKFLOWS.map((one) => `.github/workflows/${one}`), '.ci/run'].map(read);
  const others = texts.flatMap(
    (text) =>
      text.match(/(?:npm (?:install|i|update|exec)|npx (?!--no-install)|yarn|pnpm) .*/g) ?? [],
  );
  expect(others).toEqual([
    'npm install --ignore-scripts --no-save --no-audit --no-fund --prefix "$old" \\',
  ]);
});

const WORKFLOWS = readdirSync(join(__dirname, '../..', '.github/workflows'));
const RELEASE = readWorkflow('release.yml').jobs;

const commandsOf = (job?: Job) => job?.steps.flatMap(({ run = [] }) => run);
const actionsOf = (job?: Job) => job?.steps.flatMap(({ uses = [] }) => uses);

test('a job may read, and only one may publish, one sign, and one set tags', () => {
  const all = WORKFLOWS.map((workflow) => {
    expect(read(`.github/workflows/${workflow}`)).toMatch(/^permissions: \{\}$/m);
    const jobs = Object.entries(readWorkflow(workflow).jobs);
    return [workflow, Object.fromEntries(jobs.map(([name, job]) => [name, job.permissions]))];
  });
  const reads = { contents: 'read' };
  expect(Object.fromEntries(all)).toEqual({
    'check.yml': { test: reads, images: reads, action: reads, everything: reads },
    'nightly.yml': { fuzz: reads, walks: reads, advisories: reads, faults: reads },
    'release.yml': {
      tag: reads,
      check: reads,
      build: reads,
      publish: { contents: 'read', packages: 'write' },
      answer: reads,
      provenance: { 'id-token': 'write', attestations: 'write' },
      release: { contents: 'write' },
    },
  });
});

test('the job that publishes runs nothing of this repository', () => {
  expect(commandsOf(RELEASE.publish)).toEqual([
    'npm ci --ignore-scripts',
    'mkdir feature && tar -xf artefact/dist.tar -C feature',
    'npx --no-install devcontainer features publish --registry "$REGISTRY" --namespace "$GITHUB_REPOSITORY" feature/src >answer.json',
    'echo "json=$(cat answer.json)" >>"$GITHUB_OUTPUT"',
  ]);
  const [checkout] = RELEASE.publish?.steps ?? [];
  expect(checkout?.with['sparse-checkout']).toBe('package.json\npackage-lock.json\n');
});

test('the job that signs runs nothing but the actions that do, and get what is signed', () => {
  const names = actionsOf(RELEASE.provenance)?.map((action) => action.split('@')[0]);
  expect([commandsOf(RELEASE.provenance), names]).toEqual([
    [],
    [
      ...Array(2).fill('actions/attest-build-provenance'),
      'actions/download-artifact',
      'actions/attest-build-provenance',
    ],
  ]);
});

test('the job that sets tags runs nothing of this repository', () => {
  const programs = commandsOf(RELEASE.release)?.flatMap((text) =>
    text
      .split('\n')
      .flatMap((line) => /^(?!version=|export |GIT_\w+=)\W*(\S+)/.exec(line)?.[1] ?? []),
  );
  expect([...new Set(programs)].sort()).toEqual(['cd', 'commit=$(git', 'gh', 'git', 'mkdir']);
});

test('a secret is in the two steps alone that write', () => {
  const texts = WORKFLOWS.flatMap(
    (one) => read(`.github/workflows/${one}`).match(/secrets\.\w+/g) ?? [],
  );
  expect(texts).toEqual(['secrets.GITHUB_TOKEN', 'secrets.GITHUB_TOKEN']);
  const steps = [RELEASE.publish, RELEASE.release].map((job) =>
    job?.steps.filter(({ env }) => env.GITHUB_TOKEN ?? env.GH_TOKEN),
  );
  expect(steps.flat().map((step) => step?.run?.split(' ').slice(0, 5).join(' '))).toEqual([
    'npx --no-install devcontainer features publish',
    expect.stringMatching(/^gh release create /),
  ]);
});

test('what is released has the tag of its version, is on main and passes every check', () => {
  const order = Object.entries(RELEASE).map(([name, { needs }]) => [needs, name]);
  expect(order).toEqual([
    [undefined, 'tag'],
    ['tag', 'check'],
    ['check', 'build'],
    ['build', 'publish'],
    ['publish', 'answer'],
    ['answer', 'provenance'],
    ['provenance', 'release'],
  ]);
  expect(commandsOf(RELEASE.tag)).toEqual(['node scripts/check-release.js']);
  expect(RELEASE.tag?.steps[0]?.with['fetch-depth']).toBe('0');
  expect(RELEASE.check?.uses).toBe('./.github/workflows/check.yml');
  expect(read('.github/workflows/check.yml')).toMatch(/^ {2}workflow_call:$/m);
});

test.each(WORKFLOWS)('%s takes every action by its digest', (workflow) => {
  const actions = [...read(`.github/workflows/${workflow}`).matchAll(/uses:(.*)/g)];
  expect(actions.length).toBeGreaterThan(0);
  // Of this commit, as all else here.
  const ours = [' ./.github/workflows/check.yml', ' ./build/action'];
  for (const [, action] of actions.filter(([, one = '']) => !ours.includes(one)))
    expect(action).toMatch(/^ [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('no package runs a script of its own while it is installed', () => {
  const texts = [...WORKFLOWS.map((one) => `.github/workflows/${one}`), '.ci/run'].map(read);
  const installs = texts.flatMap((text) => text.match(/npm (?:ci|install)(?: -.*)?$/gm) ?? []);
  expect(installs.length).toBeGreaterThan(2);
  for (const install of installs) expect(install).toContain('--ignore-scripts');
});

test('updates wait a week, for every manifest, and the lock stays as it is checked above', () => {
  const { updates } = UPDATES.parse(safeLoad(read('.github/dependabot.yml')));
  const inPrograms = { npm: 'node', gomod: 'go', pip: 'python', cargo: 'rust', maven: 'java' };
  const places = Object.entries(inPrograms).map(([one, folder]) => [
    one,
    `/test/programs/${folder}`,
  ]);
  expect(updates).toEqual(
    [['npm', '/'], ['github-actions', '/'], ...places].map(([ecosystem, directory]) => ({
      'package-ecosystem': ecosystem,
      directory,
      schedule: { interval: 'weekly' },
      cooldown: { 'default-days': 7 },
    })),
  );
  const folders = readdirSync(join(__dirname, '../programs'), { withFileTypes: true })
    .filter((one) => one.isDirectory() && one.name !== 'support')
    .map(({ name }) => name);
  expect(folders.sort()).toEqual(Object.values(inPrograms).sort());
  expect(read('.npmrc')).toBe('omit-lockfile-registry-resolved=true\n');
});

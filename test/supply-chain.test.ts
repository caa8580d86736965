import { readdirSync, readFileSync } from 'node:fs';
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

/** The text of each job of a workflow, by its name. */
function jobsOf(workflow: string): Record<string, string> {
  const [, jobs = ''] = read(`.github/workflows/${workflow}`).split(/^jobs:\n/m);
  const [, ...parts] = jobs.split(/^ {2}([\w-]+):\n/m);
  const names = parts.filter((_, index) => index % 2 === 0);
  return Object.fromEntries(names.map((name, index) => [name, parts[2 * index + 1] ?? '']));
}

/** What a job may do, as the workflow says it. */
function permissionsOf(job: string): string[] {
  const [, block = ''] = /^ {4}permissions:\n((?: {6}.*\n)+)/m.exec(job) ?? [];
  return block.trim().split(/\n\s*/);
}

const WORKFLOWS = readdirSync(join(__dirname, '..', '.github/workflows'));

test('a job may read, and only the one that publishes may write', () => {
  const all = WORKFLOWS.map((workflow) => {
    expect(read(`.github/workflows/${workflow}`)).toMatch(/^permissions: \{\}$/m);
    const jobs = Object.entries(jobsOf(workflow));
    return [workflow, Object.fromEntries(jobs.map(([name, job]) => [name, permissionsOf(job)]))];
  });
  expect(Object.fromEntries(all)).toEqual({
    'check.yml': { test: ['contents: read'], everything: ['contents: read'] },
    'release.yml': {
      build: ['contents: read'],
      publish: ['contents: read', 'packages: write'],
    },
  });
});

test('the job that publishes runs nothing of this repository', () => {
  const { build = '', publish = '' } = jobsOf('release.yml');
  const commands = [...publish.matchAll(/run: (.+)/g)].map(([, command]) => command);
  expect(commands).toEqual([
    'npm ci --ignore-scripts',
    'mkdir feature && tar -xf artefact/dist.tar -C feature',
    'npx --no-install devcontainer features publish --registry ghcr.io --namespace "$GITHUB_REPOSITORY" feature/dist',
  ]);
  expect(publish).toMatch(/^ {4}needs: build$/m);
  expect([build.includes('secrets.'), publish.match(/secrets\.\w+/g)]).toEqual([
    false,
    ['secrets.GITHUB_TOKEN'],
  ]);
});

test('what is released is on main, and has the version of its tag', () => {
  const { build = '' } = jobsOf('release.yml');
  expect(build).toContain('git merge-base --is-ancestor "$GITHUB_SHA" origin/main');
  expect(build).toContain('fetch-depth: 0');
  expect(build).toContain('test "$GITHUB_REF_NAME" = "v$(');
});

test.each(WORKFLOWS)('%s takes every action by its digest', (workflow) => {
  const actions = [...read(`.github/workflows/${workflow}`).matchAll(/uses:(.*)/g)];
  expect(actions.length).toBeGreaterThan(0);
  for (const [, action] of actions)
    expect(action).toMatch(/^ [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('no package runs a script of its own while it is installed', () => {
  const texts = [...WORKFLOWS.map((one) => `.github/workflows/${one}`), '.ci/run'].map(read);
  const installs = texts.flatMap((text) => text.match(/npm (?:ci|install)(?: -.*)?$/gm) ?? []);
  expect(installs.length).toBeGreaterThan(2);
  for (const install of installs) expect(install).toContain('--ignore-scripts');
});

import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, relative, resolve } from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import { safeLoad } from 'js-yaml';
import { BUILT, writeProgram } from '../support/built.ts';
import { stopDaemon } from '../support/daemon.ts';
import { DOCKER_REGISTRY, startDockerRegistry } from '../support/docker-registry.ts';
import { Job } from '../support/job.ts';
import { type Need, testWith } from '../support/needs.ts';
import { scratchHome } from '../support/process.ts';
import { type Finished, runNode, runOrThrow, whyNot } from '../support/run.ts';
import { type Action, Runner } from '../support/runner.ts';
import { readWorkflow } from '../support/workflow.ts';

// Several builds and publications.
jest.setTimeout(120_000);

const NAME = 'Octo-Org/Registry-Auth';
const { id: ID, version: VERSION } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));
const [MAJOR, MINOR] = VERSION.split('.');
const IDS = [ID, `${ID}-standalone`];
const TAGS = [MAJOR, `${MAJOR}.${MINOR}`, VERSION, 'latest'];
const TAG = `release/v${VERSION}`;
const ACTION_TAGS = [`v${MAJOR}`, `v${MAJOR}.${MINOR}`, `v${VERSION}`];
const PLACEHOLDER = ['OWNER', 'REPOSITORY'].join('/');
const LEFT_OUT = ['.git', 'node_modules', 'dist', 'build'];

const GIT: Need = { missing: whyNot('git', ['--version']) };
const NEEDS = [GIT, ...DOCKER_REGISTRY, { missing: whyNot('tar', ['--version']) }];

function git(cwd: string, ...args: string[]): Promise<Finished> {
  const somebody = ['-c', 'user.name=somebody', '-c', 'user.email=somebody@example.com'];
  return runOrThrow('git', [...somebody, ...args], { cwd, home: cwd });
}

/** This repository, its name said and its version's tag set, as if it were to be released. */
async function makeOrigin(): Promise<string> {
  const origin = join(scratchHome(), 'origin');
  const isKept = (path: string) =>
    !LEFT_OUT.includes(basename(path)) || dirname(path) !== resolve();
  cpSync(resolve(), origin, { recursive: true, filter: isKept });
  sayRepository(origin, NAME);
  for (const path of texts(origin))
    change(origin, path, (text) => text.replaceAll(PLACEHOLDER, NAME));
  lookForNode(origin, 0);
  change(origin, 'CHANGELOG.md', (text) =>
    text.replace('## Unreleased', `## ${VERSION} - 2026-11-24`),
  );
  await git(origin, 'init', '--quiet', '--initial-branch', 'main');
  await commit(origin);
  await git(origin, 'tag', TAG);
  return origin;
}

/** Writes down that a newer Node was looked for so many days ago. */
function lookForNode(folder: string, days: number): void {
  const day = new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  change(folder, 'features/registry-auth/node-runtime.txt', (text) =>
    text.replace(/\d{4}-\d\d-\d\d$/m, day),
  );
}

function sayRepository(folder: string, name: string): void {
  change(folder, 'package.json', (text) => text.replace(/"github:.*"/, `"github:${name}"`));
}

function texts(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths.filter((path) => path.endsWith('.md'));
}

async function commit(folder: string): Promise<void> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--no-gpg-sign', '--message', 'Release');
}

function change(folder: string, path: string, edit: (text: string) => string): void {
  writeFileSync(join(folder, path), edit(readFileSync(join(folder, path), 'utf8')));
}

/** `actions/checkout`: of the tag, and with `sparse-checkout` of these files alone. */
const checkOut =
  (origin: string): Action =>
  async (folder, { 'sparse-checkout': sparse }) => {
    const source = `${folder}.source`;
    await git(dirname(folder), 'clone', '--quiet', '--branch', TAG, origin, source);
    const files = sparse?.trim().split('\n') ?? readdirSync(source);
    for (const file of files) cpSync(join(source, file), join(folder, file), { recursive: true });
  };

/** What the jobs hand to each other, by GitHub's two actions for that. */
function artefacts(dir: string): Record<string, Action> {
  return {
    'actions/upload-artifact': (folder, { name, path }) => {
      for (const one of `${path}`.trim().split('\n'))
        cpSync(join(folder, one), join(dir, `${name}`, one));
    },
    'actions/download-artifact': (folder, { name, path }) =>
      cpSync(join(dir, `${name}`), join(folder, `${path}`), { recursive: true }),
  };
}

/**
 * A PATH whose npm takes what is installed here instead of installing it, and else is npm, and whose
 * gh keeps what it is told in a folder.
 */
async function pathWithPackages(releases: string): Promise<string> {
  const { stdout: npm } = await runOrThrow('sh', ['-c', 'command -v npm']);
  const bin = scratchHome();
  const link = `exec ln -s '${resolve('node_modules')}' node_modules`;
  writeProgram(
    join(bin, 'npm'),
    `#!/bin/sh\n[ "$*" != 'ci --ignore-scripts' ] || ${link}\nexec ${npm.trim()} "$@"\n`,
  );
  const keep = `for one; do [ ! -f "$one" ] || cp "$one" '${releases}'; done`;
  writeProgram(join(bin, 'gh'), `#!/bin/sh\necho "$*" >>'${releases}/words'\n${keep}\n`);
  return [bin, process.env.PATH].join(delimiter);
}

type Release = {
  readonly attested: Record<string, string>[];
  readonly runs: string[];
  /** What gh was given. */
  readonly folder: string;
};

const digestOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** Runs the workflow for the tag, against a registry; rejects as its first job that fails. */
async function release(origin: string, registry: string, told: Release): Promise<void> {
  const dir = scratchHome();
  const { stdout } = await git(origin, 'rev-parse', TAG);
  const runner = new Runner(readWorkflow('release.yml'), {
    dir,
    actions: {
      ...artefacts(join(dir, 'artefacts')),
      'actions/checkout': checkOut(origin),
      'actions/setup-node': () => undefined,
      './.github/workflows/check.yml': () => void told.runs.push('check'),
      'actions/attest-build-provenance': (folder, { 'subject-path': path, ...inputs }) => {
        const digest = path ? { digest: digestOf(join(folder, path)) } : {};
        told.attested.push({ ...inputs, ...digest });
      },
    },
    env: {
      PATH: await pathWithPackages(told.folder),
      REGISTRY: registry,
      GITHUB_REF_NAME: TAG,
      GITHUB_SHA: stdout.trim(),
      GITHUB_REPOSITORY: NAME,
      NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    },
    secrets: { GITHUB_TOKEN: 'no token' },
  });
  await runner.runAll();
}

const pids: number[] = [];
afterAll(() => Promise.all(pids.map((pid) => stopDaemon(pid))));

type Published = {
  readonly digest: string;
  readonly text: string;
  readonly manifest: {
    readonly annotations: Record<string, string>;
    readonly layers: { readonly digest: string }[];
  };
};

/** What a registry has under a tag of the Feature. */
async function readPublished(registry: string, id: string, tag: string): Promise<Published> {
  const url = `http://${registry}/v2/${NAME.toLowerCase()}/${id}/manifests/${tag}`;
  const headers = { accept: 'application/vnd.oci.image.manifest.v1+json' };
  const text = await (await fetch(url, { headers })).text();
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return { digest, text, manifest: JSON.parse(text) };
}

/** The files of the Feature that a registry has, unpacked. */
async function unpack(registry: string, id: string, { manifest }: Published): Promise<string> {
  const folder = scratchHome();
  const blob = `http://${registry}/v2/${NAME.toLowerCase()}/${id}/blobs/${manifest.layers[0]?.digest}`;
  const content = Buffer.from(await (await fetch(blob)).arrayBuffer());
  const archive = join(scratchHome(), 'feature.tar');
  writeFileSync(archive, content);
  await runOrThrow('tar', ['-xf', archive, '-C', folder]);
  return folder;
}

testWith(NEEDS, 'a tag on main is published, looked at and attested, and only once', async () => {
  const registry = await startDockerRegistry(scratchHome(), (pid) => pids.push(pid));
  const origin = await makeOrigin();
  const told: Release = { attested: [], runs: [], folder: scratchHome() };
  await release(origin, registry, told);

  const firsts = await Promise.all(IDS.map((id) => readPublished(registry, id, VERSION)));
  const name = (id: string) => `${registry}/${NAME.toLowerCase()}/${id}`;
  const packed = join(told.folder, 'registry-auth.tgz');
  expect(told).toMatchObject({
    runs: ['check'],
    attested: [
      ...IDS.map((id, index) => ({
        'subject-name': name(id),
        'subject-digest': firsts[index]?.digest,
      })),
      { digest: digestOf(packed) },
    ],
  });
  for (const [index, id] of IDS.entries()) {
    const published = TAGS.map((tag) => readPublished(registry, id, tag));
    expect(await Promise.all(published)).toEqual(TAGS.map(() => firsts[index]));
  }
  const folders = await Promise.all(
    firsts.map((one, index) => unpack(registry, `${IDS[index]}`, one)),
  );
  const [first, standalone] = folders.map(readFeature);
  expect(first?.manifest).toMatchObject({
    version: VERSION,
    installsAfter: [expect.any(String)],
    documentationURL: `https://github.com/${NAME}#readme`,
    licenseURL: `https://github.com/${NAME}/blob/main/LICENSE`,
  });
  const { installsAfter: _, ...rest } = first?.manifest ?? {};
  const named = { id: IDS[1], name: `${rest.name}, standalone` };
  expect(standalone).toEqual({ ...first, manifest: { ...rest, ...named } });
  const built = readFeature(BUILT).files.filter((path) => !path.endsWith('.cache'));
  expect(first?.files).toEqual([...built, 'sbom.spdx.json'].sort());
  const sbom = JSON.parse(readFileSync(join(`${folders[0]}`, 'sbom.spdx.json'), 'utf8'));
  expect(sbom).toMatchObject({ spdxVersion: 'SPDX-2.3', name: `${ID}@${VERSION}` });

  await expect(release(origin, registry, told)).rejects.toThrow(
    /^answer, step \d: registry-auth .*: nothing published, as this version is there already\n/,
  );
  const latest = await readPublished(registry, ID, 'latest');
  expect([told.attested.length, latest]).toEqual([3, firsts[0]]);
  await expectOnTags(origin, told, folders[0] ?? '');
});

/** The files of a Feature, and its manifest. */
function readFeature(folder: string) {
  return {
    files: readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort(),
    manifest: JSON.parse(readFileSync(join(folder, 'devcontainer-feature.json'), 'utf8')),
  };
}

/** The tags of the action hold what the attested file does: the Feature, and its own files. */
async function expectOnTags(origin: string, { folder }: Release, feature: string): Promise<void> {
  const packed = join(folder, 'registry-auth.tgz');
  const unpacked = scratchHome();
  await runOrThrow('tar', ['-xzf', packed, '-C', unpacked]);
  const all = contentsOf(join(unpacked, 'registry-auth'));
  const sum = readFileSync(`${packed}.sha256`, 'utf8');
  expect(sum).toBe(`${digestOf(packed)}  registry-auth.tgz\n`);
  const own = ['action.yml', 'lib/action-post.cjs', 'lib/action.cjs'];
  const others = Object.keys(all).filter((path) => !own.includes(path));
  expect(Object.fromEntries(others.map((path) => [path, all[path]]))).toEqual(contentsOf(feature));
  for (const tag of ACTION_TAGS) {
    const checkout = join(scratchHome(), 'action');
    await git(origin, 'clone', '--quiet', '--branch', tag, origin, checkout);
    const { stdout } = await git(checkout, 'log', '--format=%s%n%b');
    const source = await git(origin, 'rev-parse', TAG);
    expect(stdout.trim()).toBe(`registry-auth v${VERSION}\nBuilt from ${source.stdout.trim()}.`);
    expect([tag, contentsOf(checkout)]).toEqual([tag, all]);
    const job = new Job({ home: scratchHome(), action: checkout });
    expect(await job.use()).toMatchObject({ status: 0, annotations: [] });
    await job.end();
  }
  const words = readFileSync(join(folder, 'words'), 'utf8');
  expect(words).toMatch(new RegExp(`^release create v${VERSION} --verify-tag .*\\n$`));
}

/** The digest and the mode of every file, by its path. */
function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('/.git'));
  const paths = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
  const tell = (path: string) =>
    `${statSync(join(folder, path)).mode & 0o111} ${digestOf(join(folder, path))}`;
  return Object.fromEntries(paths.sort().map((path) => [path, tell(path)]));
}

/** What check-release.js says of the last commit on a branch of this repository. */
async function checkRelease(
  origin: string,
  env: Record<string, string> = {},
  branch = 'main',
): Promise<Finished> {
  const folder = join(scratchHome(), 'clone');
  await git(origin, 'clone', '--quiet', '--branch', branch, origin, folder);
  const { stdout } = await git(folder, 'rev-parse', 'HEAD');
  const said = { GITHUB_REF_NAME: TAG, GITHUB_SHA: stdout.trim(), GITHUB_REPOSITORY: NAME };
  return runNode('scripts/check-release.js', [], { cwd: folder, env: { ...said, ...env } });
}

const refused = (...problems: string[]) => ({
  status: 1,
  stdout: '',
  stderr: problems.map((problem) => `${problem}\n`).join(''),
});

testWith([GIT], 'a commit is released when nothing is left to be done', async () => {
  const origin = await makeOrigin();
  expect(await checkRelease(origin)).toEqual({
    status: 0,
    stdout: `${TAG}: to be released from ${NAME}\n`,
    stderr: '',
  });
  expect(await checkRelease(origin, { GITHUB_REF_NAME: 'v99.0.0' })).toEqual(
    refused(`tag v99.0.0: the manifest's version is ${VERSION}`),
  );
  expect(await checkRelease(origin, { GITHUB_REPOSITORY: 'somebody/fork' })).toEqual(
    refused(`package.json: repository is "github:${NAME}", and not "github:somebody/fork"`),
  );
});

testWith([GIT], 'a commit that is not on main is not released', async () => {
  const origin = await makeOrigin();
  await git(origin, 'checkout', '--quiet', '-b', 'aside');
  change(origin, 'README.md', (text) => `${text}\nAside.\n`);
  await commit(origin);
  const aside = await git(origin, 'rev-parse', 'aside');
  expect(await checkRelease(origin, {}, 'aside')).toEqual(
    refused(`commit ${aside.stdout.trim()}: not on main`),
  );
  expect(await checkRelease(origin)).toMatchObject({ status: 0 });
});

testWith([GIT], 'nothing is released while texts wait for their last words', async () => {
  const origin = await makeOrigin();
  sayRepository(origin, PLACEHOLDER);
  change(origin, 'README.md', (text) => `${text}\n${PLACEHOLDER}\n`);
  change(origin, 'devcontainer-feature.json', (text) => text.replace(VERSION, '99.0.0-rc.1'));
  await commit(origin);
  expect(await checkRelease(origin)).toEqual(
    refused(
      'version 99.0.0-rc.1: not three numbers',
      `package.json: repository is "github:${PLACEHOLDER}", and not "github:${NAME}"`,
      `README.md: has ${PLACEHOLDER}, and not ${NAME}`,
      'CHANGELOG.md: no "## 99.0.0-rc.1 - " with the day',
    ),
  );
});

testWith([GIT], 'nothing is released with a Node that nobody has looked after', async () => {
  const origin = await makeOrigin();
  lookForNode(origin, 46);
  await commit(origin);
  const file = 'features/registry-auth/node-runtime.txt';
  expect(await checkRelease(origin)).toEqual(
    refused(`${file}: a newer Node was looked for 46 days ago, not within 45`),
  );
});

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const GOOD = { publishedTags: TAGS, digest: DIGEST, version: VERSION };

function checkPublished(answer: string): Promise<Finished> {
  const env = { ANSWER: answer, GITHUB_REPOSITORY: NAME, REGISTRY: 'ghcr.io' };
  return runNode('scripts/check-published.js', [], { env });
}

test('what was published has a name and a digest', async () => {
  const other = `sha256:${'f'.repeat(64)}`;
  const answer = { [ID]: GOOD, [`${ID}-standalone`]: { ...GOOD, digest: other } };
  const name = `ghcr.io/${NAME.toLowerCase()}/${ID}`;
  expect(await checkPublished(JSON.stringify(answer))).toEqual({
    status: 0,
    stdout: `name=${name}\ndigest=${DIGEST}\nstandalone_name=${name}-standalone\nstandalone_digest=${other}\n`,
    stderr: '',
  });
});

test('both Features must have been published', async () => {
  const answer = JSON.stringify({ [ID]: GOOD });
  const { status, stderr } = await checkPublished(answer);
  expect([status, stderr]).toEqual([
    1,
    `${ID}-standalone ${VERSION}: no answer about it\nanswer: ${answer}\n`,
  ]);
});

test.each([
  ['', 'no answer about it'],
  ['{}', 'no answer about it'],
  ['null', 'no answer about it'],
  ['Error: refused', 'no answer about it'],
  [JSON.stringify({ other: GOOD }), 'no answer about it'],
  [`{"${ID}":{}}`, 'nothing published, as this version is there already'],
  [JSON.stringify({ [ID]: { ...GOOD, version: '99.0.0' } }), 'another version published'],
  [JSON.stringify({ [ID]: { ...GOOD, version: undefined } }), 'another version published'],
  [JSON.stringify({ [ID]: { ...GOOD, digest: undefined } }), 'published without a digest'],
  [JSON.stringify({ [ID]: { ...GOOD, digest: `${DIGEST}\nx=y` } }), 'published without a digest'],
  [
    JSON.stringify({ [ID]: { ...GOOD, publishedTags: undefined } }),
    `published without the tags ${TAGS.join(', ')}`,
  ],
  ...TAGS.map((tag) => [
    JSON.stringify({ [ID]: { ...GOOD, publishedTags: TAGS.filter((one) => one !== tag) } }),
    `published without the tags ${tag}`,
  ]),
])('the answer %s is a failure', async (answer, problem) => {
  const { status, stdout, stderr } = await checkPublished(`${answer}`);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(new RegExp(`^${ID} ${VERSION}: ${problem}\n`));
  expect(stderr).toContain(`\nanswer: ${answer}\n`);
});

const GUIDE = readFileSync('docs/releasing.md', 'utf8');

test('what the index of containers.dev is told is what it asks for', () => {
  const [, entry = ''] = /^ *```yaml\n(.*?)```/ms.exec(GUIDE) ?? [];
  const repository = 'https://github.com/octo-org/registry-auth';
  const { name } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));
  expect(safeLoad(entry)).toEqual([
    {
      name,
      maintainer: 'octo-org',
      contact: `${repository}/issues`,
      repository,
      ociReference: 'ghcr.io/octo-org/registry-auth',
    },
  ]);
});

test('the guide tells of every job, in its order', () => {
  const { jobs } = readWorkflow('release.yml');
  const rows = [...GUIDE.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(rows).toEqual(Object.keys(jobs));
});

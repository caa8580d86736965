import { createHash } from 'node:crypto';
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { BUILT, writeProgram } from '../support/built.ts';
import type { Need } from '../support/needs.ts';
import { testWith } from '../support/needs.ts';
import { scratchHome } from '../support/process.ts';
import { type Finished, runNode, runOrThrow, whyNot } from '../support/run.ts';

const PIN = readFileSync('features/registry-auth/node-runtime.txt', 'utf8');
const [, VERSION = ''] = /node-v([0-9.]+)-linux-x64\.tar\.gz/.exec(PIN) ?? [];
const [MAJOR = 0, MINOR = 0, PATCH = 0] = VERSION.split('.').map(Number);
const NEXT = `${MAJOR}.${MINOR + 1}.0`;
const PLATFORMS = ['linux-x64', 'linux-arm64', 'linux-x64-musl'];

/** Any sum, and the same one every time. */
const sumOf = (text: string) => createHash('sha256').update(text).digest('hex');

const nameOf = (platform: string, version = NEXT) => `node-v${version}-${platform}.tar.gz`;

/** The lines of a release's checksum file, with other archives between ours. */
function sumsOf(version: string, platforms = PLATFORMS): string[] {
  const names = ['darwin-arm64', ...platforms, 'linux-ppc64le'].map((one) => nameOf(one, version));
  return names.map((name) => `${sumOf(name)}  ${name}`);
}

function propose(lines: readonly string[], files: readonly string[]): Promise<Finished> {
  const home = scratchHome({ 'SHASUMS256.txt': `${lines.join('\n')}\n` });
  return runNode('scripts/pin-node.js', [join(home, 'SHASUMS256.txt'), ...files]);
}

const READELF: Need = { missing: whyNot('readelf', ['--version']) };

/** A program, of nobody's making, that this Linux has: its libraries are the least there are. */
const SMALL = '/usr/bin/env';
/** One that wants a library of its own, as ls wants libselinux. */
const WANTING = '/usr/bin/ls';

/** The pinned file, looked after today. */
const TODAY = PIN.replace(/\d{4}-\d\d-\d\d$/m, new Date().toISOString().slice(0, 10));

const refused = (reason: string) => ({ status: 1, stdout: '', stderr: `${reason}\n` });

test('the pin is three archives of one release of the line without libatomic', () => {
  const lines = PIN.trimEnd().split('\n');
  const sums = lines.filter((line) => !line.startsWith('#'));
  expect(sums.map((line) => line.replace(/^[0-9a-f]{64} {2}/, ''))).toEqual(
    PLATFORMS.map((platform) => nameOf(platform, VERSION)),
  );
  expect([MAJOR, new Set(sums).size]).toEqual([24, 3]);
});

test('the pin is part of the Feature', () => {
  expect(readFileSync(join(BUILT, 'node-runtime.txt'), 'utf8')).toBe(PIN);
});

testWith([READELF], 'a newer release of the line is proposed under the same comments', async () => {
  const { status, stdout, stderr } = await propose(sumsOf(NEXT), [SMALL]);
  const comments = TODAY.match(/^#.*\n/gm) ?? [];
  const names = PLATFORMS.map((platform) => nameOf(platform));
  expect([status, stdout]).toEqual([
    0,
    [...comments, ...names.map((name) => `${sumOf(name)}  ${name}\n`)].join(''),
  ]);
  expect(stderr).toBe(
    names.map((name) => `${name}: not given, its sum is the list's word\n`).join(''),
  );
});

testWith(
  [READELF],
  'the pinned release proposes the pinned file, with the day of today',
  async () => {
    expect(await propose(PIN.split('\n'), [SMALL])).toMatchObject({ status: 0, stdout: TODAY });
  },
);

testWith([READELF], 'the Node that runs this test could be pinned', async () => {
  expect(await propose(sumsOf(NEXT), [process.execPath])).toMatchObject({ status: 0 });
});

test('an archive that the list lacks is refused', async () => {
  const { stdout, stderr, status } = await propose(sumsOf(NEXT, ['linux-x64', 'linux-arm64']), [
    SMALL,
  ]);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/SHASUMS256\.txt: 0 archives for linux-x64-musl, not one\n$/);
});

test('archives of two releases are refused', async () => {
  const { status, stderr } = await propose(
    [...sumsOf(NEXT, ['linux-x64']), ...sumsOf(VERSION, ['linux-arm64', 'linux-x64-musl'])],
    [SMALL],
  );
  expect([status, stderr]).toEqual([
    1,
    expect.stringContaining(`archives of ${NEXT} and ${VERSION}\n`),
  ]);
});

test.each([
  [`${MAJOR + 1}.0.0`, `the pin stays on ${MAJOR}.x (25 and later want libatomic)`],
  [`${MAJOR - 2}.99.0`, `the pin stays on ${MAJOR}.x (25 and later want libatomic)`],
  [`${MAJOR}.${MINOR - 1}.99`, `older than ${VERSION}, which is pinned`],
  [`${MAJOR}.9.${PATCH}`, `older than ${VERSION}, which is pinned`],
  [VERSION, 'pinned with other sums'],
])('version %s is refused', async (version, reason) => {
  expect(await propose(sumsOf(version), [SMALL])).toEqual(refused(`${version}: ${reason}`));
});

testWith([READELF], 'a binary with a library that images may lack is refused', async () => {
  const { status, stdout, stderr } = await propose(sumsOf(NEXT), [SMALL, WANTING]);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^\/usr\/bin\/ls: wants lib\S+, which no image need have\n$/);
});

test('a binary that makes the image too big is refused', async () => {
  const big = join(scratchHome({ node: '' }), 'node');
  truncateSync(big, 128_000_001);
  expect(await propose(sumsOf(NEXT), [big])).toEqual(
    refused(`${big}: 128000001 bytes, more than 128000000`),
  );
});

testWith([READELF], 'what is no binary is refused', async () => {
  expect(await propose(sumsOf(NEXT), ['README.md'])).toEqual(refused('README.md: no binary'));
});

test('without a file to look at nothing is proposed', async () => {
  expect(await propose(sumsOf(NEXT), [])).toEqual(
    refused('usage: node scripts/pin-node.js SHASUMS256.txt FILE…'),
  );
});

/** An archive as a release has it, with the given program for Node. */
async function makeArchive(program: string): Promise<{ path: string; lines: string[] }> {
  const home = scratchHome();
  const name = nameOf('linux-x64');
  const folder = name.replace('.tar.gz', '');
  writeProgram(join(home, folder, 'bin/node'), '');
  cpSync(program, join(home, folder, 'bin/node'));
  await runOrThrow('tar', ['-czf', name, folder], { cwd: home });
  const sum = createHash('sha256')
    .update(readFileSync(join(home, name)))
    .digest('hex');
  const lines = sumsOf(NEXT).map((line) => (line.endsWith(name) ? `${sum}  ${name}` : line));
  return { path: join(home, name), lines };
}

testWith([READELF], 'an archive is held to its sum, and its binary looked at', async () => {
  const { path, lines } = await makeArchive(SMALL);
  const { status, stderr } = await propose(lines, [path]);
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('linux-x64.tar.gz')]);

  writeFileSync(path, 'changed', { flag: 'a' });
  const changed = await propose(lines, [path]);
  expect([changed.status, changed.stdout]).toEqual([1, '']);
  expect(changed.stderr).toMatch(/linux-x64\.tar\.gz: its sum is [0-9a-f]{64}, and the list has /);

  const wanting = await makeArchive(WANTING);
  expect((await propose(wanting.lines, [wanting.path])).stderr).toMatch(
    /linux-x64\.tar\.gz: wants lib\S+, which no image need have\n$/,
  );
});

test('an archive of something else is refused', async () => {
  expect(await propose(sumsOf(NEXT), ['other.tar.gz'])).toEqual(
    refused('other.tar.gz: not among the archives of the list'),
  );
});

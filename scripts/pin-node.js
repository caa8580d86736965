/**
 * Proposes the next features/registry-auth/node-runtime.txt, on stdout, from the checksum file of a
 * release of Node and what it was made from:
 *
 *   node scripts/pin-node.js SHASUMS256.txt FILE…
 *
 * A FILE is an archive of that release (its sum is checked) or the binary out of one. Refuses what
 * install.sh could not use, with the reason, and exits 1. Needs tar, and readelf of binutils.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const PINNED = join(import.meta.dirname, '../features/registry-auth/node-runtime.txt');
const PLATFORMS = ['linux-x64', 'linux-arm64', 'linux-x64-musl'];

/** What minimal images have, or what install.sh brings: a Node that wants more does not start. */
const LIBRARIES = [
  ...['libc.so.6', 'libdl.so.2', 'libm.so.6', 'libpthread.so.0'],
  ...['ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1', 'libc.musl-x86_64.so.1'],
  ...['libstdc++.so.6', 'libgcc_s.so.1'],
];

/** 125 MB as du counts them, 125,000 KiB: an image may grow by 130,000,000 bytes, and no more. */
const MOST_BYTES = 125_000 * 1024;

class Refusal extends Error {}

function refuse(reason) {
  throw new Refusal(reason);
}

/** The three archives of a checksum file, and the one version that they have. */
function readSums(path) {
  const lines = readFileSync(path, 'utf8').split('\n');
  const found = PLATFORMS.map((platform) => {
    const form = new RegExp(`^([0-9a-f]{64}) [ *](node-v([0-9.]+)-${platform}\\.tar\\.gz)$`);
    const matches = lines.flatMap((line) => [form.exec(line) ?? []]).filter(([all]) => all);
    if (matches.length !== 1)
      refuse(`${path}: ${matches.length} archives for ${platform}, not one`);
    const [, sum, name, version] = matches[0];
    return { sum, name, version };
  });
  const [version, ...others] = new Set(found.map((one) => one.version));
  if (others.length > 0) refuse(`${path}: archives of ${[version, ...others].join(' and ')}`);
  return { version, archives: found };
}

function numbersOf(version) {
  return version.split('.').map(Number);
}

/** Below zero where the first is older. */
function compareVersions(one, other) {
  const others = numbersOf(other);
  const differences = numbersOf(one).map((number, index) => number - others[index]);
  return differences.find((difference) => difference !== 0) ?? 0;
}

function checkVersion(next, pinned) {
  const line = numbersOf(pinned.version)[0];
  if (numbersOf(next.version)[0] !== line)
    refuse(`${next.version}: the pin stays on ${line}.x (25 and later want libatomic)`);
  const order = compareVersions(next.version, pinned.version);
  if (order < 0) refuse(`${next.version}: older than ${pinned.version}, which is pinned`);
  const differs = next.archives.some(({ sum }, index) => sum !== pinned.archives[index].sum);
  if (order === 0 && differs) refuse(`${next.version}: pinned with other sums`);
}

function checkBinary(label, path) {
  const { size } = statSync(path);
  if (size > MOST_BYTES) refuse(`${label}: ${size} bytes, more than ${MOST_BYTES}`);
  const added = librariesOf(label, path).filter((library) => !LIBRARIES.includes(library));
  if (added.length > 0) refuse(`${label}: wants ${added.join(', ')}, which no image need have`);
}

function librariesOf(label, path) {
  const env = { ...process.env, LC_ALL: 'C' };
  let dynamic = '';
  try {
    dynamic = execFileSync('readelf', ['--wide', '--dynamic', path], { env, stdio: 'pipe' });
  } catch (error) {
    refuse(`${label}: ${error.code === 'ENOENT' ? 'readelf is not on PATH' : 'no binary'}`);
  }
  return [...`${dynamic}`.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, library]) => library);
}

function checkArchive(path, { sum, name }) {
  const actual = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (actual !== sum) refuse(`${name}: its sum is ${actual}, and the list has ${sum}`);
  const folder = mkdtempSync(join(tmpdir(), 'pin-node-'));
  try {
    const binary = `${name.replace(/\.tar\.gz$/, '')}/bin/node`;
    execFileSync('tar', ['-xzf', path, '-C', folder, binary], { stdio: 'pipe' });
    checkBinary(name, join(folder, binary));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function checkFile(path, { archives }) {
  const archive = archives.find(({ name }) => name === basename(path));
  if (archive) checkArchive(path, archive);
  else if (path.endsWith('.tar.gz')) refuse(`${path}: not among the archives of the list`);
  else checkBinary(path, path);
}

/** The pinned file with the next archives, and the day on which they were looked for. */
function propose({ archives }) {
  const day = new Date().toISOString().slice(0, 10);
  const pinned = readFileSync(PINNED, 'utf8').replace(/(?<=^# Looked .*)\d{4}-\d\d-\d\d$/m, day);
  const comments = pinned.match(/^#.*\n/gm) ?? [];
  return [...comments, ...archives.map(({ sum, name }) => `${sum}  ${name}\n`)].join('');
}

function main([list, ...files]) {
  if (files.length === 0) refuse('usage: node scripts/pin-node.js SHASUMS256.txt FILE…');
  const next = readSums(list);
  checkVersion(next, readSums(PINNED));
  for (const file of files) checkFile(file, next);
  const unseen = next.archives.filter(({ name }) => !files.some((file) => basename(file) === name));
  for (const { name } of unseen) console.error(`${name}: not given, its sum is the list's word`);
  process.stdout.write(propose(next));
}

try {
  main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

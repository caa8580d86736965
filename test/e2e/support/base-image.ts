import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { runOrThrow } from '../../support/run.ts';
import { dockerOrThrow } from './engine.ts';
import { onEngine, type State, saveState } from './state.ts';

// The clients under test, what they need without Debian's recommendations, and the libraries of a
// Node binary.
const PACKAGES = [
  'ca-certificates',
  'skopeo',
  'podman',
  'buildah',
  'golang-github-containers-common',
  'libstdc++6',
  'libatomic1',
];

// Inside a container podman and buildah can't lay their overlay over the engine's.
const STORAGE = [
  '[storage]',
  'driver = "vfs"',
  'runroot = "/run/containers/storage"',
  'graphroot = "/var/lib/containers/storage"',
];

const WITHOUT_TEXTS = ['doc', 'man', 'locale', 'info'].map(
  (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
);

const APT_SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

/** What mmdebstrap makes a pack of; `marks` are other things that the pack depends on. */
type Recipe = {
  readonly suite: string;
  readonly sources: readonly string[];
  readonly args: readonly string[];
  readonly marks?: object;
};

/** Packs Debian with the container clients and a user `dev`. */
export function buildRootfs(state: State): Promise<string> {
  const docker = findProgram('docker');
  const { size, mtimeMs } = statSync(docker);
  return packDebian(state, 'clients', {
    suite: thisSuite(),
    sources: APT_SOURCES.filter((file) => existsSync(file)).slice(0, 1),
    marks: { size, mtimeMs },
    args: [
      `--include=${PACKAGES.join(',')}`,
      ...WITHOUT_TEXTS,
      '--customize-hook=chroot "$1" useradd --create-home --uid 1000 --shell /bin/bash dev',
      `--customize-hook=printf '%s\\n' ${STORAGE.map((line) => `'${line}'`).join(' ')} >"$1/etc/containers/storage.conf"`,
      `--customize-hook=cp -L '${docker}' "$1/usr/local/bin/docker"`,
    ],
  });
}

/** Packs a Debian with nothing but apt and what is essential, and a user `dev`. */
function buildMinimalRootfs(state: State, suite: string): Promise<string> {
  return packDebian(state, suite, {
    suite,
    sources: APT_SOURCES.filter((file) => existsSync(file))
      .slice(0, 1)
      .map((file) => writeSources(state, file, suite)),
    args: [...WITHOUT_TEXTS, '--customize-hook=chroot "$1" useradd --create-home --uid 1000 dev'],
  });
}

function thisSuite(): string {
  const release = readFileSync('/etc/os-release', 'utf8');
  return /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? '';
}

/** This machine's sources of packages, for another release. */
function writeSources(state: State, file: string, suite: string): string {
  const target = join(state.dir, `${suite}-${basename(file)}`);
  writeFileSync(target, readFileSync(file, 'utf8').replaceAll(thisSuite(), suite));
  return target;
}

/** Makes a pack, or takes that of an earlier run of the same recipe. */
async function packDebian(state: State, name: string, recipe: Recipe): Promise<string> {
  const text = JSON.stringify({ ...recipe, sources: recipe.sources.map((file) => basename(file)) });
  const key = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const cached = join(cacheFolder(state), `${name}-${key}.tar`);
  if (existsSync(cached)) return cached;
  const work = mkdtempSync(join(state.dir, 'rootfs-'));
  const unpacked = join(work, 'rootfs.tar');
  const args = ['--variant=minbase', ...recipe.args, recipe.suite, unpacked, ...recipe.sources];
  // The machine's own proxy, and as long as the network takes.
  await runOrThrow('mmdebstrap', args, { env: process.env, timeoutMs: 0 });
  keep(unpacked, cached, name);
  rmSync(work, { recursive: true });
  return cached;
}

/** Moves a file into the cache, and removes what older recipes made under the name. */
function keep(file: string, cached: string, name: string): void {
  const folder = dirname(cached);
  const older = readdirSync(folder).filter((one) => one.startsWith(`${name}-`));
  for (const one of older) rmSync(join(folder, one), { force: true });
  copyFileSync(file, `${cached}.new`);
  renameSync(`${cached}.new`, cached);
}

/** A folder that nobody else can put files into, else one that is this run's own. */
export function cacheFolder(state: State): string {
  const shared = join(tmpdir(), 'registry-auth-e2e-cache');
  mkdirSync(shared, { recursive: true, mode: 0o700 });
  const found = lstatSync(shared);
  const isOurs = found.isDirectory() && found.uid === process.getuid?.();
  return isOurs && (found.mode & 0o77) === 0 ? shared : mkdtempSync(join(state.dir, 'cache-'));
}

function findProgram(name: string): string {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // In the next folder, then.
    }
  }
  throw new Error(`${name}: not on PATH`);
}

/** Makes an image of a minimal Debian; returns its name. */
export async function importMinimalImage(state: State, suite: string): Promise<string> {
  const image = `${state.run}/${suite}:1`;
  await dockerOrThrow(state, ['import', await buildMinimalRootfs(state, suite), image]);
  return image;
}

/** Makes the images containers start from: `plain` has no Node, `node` the one of the tests. */
export async function importImages(state: State, rootfs: string): Promise<void> {
  const images = { node: `${state.run}/node:1`, plain: `${state.run}/plain:1` };
  await dockerOrThrow(state, ['import', rootfs, images.plain]);
  const context = mkdtempSync(join(state.dir, 'node-'));
  copyFileSync(process.execPath, join(context, 'node'));
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM ${images.plain}\nCOPY node /usr/local/bin/node\n`,
  );
  // The classic builder: Debian's docker.io has no other.
  const surroundings = onEngine(state, { DOCKER_BUILDKIT: '0' });
  await runOrThrow('docker', ['build', '--tag', images.node, context], surroundings);
  rmSync(context, { recursive: true });
  state.images = images;
  saveState(state);
}

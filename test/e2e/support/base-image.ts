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
import { delimiter, join } from 'node:path';
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

const APT_SOURCES = ['/etc/apt/sources.list.d/debian.sources', '/etc/apt/sources.list'];

/**
 * Packs Debian with the container clients and a user `dev`, or takes the pack of an earlier run of
 * the same recipe.
 */
export async function buildRootfs(state: State): Promise<string> {
  const recipe = rootfsRecipe(findProgram('docker'));
  const key = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  const cache = cacheFolder(state);
  const cached = join(cache, `${key}.tar`);
  if (existsSync(cached)) return cached;
  const work = mkdtempSync(join(state.dir, 'rootfs-'));
  const unpacked = join(work, 'rootfs.tar');
  const args = [...recipe.args, recipe.suite, unpacked, ...recipe.sources];
  // The machine's own proxy, and as long as the network takes.
  await runOrThrow('mmdebstrap', args, { env: process.env, timeoutMs: 0 });
  for (const old of readdirSync(cache)) rmSync(join(cache, old), { force: true });
  copyFileSync(unpacked, `${cached}.${state.run}`);
  rmSync(work, { recursive: true });
  renameSync(`${cached}.${state.run}`, cached);
  return cached;
}

function rootfsRecipe(dockerBinary: string) {
  const { size, mtimeMs } = statSync(dockerBinary);
  return {
    suite: /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '',
    sources: APT_SOURCES.filter((file) => existsSync(file)).slice(0, 1),
    docker: { size, mtimeMs },
    args: [
      '--variant=minbase',
      `--include=${PACKAGES.join(',')}`,
      ...['doc', 'man', 'locale', 'info'].map(
        (name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`,
      ),
      '--customize-hook=chroot "$1" useradd --create-home --uid 1000 --shell /bin/bash dev',
      `--customize-hook=printf '%s\\n' ${STORAGE.map((line) => `'${line}'`).join(' ')} >"$1/etc/containers/storage.conf"`,
      `--customize-hook=cp -L '${dockerBinary}' "$1/usr/local/bin/docker"`,
    ],
  };
}

/** A folder that nobody else can put files into, else one that is this run's own. */
function cacheFolder(state: State): string {
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

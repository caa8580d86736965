import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { attempt } from '../attempt.ts';
import type { Notice } from '../problem.ts';
import { MAX_CONFIG_BYTES, readBounded, readIfThere } from './files/bounded-read.ts';

/** A job's own folders: one for DOCKER_CONFIG, and one for PATH. */
export type JobFolder = { readonly root: string; readonly config: string; readonly bin: string };

const PREFIX = 'registry-auth-';

export function makeJobFolder(temp: string): JobFolder {
  const root = mkdtempSync(join(temp, PREFIX));
  const [config, bin] = [join(root, 'docker'), join(root, 'bin')];
  for (const folder of [config, bin]) mkdirSync(folder, { mode: 0o700 });
  return { root, config, bin };
}

/** Removes only a folder that `makeJobFolder` made there. */
export function removeJobFolder(root: string, temp: string): void {
  if (dirname(root) !== resolve(temp) || !basename(root).startsWith(PREFIX)) return;
  // Never follow a link in its place.
  if (!lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) return;
  // Its content first: if the folder itself cannot be removed, Node would leave all of it.
  for (const path of [...readdirSync(root).map((name) => join(root, name)), root])
    rmSync(path, { recursive: true, force: true });
}

/** Writes the two programs: this Node runs them from `share`, with their cache in `root`. */
export function writePrograms({ root, bin }: JobFolder, share: string, node: string): void {
  const wrapper = readBounded(join(share, 'wrapper.sh')).text;
  for (const program of ['registry-auth', 'docker-credential-registry-auth']) {
    const chosen = [
      `program=${program}`,
      'strict=false',
      `node=${quote(node)}`,
      `share=${quote(share)}`,
      `export REGISTRY_AUTH_RUN=${quote(root)}`,
    ];
    const path = join(bin, program);
    writeFileSync(path, `#!/bin/sh\n${chosen.join('\n')}\n${wrapper}`);
    chmodSync(path, 0o755);
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Files that our programs write: the job gets copies, so that your own are never written. */
const COPIED = ['config.json', 'registry-auth-logins.json'];
/** Builders stay in place, by BUILDX_CONFIG: docker/setup-buildx-action removes its own later. */
const LEFT = [...COPIED, 'config.json.lock', 'buildx'];

/**
 * Fills the job's folder from the user's: copies of the files that hold logins, and links to all
 * others, such as contexts and plugins.
 */
export function seedConfig(from: string, { config }: JobFolder): Notice[] {
  const notices: Notice[] = [];
  // Not a folder, or one that cannot be read, as after `sudo docker login`.
  const names = attempt(() => (existsSync(from) ? readdirSync(from) : []));
  if (!names) return [{ ...NOT_SEEDED, subject: 'config.json' }];
  for (const name of COPIED.filter((one) => names.includes(one))) {
    const text = readIfThere(join(from, name), MAX_CONFIG_BYTES);
    if (text !== undefined) writeFileSync(join(config, name), text, { mode: 0o600 });
    else notices.push({ ...NOT_SEEDED, subject: name });
  }
  for (const name of names.filter((one) => !LEFT.includes(one)))
    symlinkSync(join(from, name), join(config, name));
  return notices;
}

const NOT_SEEDED = {
  code: 'ACTION_NOT_SEEDED',
  what: "in docker's folder cannot be read; the job starts without its content",
  fix: 'let the user of the runner read it',
} as const;

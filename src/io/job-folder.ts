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
import type { Notice } from '../problem.ts';
import { readBounded, readIfThere } from './bounded-read.ts';

/** What a job has of its own: the folder for DOCKER_CONFIG, and one for PATH. */
export type JobFolder = { readonly root: string; readonly config: string; readonly bin: string };

const PREFIX = 'registry-auth-';

/** As in src/dockerconfig/file.ts. */
const MAX_CONFIG_BYTES = 4 << 20;

export function makeJobFolder(temp: string): JobFolder {
  const root = mkdtempSync(join(temp, PREFIX));
  const [config, bin] = [join(root, 'docker'), join(root, 'bin')];
  for (const folder of [config, bin]) mkdirSync(folder, { mode: 0o700 });
  return { root, config, bin };
}

/** Removes one that `makeJobFolder` made there, and nothing else. */
export function removeJobFolder(root: string, temp: string): void {
  if (dirname(root) !== resolve(temp) || !basename(root).startsWith(PREFIX)) return;
  // Not what a link in its place leads to.
  if (!lstatSync(root, { throwIfNoEntry: false })?.isDirectory()) return;
  // What it holds first: where the folder itself cannot be removed, Node would leave all of it.
  for (const path of [...readdirSync(root).map((name) => join(root, name)), root])
    rmSync(path, { recursive: true, force: true });
}

/** The two programs, run by this Node from the folder `share`, and with no cache outside. */
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

/** Those that our programs write: the job has copies, so that the user's own are never written. */
const COPIED = ['config.json', 'registry-auth-logins.json'];
/** Builders stay where they are, by BUILDX_CONFIG: docker/setup-buildx-action removes its own later. */
const LEFT = [...COPIED, 'config.json.lock', 'buildx'];

/**
 * Lets the job begin with what docker has in the user's folder: copies of what holds logins, and
 * links to all else, such as contexts and plugins.
 */
export function seedConfig(from: string, { config }: JobFolder): Notice[] {
  const notices: Notice[] = [];
  const names = listNames(from);
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

/** Undefined where it cannot be read, as after `sudo docker login`, or is no folder. */
function listNames(folder: string): string[] | undefined {
  try {
    return existsSync(folder) ? readdirSync(folder) : [];
  } catch {
    return undefined;
  }
}

const NOT_SEEDED = {
  code: 'ACTION_NOT_SEEDED',
  what: "in docker's folder cannot be read; the job starts without its content",
  fix: 'let the user of the runner read it',
} as const;

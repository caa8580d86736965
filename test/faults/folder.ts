import {
  chmodSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** What is at one path: the bytes of a file, where a link leads; and whose it is. */
export type Item = {
  readonly kind: 'file' | 'link' | 'directory';
  readonly text: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

/** All that is below a folder, by its path in it. */
export type Content = ReadonlyMap<string, Item>;

export function readFolder(folder: string): Content {
  return new Map(namesIn(folder).map((name) => [name, readItem(join(folder, name))]));
}

/** Node's own recursion goes through links, too. */
function namesIn(folder: string, below = ''): string[] {
  const entries = readdirSync(join(folder, below), { withFileTypes: true });
  return entries
    .flatMap((entry) => {
      const name = join(below, entry.name);
      return entry.isDirectory() ? [name, ...namesIn(folder, name)] : [name];
    })
    .sort();
}

function readItem(path: string): Item {
  const stat = lstatSync(path);
  const owner = { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
  if (stat.isSymbolicLink()) return { kind: 'link', text: readlinkSync(path), ...owner };
  if (stat.isDirectory()) return { kind: 'directory', text: '', ...owner };
  // Bytes are characters here, so that a difference of one byte is one.
  return { kind: 'file', text: readFileSync(path, 'latin1'), ...owner };
}

const LOCK = /(?:^|\/)(?:config\.json|registry-auth-logins\.json|\.npmrc)\.lock(?:\/|$)/;

/** Whether a path is a lock's, or of what is in one: nothing else of ours may stay for a while. */
export function isLeftover(path: string): boolean {
  return LOCK.test(path);
}

/** Lets the locks in a folder be as old as those of the dead: as if somebody had waited. */
export function ageLocks(folder: string): void {
  const past = Date.now() / 1000 - 60;
  for (const name of namesIn(folder))
    if (isLeftover(name)) utimesSync(join(folder, name), past, past);
}

/** Brings a folder to exactly this content; a lock in it is a dead one. */
export function writeFolder(folder: string, content: Content): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  // A directory comes before what is in it.
  for (const [name, item] of content) writeItem(join(folder, name), item);
  ageLocks(folder);
}

function writeItem(path: string, { kind, text, mode, uid, gid }: Item): void {
  if (kind === 'directory') mkdirSync(path);
  else if (kind === 'link') symlinkSync(text, path);
  else writeFileSync(path, text, 'latin1');
  if (process.getuid?.() === 0) lchownSync(path, uid, gid);
  if (kind !== 'link') chmodSync(path, mode);
}

import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './bounded-read.ts';
import { DESCRIPTORS, fault } from './real-path.ts';

/** A user and a group of the system. */
export type User = { readonly uid: number; readonly gid: number };

/** This process, and how root acts as another user, and as itself again. */
export type Self = {
  readonly uid: number;
  readonly become?: ((user?: User) => void) | undefined;
};

/** Whose place a directory is, and how to work there. */
export type Place = {
  /** The directory as it is to be named: through a descriptor where others lead to it. */
  readonly path: string;
  /** Whose rights count there. */
  readonly uid: number;
  /** For root in the place of another user. */
  readonly isForeign: boolean;
  /** Does what touches the place as its owner, until it is done. */
  readonly as: <T>(action: () => T) => T;
};

type Become = NonNullable<Self['become']>;

/** For root, where another user leads to the place, or owns it. A bundle of its own. */
export function openOther(own: Place, become: Become): Place {
  const { at, folder, rest, owner, isBelowOpen } = readWay(own.path);
  const path = [openAt(at, folder), ...rest].join('/');
  if (owner.uid === 0) return { ...own, path };
  // Any user may have made it there, for root to write to.
  if (isBelowOpen) throw fault('EXPOSED');
  const user = { uid: owner.uid, gid: readGroup(owner) };
  const as = actAs(user, become);
  // That user may have no right to our own folder.
  for (const load of LOADED_THERE) load();
  as(() => undefined);
  return { path, uid: user.uid, isForeign: true, as };
}

const LOADED_THERE = [() => require('./exposure.ts'), () => require('./git-index.ts')];

type Way = {
  /** The last directory that is there, without links, and what is below it. */
  readonly at: string;
  readonly folder: User;
  readonly rest: readonly string[];
  /** Of the first link of another user's on the way, else of that directory. */
  readonly owner: User;
  readonly isBelowOpen: boolean;
};

const MAX_LINKS = 40;
const EVERYBODY_WRITES = 0o002;

function readWay(path: string): Way {
  const top = lstatSync('/');
  const rest = path.split('/').filter((name) => name !== '');
  let [at, folder, links] = ['/', top, 0];
  let isBelowOpen = false;
  while (rest.length > 0 && links < MAX_LINKS) {
    const next = join(at, rest[0] ?? '');
    const stat = lstatSync(next, { throwIfNoEntry: false });
    if (!stat) break;
    isBelowOpen ||= (folder.mode & EVERYBODY_WRITES) !== 0;
    if (!stat.isSymbolicLink()) {
      [at, folder] = [next, stat];
      rest.shift();
      continue;
    }
    if (stat.uid !== 0) return { at, folder, rest, owner: stat, isBelowOpen };
    const target = readlinkSync(next);
    rest.splice(0, 1, ...target.split('/').filter((name) => name !== ''));
    if (target.startsWith('/')) [at, folder] = ['/', top];
    links += 1;
  }
  return { at, folder, rest, owner: folder, isBelowOpen };
}

/** A directory by a descriptor that stays open, so that nobody can exchange what leads to it. */
function openAt(path: string, { uid }: User): string {
  const opened = openSync(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const name = `${DESCRIPTORS}${opened}`;
  // Another one may have been put there since it was looked at.
  if (fstatSync(opened).uid === uid && readlinkSync(name) === path) return name;
  closeSync(opened);
  throw fault('EACCES');
}

/** Of the user, where the system has one; of the directory, which is what is known of others. */
function readGroup({ uid, gid }: User): number {
  const line = new RegExp(`^[^:\\n]*:[^:\\n]*:${uid}:(\\d+):`, 'm');
  const known = line.exec(readIfThere('/etc/passwd') ?? '')?.[1];
  // Root's group could read what is not the user's.
  return known === undefined ? gid || NO_GROUP : Number(known);
}

const NO_GROUP = 65_534;

function actAs(user: User, become: Become): Place['as'] {
  let depth = 0;
  const end = () => {
    depth -= 1;
    if (depth === 0) become();
  };
  return (action) => {
    let isPending = false;
    depth += 1;
    try {
      if (depth === 1) become(user);
      const result = action();
      isPending = result instanceof Promise;
      return result instanceof Promise ? (result.finally(end) as typeof result) : result;
    } finally {
      if (!isPending) end();
    }
  };
}

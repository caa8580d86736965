import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../files/bounded-read.ts';
import { DESCRIPTORS, fault } from '../files/real-path.ts';

/** A user and a group of the system. */
export type User = { readonly uid: number; readonly gid: number };

/** This process, and how root acts as another user, and as itself again. */
export type Self = {
  readonly uid: number;
  readonly become?: ((user?: User) => void) | undefined;
};

/** Who owns a directory, and how to work there. */
export type Place = {
  /** The path to use: through a descriptor if another user could change the way. */
  readonly path: string;
  /** Whose rights count there. */
  readonly uid: number;
  /** True for root in another user's place. */
  readonly isForeign: boolean;
  /** Runs an action as the owner of the place, until it is done. */
  readonly as: <T>(action: () => T) => T;
};

type Become = NonNullable<Self['become']>;

/** For root, if another user owns the place or part of the way. A bundle of its own. */
export function openOther(own: Place, become: Become): Place {
  const { at, folder, rest, owner, isBelowOpen } = readWay(own.path);
  const path = [openAt(at, folder), ...rest].join('/');
  if (owner.uid === 0) return { ...own, path };
  // Any user may have made it, to have root write there.
  if (isBelowOpen) throw fault('EXPOSED');
  const user = { uid: owner.uid, gid: readGroup(owner) };
  const as = actAs(user, become);
  // Loaded now: that user may not read our folder.
  for (const load of LOADED_THERE) load();
  as(() => undefined);
  return { path, uid: user.uid, isForeign: true, as };
}

const LOADED_THERE = [() => require('./exposure.ts'), () => require('./git-index.ts')];

type Way = {
  /** The last existing directory, without links, and the rest of the path. */
  readonly at: string;
  readonly folder: User;
  readonly rest: readonly string[];
  /** The owner of the first link that is not root's, else of that directory. */
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

/** Names a directory by a descriptor that stays open, so that no user can exchange it. */
function openAt(path: string, { uid }: User): string {
  const opened = openSync(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  const name = `${DESCRIPTORS}${opened}`;
  // It may have been exchanged since we looked.
  if (fstatSync(opened).uid === uid && readlinkSync(name) === path) return name;
  closeSync(opened);
  throw fault('EACCES');
}

/** The user's group, if the system has that user, else the directory's. */
function readGroup({ uid, gid }: User): number {
  const line = new RegExp(`^[^:\\n]*:[^:\\n]*:${uid}:(\\d+):`, 'm');
  const known = line.exec(readIfThere('/etc/passwd') ?? '')?.[1];
  // Root's group could read what the user may not.
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

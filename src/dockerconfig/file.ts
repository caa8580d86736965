import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { MAX_CONFIG_BYTES, readBounded } from '../io/files/bounded-read.ts';
import { isErrno, makeDirectory, pause } from '../io/files/descriptor.ts';
import { fault, readTarget } from '../io/files/real-path.ts';
import {
  type ConfigDir,
  chooseConfigDir,
  exposure,
  readFolderMode,
  readJudgement,
} from '../io/place/config-dir.ts';
import type { Judgement } from '../io/place/exposure.ts';
import type { Self } from '../io/place/owner.ts';
import { parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';
import type { Environment } from '../providers/provider.ts';
import {
  LOCKED,
  type LockOptions,
  type Replace,
  sweepLock,
  type WaitFor,
  withLock,
} from './lock.ts';
import { parseState, type State, shownLogins, type Texts, type Write } from './state.ts';

/** A problem that you must fix first. */
type Trouble = { readonly problem: Problem };

/** A place and its judgement. */
export type Opened = Judgement & {
  readonly dir: ConfigDir;
  /** Whether config.json is a link to a file that does not exist. */
  readonly leadsNowhere: boolean;
};

/** Finds the place, and reads both files once. */
export function openConfig(
  env: Environment,
  self: Self,
): (Opened & { readonly state: State }) | Trouble {
  try {
    const dir = chooseConfigDir(env, self);
    return dir.as(() => open(dir));
  } catch (error) {
    if (isTrouble(error)) return error;
    throw error;
  }
}

/** Not by a class of our own: what throws is in another bundle. */
function isTrouble(error: unknown): error is Error & Trouble {
  return error instanceof Error && 'problem' in error;
}

function open(dir: ConfigDir): Opened & { readonly state: State } {
  try {
    const target = readTarget(dir.config);
    const folder = readFolderMode(dir, target);
    const { config, logins, texts } = readFiles(dir);
    const modes = { folder, config: config?.stat.mode ?? 0, logins: logins?.stat.mode ?? 0 };
    const judgement = readJudgement(dir, target, modes);
    const leadsNowhere = !config && target !== dir.config;
    return { ...judgement, dir, leadsNowhere, state: parseState(texts, dir.shown) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code ? toTrouble('CONFIG_NOT_READABLE', error, dir) : error;
  }
}

function readFiles(dir: ConfigDir) {
  const [config, logins] = [readWhole(dir), readText(dir, 'logins')];
  return { config, logins, texts: { config: config?.text, logins: logins?.text } };
}

/** VS Code empties config.json before it writes: the age of such a file, and how long we wait. */
const FRESH_MS = 2_000;
const TURN_MS = 20;
const TURNS = 15;

/** Reads config.json, and waits if it looks as if it is being written now. */
function readWhole(dir: ConfigDir): ReturnType<typeof readText> {
  for (let turn = 0; ; turn += 1) {
    const read = readText(dir, 'config');
    const isFresh = read && Math.abs(Date.now() - read.stat.mtimeMs) < FRESH_MS;
    if (!isFresh || turn === TURNS || parseJson(read.text) !== undefined) return read;
    pause(TURN_MS);
  }
}

/** What is wrong if a new text is too large to be read again. */
export function findOversize(writes: readonly Write[], dir: ConfigDir): Trouble | undefined {
  const over = writes.find(({ text = '' }) => Buffer.byteLength(text) > MAX_CONFIG_BYTES);
  return over && toTrouble('CONFIG_NOT_WRITABLE', fault('EOVERSIZE'), dir, over.file);
}

/** Reads no file or link of another user, whoever may write to the directory. */
function readText(dir: ConfigDir, file: keyof Texts) {
  try {
    const uid = trusted(dir);
    const read = readBounded(readTarget(dir[file], uid), MAX_CONFIG_BYTES);
    if (uid !== undefined && ![0, uid].includes(read.stat.uid)) throw fault('EPLANTED');
    return read;
  } catch (error) {
    // Not throwIfNoEntry: versions of Node differ for a path below a file.
    if (isErrno(error, 'ENOENT')) return undefined;
    throw toTrouble('CONFIG_NOT_READABLE', error, dir, file);
  }
}

/** Whose files and links we accept besides root's; undefined if there is only one user. */
function trusted({ uid, isShared }: ConfigDir): number | undefined {
  return isShared ? undefined : uid;
}

/** What an error means for one of the files, unless it carries a problem already. */
function toTrouble(
  code: 'CONFIG_NOT_READABLE' | 'CONFIG_NOT_WRITABLE',
  error: unknown,
  { shown }: ConfigDir,
  file: keyof Texts = 'config',
): Error & Trouble {
  const subject = file === 'config' ? shown : shownLogins(shown);
  return isTrouble(error) ? error : exposure().fileError(code, error, subject);
}

/** Our processes hold the lock for milliseconds; the longest wait is for one that was killed. */
const WAIT_MS = 10_000;
const MAX_ATTEMPTS = 10;

/**
 * Plans and writes, under a lock that our own processes respect. Right before the rename it checks
 * whether another program has changed a file, and plans again if so. Makes no file if the plan
 * writes nothing. Returns the plan that was carried out, or the problem that prevented it.
 */
export async function updateConfig<P extends { readonly writes: readonly Write[] }>(
  dir: ConfigDir,
  state: State,
  plan: (state: State) => P,
  now: () => number,
  endsAt = Number.POSITIVE_INFINITY,
): Promise<P | Trouble> {
  const options = { now, endsAt: Math.min(now() + WAIT_MS, endsAt), uid: trusted(dir) };
  try {
    return await dir.as(() => update(dir, state, plan, options));
  } catch (error) {
    return toTrouble('CONFIG_NOT_WRITABLE', error, dir);
  }
}

async function update<P extends { readonly writes: readonly Write[] }>(
  dir: ConfigDir,
  state: State,
  plan: (state: State) => P,
  options: LockOptions,
): Promise<P> {
  // A killed run's leftovers hold logins: remove them in any case.
  for (const path of [dir.logins, dir.config]) sweepLock(path, options);
  let { texts } = state;
  let planned = plan(state);
  if (planned.writes.length === 0) return planned;
  const folder = dirname(readTarget(dir.config));
  if (!existsSync(folder)) makeDirectory(readTarget(folder));
  return withLock(dir.config, options, async (replace, waitFor) => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const { texts: current } = readFiles(dir);
      if (current.config !== texts.config || current.logins !== texts.logins)
        planned = plan(parseState(current, dir.shown));
      texts = current;
      if (await write(dir, texts, planned.writes, { options, replace, waitFor })) return planned;
    }
    throw fault(LOCKED);
  });
}

type Lock = { readonly options: LockOptions; readonly replace: Replace; readonly waitFor: WaitFor };

/**
 * False if a file has changed, so that we plan again. The logins have their own lock, because
 * another process may have removed our lock of config.json as a dead one's.
 */
async function write(
  dir: ConfigDir,
  before: Texts,
  writes: readonly Write[],
  { options, replace, waitFor }: Lock,
): Promise<boolean> {
  const oversize = findOversize(writes, dir);
  if (oversize) throw oversize;
  let texts = before;
  for (const { file, text } of writes) {
    const put = (replaceIt: Replace) =>
      replaceIt(text, () => readText(dir, file)?.text === texts[file]);
    const isDone =
      file === 'config'
        ? put(replace)
        : await waitFor(withLock(dir.logins, options, put)).catch((error) => {
            throw toTrouble('CONFIG_NOT_WRITABLE', error, dir, file);
          });
    if (!isDone) return false;
    texts = { ...texts, [file]: text };
  }
  return true;
}

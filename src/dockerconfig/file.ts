import { existsSync, mkdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readBounded } from '../io/bounded-read.ts';
import { type ConfigDir, readFolderMode, readJudgement } from '../io/config-dir.ts';
import { ConfigError, fileError, isConfigError } from '../io/config-error.ts';
import { isErrno, pause } from '../io/descriptor.ts';
import type { Judgement } from '../io/exposure.ts';
import { fault, readTarget } from '../io/real-path.ts';
import { parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';
import type { NewTexts } from '../reconcile/plan.ts';
import { type State, shownLogins, type Texts, understand } from '../reconcile/state.ts';
import { LockBusyError, type LockOptions, type Replace, sweepLock, withLock } from './lock.ts';

/** What a person must put right first. */
export type Trouble = { readonly problem: Problem };

/** A place that was judged. */
export type Opened = Judgement & {
  readonly dir: ConfigDir;
  /** Whether config.json is a link to a file that does not exist. */
  readonly leadsNowhere: boolean;
};

/** The place, and both files there, read once. */
export function openConfig(
  findDir: () => ConfigDir,
): (Opened & { readonly state: State }) | Trouble {
  try {
    const dir = findDir();
    return dir.as(() => open(dir));
  } catch (error) {
    if (isConfigError(error)) return error;
    throw error;
  }
}

function open(dir: ConfigDir): Opened & { readonly state: State } {
  try {
    const folder = readFolderMode(dir);
    const { config, logins } = readFiles(dir);
    const modes = { folder, config: config?.stat.mode ?? 0, logins: logins?.stat.mode ?? 0 };
    const judgement = readJudgement(dir, modes);
    const leadsNowhere = !config && readTarget(dir.config) !== dir.config;
    const state = understand({ config: config?.text, logins: logins?.text }, dir.shown);
    return { ...judgement, dir, leadsNowhere, state };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code ? fileError('CONFIG_NOT_READABLE', error, dir.shown) : error;
  }
}

function readFiles(dir: ConfigDir) {
  const { config, logins, shown } = dir;
  return { config: readWhole(config, dir), logins: readText(logins, dir, shownLogins(shown)) };
}

function readTexts(dir: ConfigDir): Texts {
  const { config, logins } = readFiles(dir);
  return { config: config?.text, logins: logins?.text };
}

/** More than any configuration holds: what is longer is neither read nor written. */
const MAX_CONFIG_BYTES = 4 << 20;

/** Why the new texts are not written: they could not be read again. */
export function findOversize({ config, logins }: NewTexts, shown: string): Problem | undefined {
  const isOver = (text?: string | null) => Buffer.byteLength(text ?? '') > MAX_CONFIG_BYTES;
  if (!isOver(config) && !isOver(logins)) return undefined;
  const subject = isOver(config) ? shown : shownLogins(shown);
  return fileError('CONFIG_NOT_WRITABLE', { code: 'EOVERSIZE' }, subject).problem;
}

/** Whose files and links count beside those of root; undefined where all are one user's. */
function trusted({ uid, isShared }: ConfigDir): number | undefined {
  return isShared ? undefined : uid;
}

/** Nothing that another user put there is read, whoever may write to the directory. */
function readText(path: string, dir: ConfigDir, shown: string) {
  try {
    const uid = trusted(dir);
    const read = readBounded(readTarget(path, uid), MAX_CONFIG_BYTES);
    const isPlanted = uid !== undefined && ![0, uid].includes(read.stat.uid);
    if (isPlanted) throw fault('EPLANTED');
    return read;
  } catch (error) {
    // Not throwIfNoEntry: versions of Node differ on what lies below a file.
    if (isErrno(error, 'ENOENT')) return undefined;
    throw fileError('CONFIG_NOT_READABLE', error, shown);
  }
}

/** VS Code empties config.json before it writes: how old such a file is, and the wait for it. */
const FRESH_MS = 2_000;
const TURN_MS = 20;
const TURNS = 15;

/** The text of a file that is not being written in this moment, as far as that can be seen. */
function readWhole(path: string, dir: ConfigDir): ReturnType<typeof readText> {
  for (let turn = 0; ; turn += 1) {
    const read = readText(path, dir, dir.shown);
    if (read === undefined) return undefined;
    const isFresh = Math.abs(Date.now() - read.stat.mtimeMs) < FRESH_MS;
    if (!isFresh || turn === TURNS || parseJson(read.text) !== undefined) return read;
    pause(TURN_MS);
  }
}

/** Our processes hold the lock for milliseconds; the longest wait is for one that was killed. */
const LOCK = { waitMs: 10_000, staleMs: 3_000 };
const MAX_ATTEMPTS = 10;

/**
 * Plans, and writes what is planned as one step: under a lock against our own processes, and with a
 * second look right before the rename against all others, after which it plans again. Writes
 * nothing, and makes no file at all, where the plan changes nothing. Returns the plan that was
 * carried out, or what kept it from being.
 */
export async function updateConfig<P extends { readonly texts: NewTexts }>(
  dir: ConfigDir,
  state: State,
  plan: (state: State) => P,
  now: () => number,
  endsAt?: number,
): Promise<P | Trouble> {
  try {
    return await dir.as(() => update(dir, state, plan, { now, endsAt }));
  } catch (error) {
    return toConfigError(error, dir.shown);
  }
}

async function update<P extends { readonly texts: NewTexts }>(
  dir: ConfigDir,
  state: State,
  plan: (state: State) => P,
  clock: Pick<LockOptions, 'now' | 'endsAt'>,
): Promise<P> {
  let { texts } = state;
  let planned = plan(state);
  const options = { ...LOCK, ...clock, uid: trusted(dir) };
  // What a killed run left there holds logins, whatever is written now.
  sweepLock(dir.logins, options);
  if (Object.values(planned.texts).every((text) => text === undefined)) {
    sweepLock(dir.config, options);
    return planned;
  }
  const folder = dirname(readTarget(dir.config));
  if (!existsSync(folder)) makeDirectory(readTarget(folder));
  return withLock(dir.config, options, async (replace) => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const current = readTexts(dir);
      if (current.config !== texts.config || current.logins !== texts.logins)
        planned = plan(understand(current, dir.shown));
      texts = current;
      if (await write(dir, texts, planned.texts, replace, options)) return planned;
    }
    throw new LockBusyError(dir.config);
  });
}

/** With those above it. Not by Node, which tries for ever where the system makes none, as in /proc. */
function makeDirectory(path: string): void {
  const make = () => mkdirSync(path, { mode: 0o700 });
  try {
    make();
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return;
    if (!isErrno(error, 'ENOENT')) throw error;
    makeDirectory(dirname(path));
    make();
  }
}

/**
 * False where a file was changed meanwhile: then it is planned again. The logins have a lock of
 * their own, for another process may have taken ours of config.json for a dead one's.
 */
async function write(
  dir: ConfigDir,
  { config, logins }: Texts,
  next: NewTexts,
  replace: Replace,
  options: LockOptions,
): Promise<boolean> {
  const oversize = findOversize(next, dir.shown);
  if (oversize) throw new ConfigError(oversize);
  const shown = shownLogins(dir.shown);
  const writeLogins = (was: string | undefined, text: string | null) =>
    withLock(dir.logins, options, (put) =>
      put(text, () => readText(dir.logins, dir, shown)?.text === was),
    ).catch((error) => {
      throw toConfigError(error, shown);
    });
  const isStill = () => readText(dir.config, dir, dir.shown)?.text === config;
  const { loginsFirst, logins: loginsLast } = next;
  if (loginsFirst !== undefined && !(await writeLogins(logins, loginsFirst))) return false;
  if (next.config !== undefined && !replace(next.config, isStill)) return false;
  const between = loginsFirst === undefined ? logins : (loginsFirst ?? undefined);
  return loginsLast === undefined || writeLogins(between, loginsLast);
}

function toConfigError(error: unknown, subject: string): ConfigError {
  if (isConfigError(error)) return error;
  if (!(error instanceof LockBusyError)) return fileError('CONFIG_NOT_WRITABLE', error, subject);
  const what = 'is locked by another process, or keeps changing; left unchanged';
  const lock = `${basename(subject)}.lock beside it`;
  const fix = `run registry-auth apply again; if nothing else is writing, remove ${lock}`;
  return new ConfigError({ code: 'CONFIG_BUSY', subject, what, fix });
}

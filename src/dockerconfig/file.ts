import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readBounded } from '../io/bounded-read.ts';
import { ConfigError, fileError, isConfigError, readObstacle } from '../io/config-error.ts';
import { closeAfter, giveTo, isErrno, openDirectory, pause } from '../io/descriptor.ts';
import { checkDockerConfig } from '../io/docker-config.ts';
import { readExposure } from '../io/exposure.ts';
import { readRealPath } from '../io/real-path.ts';
import { parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';
import type { NewTexts } from '../reconcile/plan.ts';
import { type State, shownLogins, type Texts, understand } from '../reconcile/state.ts';
import { LockBusyError, type LockOptions, type Replace, sweepLock, withLock } from './lock.ts';

/** Where `config.json` and, beside it, logins through our helper are. */
export type ConfigDir = {
  readonly config: string;
  readonly logins: string;
  /** The path of config.json as the user knows it: with `~` for the home directory. */
  readonly shown: string;
  /** Of this process; and whether DOCKER_CONFIG named the directory. */
  readonly uid: number;
  readonly isNamed: boolean;
};

/**
 * Finds the directory as docker does, but never guesses: throws ConfigError without HOME and
 * DOCKER_CONFIG, and where that is no absolute path of a directory.
 */
export function chooseConfigDir(
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
): ConfigDir {
  const { HOME: home, DOCKER_CONFIG: explicit } = env;
  if (!explicit && !home)
    throw homeError('not set, so there is no place for ~/.docker/config.json');
  if (!explicit && home && !existsSync(home))
    throw homeError('names a directory that does not exist');
  const invalid = explicit && checkDockerConfig(explicit, home || undefined);
  if (invalid) throw new ConfigError(invalid);
  const directory = explicit || join(home ?? '', '.docker');
  const config = join(directory, 'config.json');
  const shown = home && config.startsWith(`${home}/`) ? `~${config.slice(home.length)}` : config;
  const logins = join(directory, 'registry-auth-logins.json');
  return { config, logins, shown, uid, isNamed: Boolean(explicit) };
}

function homeError(what: string): ConfigError {
  const fix = 'set HOME to your home directory, or DOCKER_CONFIG to the directory of config.json';
  return new ConfigError({ code: 'HOME_MISSING', subject: 'HOME', what, fix });
}

/** Whether config.json is a link to a file that does not exist. */
export function leadsNowhere({ config }: ConfigDir): boolean {
  try {
    return lstatSync(config).isSymbolicLink() && !existsSync(config);
  } catch {
    return false;
  }
}

/** What a person must put right first. */
export type Trouble = { readonly problem: Problem };

/** The place, and both files there, read once. */
export function openConfig(
  findDir: () => ConfigDir,
): { readonly dir: ConfigDir; readonly state: State } | Trouble {
  try {
    const dir = findDir();
    return { dir, state: understand(readTexts(dir), dir.shown) };
  } catch (error) {
    if (isConfigError(error)) return error;
    throw error;
  }
}

function readTexts({ config, logins, shown }: ConfigDir): Texts {
  return { config: readWhole(config, shown), logins: readText(logins, shownLogins(shown))?.text };
}

/** More than any configuration holds. */
const MAX_CONFIG_BYTES = 4 << 20;

function readText(path: string, shown: string) {
  try {
    return readBounded(path, MAX_CONFIG_BYTES);
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
function readWhole(path: string, shown: string): string | undefined {
  for (let turn = 0; ; turn += 1) {
    const read = readText(path, shown);
    if (read === undefined) return undefined;
    const isFresh = Math.abs(Date.now() - read.stat.mtimeMs) < FRESH_MS;
    if (!isFresh || turn === TURNS || parseJson(read.text) !== undefined) return read.text;
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
  let { texts } = state;
  let planned = plan(state);
  const options = { ...LOCK, now, endsAt };
  try {
    const isDone = Object.values(planned.texts).every((text) => text === undefined);
    const { refusal } = readExposure(dir);
    // Nothing is removed, either, before it is known whose place it is.
    if (refusal) return isDone ? planned : { problem: refusal };
    // What a killed run left there holds logins, whatever is written now.
    sweepLock(dir.logins, options);
    if (isDone) {
      sweepLock(dir.config, options);
      return planned;
    }
    makeDirectory(dirname(readRealPath(dir.config)));
    return await withLock(dir.config, options, async (replace) => {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        const current = readTexts(dir);
        if (current.config !== texts.config || current.logins !== texts.logins)
          planned = plan(understand(current, dir.shown));
        texts = current;
        if (await write(dir, texts, planned.texts, replace, options)) return planned;
      }
      throw new LockBusyError(dir.config);
    });
  } catch (error) {
    // That is what Node has for a directory that cannot be made on a read-only file system.
    const obstacle = isErrno(error, 'ENOENT') ? readObstacle(dir) : undefined;
    return obstacle ? { problem: obstacle } : toConfigError(error, dir.shown);
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
  const shown = shownLogins(dir.shown);
  const writeLogins = (was: string | undefined, text: string | null) =>
    withLock(dir.logins, options, (put) =>
      put(text, () => readText(dir.logins, shown)?.text === was),
    ).catch((error) => {
      throw toConfigError(error, shown);
    });
  const isStill = () => readText(dir.config, dir.shown)?.text === config;
  const { loginsFirst, logins: loginsLast } = next;
  if (loginsFirst !== undefined && !(await writeLogins(logins, loginsFirst))) return false;
  if (next.config !== undefined && !replace(next.config, isStill)) return false;
  const between = loginsFirst === undefined ? logins : (loginsFirst ?? undefined);
  return loginsLast === undefined || writeLogins(between, loginsLast);
}

/** Makes a directory for secrets, with what leads to it, each its parent's owner's. */
function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const owner = statSync(dirname(first));
  for (const made of new Set([first, path])) {
    const descriptor = openDirectory(made);
    giveTo(descriptor, owner);
    closeAfter(descriptor);
  }
}

function toConfigError(error: unknown, subject: string): ConfigError {
  if (isConfigError(error)) return error;
  if (!(error instanceof LockBusyError)) return fileError('CONFIG_NOT_WRITABLE', error, subject);
  const what = 'is locked by another process, or changes all the time; left unchanged';
  const lock = `${basename(subject)}.lock beside it`;
  const fix = `run registry-auth apply again; if nothing else is writing, remove ${lock}`;
  return new ConfigError({ code: 'CONFIG_BUSY', subject, what, fix });
}

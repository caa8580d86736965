import { existsSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change } from '../domain/decide/change.ts';
import { type State, type Texts, understand } from '../domain/decide/state.ts';
import type { Problem } from '../domain/problem.ts';
import {
  FileChangedError,
  findLeftovers,
  makeDirectory,
  removeFile,
  removeSurely,
  writeAtomically,
} from './atomic-write.ts';
import { readBounded } from './bounded-read.ts';
import { ConfigError, fileError, isConfigError } from './config-error.ts';
import { findExposure } from './exposure.ts';
import { LockBusyError, sweepLock, withLock } from './lock.ts';
import { findRealPath } from './real-path.ts';

/** Where `config.json` and, beside it, our ledger are. */
export type ConfigDir = {
  readonly config: string;
  readonly ledger: string;
  /** The path of config.json as the user knows it: with `~` for the home directory. */
  readonly shown: string;
  /** Who we are, and whether DOCKER_CONFIG named the directory. */
  readonly uid: number;
  readonly isNamed: boolean;
};

/**
 * Finds the directory as docker does, but never guesses a home: throws ConfigError without HOME and
 * DOCKER_CONFIG.
 */
export function findConfigDir(
  env: Readonly<Record<string, string | undefined>>,
  uid: number,
): ConfigDir {
  const { HOME: home, DOCKER_CONFIG: explicit } = env;
  if (!explicit && !home)
    throw homeError('not set, so there is no place for ~/.docker/config.json');
  if (!explicit && home && !existsSync(home))
    throw homeError('names a directory that does not exist');
  const directory = explicit || join(home ?? '', '.docker');
  const config = join(directory, 'config.json');
  const shown = home && config.startsWith(`${home}/`) ? `~${config.slice(home.length)}` : config;
  const ledger = join(directory, 'registry-auth.json');
  return { config, ledger, shown, uid, isNamed: Boolean(explicit) };
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
export type Opened = { readonly dir: ConfigDir; readonly state: State };

/**
 * Finds, reads and understands both files; a problem where there is no place for them, or one
 * cannot be read.
 */
export function openConfig(findDir: () => ConfigDir): Opened | Trouble {
  try {
    const dir = findDir();
    return { dir, state: understand(readTexts(dir), dir.shown) };
  } catch (error) {
    if (isConfigError(error)) return error;
    throw error;
  }
}

function readTexts({ config, ledger, shown }: ConfigDir): Texts {
  return {
    config: readText(config, shown),
    ledger: readText(ledger, shownLedger({ shown })),
  };
}

function shownLedger({ shown }: Pick<ConfigDir, 'shown'>): string {
  return shown.replace(/config\.json$/, 'registry-auth.json');
}

/** More than any configuration holds; our ledger grows with what it remembers of it. */
const MAX_CONFIG_BYTES = 64 << 20;

function readText(path: string, shown: string): string | undefined {
  try {
    return readBounded(path, MAX_CONFIG_BYTES).text;
  } catch (error) {
    // Not throwIfNoEntry: of what lies below a file, versions of Node differ on whether it is no
    // entry.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError('CONFIG_NOT_READABLE', error, shown);
  }
}

/**
 * Our processes hold the lock for a few milliseconds; the longest wait is for one of another
 * container that was killed while holding it.
 */
const LOCK = { waitMs: 12_000, staleMs: 8_000 };
const MAX_ATTEMPTS = 10;

type Planned = { readonly change: Change };

/**
 * Plans, and writes what is planned as one step: under a lock against our own processes, and with a
 * second look right before the rename against everybody else's, after which it plans again. Writes
 * nothing, and makes no file at all, where the plan changes nothing. Returns the plan that was
 * carried out, or what kept it from being.
 */
export async function updateConfig<P extends Planned>(
  dir: ConfigDir,
  state: State,
  plan: (state: State) => P,
  now: () => number,
): Promise<P | Trouble> {
  const planned = plan(state);
  try {
    const [config = '', ledger = ''] = [dir.config, dir.ledger].map(findRealPath);
    const leftovers = findLeftovers([config, ledger]);
    if (!hasEffect(planned.change) && leftovers.length === 0) {
      sweepLock(`${ledger}.lock`, { ...LOCK, now });
      return planned;
    }
    const { refusal } = findExposure(dir);
    if (refusal) return { problem: refusal };
    makeDirectory(dirname(config));
    return await withLock(`${ledger}.lock`, { ...LOCK, now }, () => {
      // Whoever was writing these has let go of the lock, or was killed; and they hold secrets.
      for (const path of leftovers) removeFile(path);
      return writeUntilUnchanged(dir, plan, { texts: state.texts, planned });
    });
  } catch (error) {
    if (error instanceof LockBusyError) return busyError(dir);
    if (isConfigError(error)) return error;
    return fileError('CONFIG_NOT_WRITABLE', error, dir.shown);
  }
}

function writeUntilUnchanged<P extends Planned>(
  dir: ConfigDir,
  plan: (state: State) => P,
  first: { readonly texts: Texts; readonly planned: P },
): P {
  let { texts, planned } = first;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const current = readTexts(dir);
    if (!isSame(current, texts)) planned = plan(understand(current, dir.shown));
    texts = current;
    if (!hasEffect(planned.change)) return planned;
    try {
      writeChange(dir, planned.change, texts);
      return planned;
    } catch (error) {
      if (!(error instanceof FileChangedError)) throw error;
    }
  }
  throw busyError(dir);
}

function isSame(one: Texts, other: Texts): boolean {
  return one.config === other.config && one.ledger === other.ledger;
}

function hasEffect(change: Change): boolean {
  return Object.values(change).some((value) => value !== undefined);
}

function writeChange(dir: ConfigDir, { before, config, ledger }: Change, texts: Texts): void {
  const ifStill = (path: string, text: string | undefined) => ({
    recheck: () => {
      if (readText(path, dir.shown) !== text) throw new FileChangedError(dir.shown);
    },
  });
  if (before !== undefined)
    writeAtomically(dir.ledger, before, { ...ifStill(dir.ledger, texts.ledger), next: dir.config });
  if (config !== undefined) writeAtomically(dir.config, config, ifStill(dir.config, texts.config));
  const ifInterim = ifStill(dir.ledger, before ?? texts.ledger);
  try {
    if (typeof ledger === 'string') writeAtomically(dir.ledger, ledger, ifInterim);
    else if (ledger === null) removeSurely(dir.ledger);
  } catch (error) {
    if (error instanceof FileChangedError || error instanceof ConfigError) throw error;
    // config.json is as it shall be by now.
    throw fileError('CONFIG_NOT_WRITABLE', error, shownLedger(dir));
  }
}

function busyError({ shown: subject }: ConfigDir): ConfigError {
  const what = 'is being written by others all the time; left unchanged';
  const lock = 'registry-auth.json.lock beside it';
  const fix = `run registry-auth apply again; if nothing else is writing, remove ${lock}`;
  return new ConfigError({ code: 'CONFIG_BUSY', subject, what, fix });
}

import { isUtf8 } from 'node:buffer';
import { existsSync, lstatSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change, Texts } from '../domain/plan.ts';
import {
  FileChangedError,
  findRealPath,
  makeDirectory,
  removeFile,
  writeAtomically,
} from './atomic-write.ts';
import { ConfigError, fileError } from './config-error.ts';
import { LockBusyError, withLock } from './lock.ts';

/** Where `config.json` and, beside it, our ledger are. */
export type ConfigDir = {
  readonly config: string;
  readonly ledger: string;
  /** The path of config.json as the user knows it: with `~` for the home directory. */
  readonly shown: string;
};

/** Finds the directory as docker does, but never guesses a home: throws ConfigError without HOME and DOCKER_CONFIG. */
export function findConfigDir(env: Readonly<Record<string, string | undefined>>): ConfigDir {
  const { HOME: home, DOCKER_CONFIG: explicit } = env;
  if (!explicit && !home)
    throw homeError('not set, so there is no place for ~/.docker/config.json');
  if (!explicit && home && !existsSync(home))
    throw homeError('names a directory that does not exist');
  const directory = explicit || join(home ?? '', '.docker');
  const config = join(directory, 'config.json');
  const shown = home && config.startsWith(`${home}/`) ? `~${config.slice(home.length)}` : config;
  return { config, ledger: join(directory, 'registry-auth.json'), shown };
}

function homeError(what: string): ConfigError {
  return new ConfigError({
    code: 'HOME_MISSING',
    subject: 'HOME',
    what,
    fix: 'set HOME to your home directory, or DOCKER_CONFIG to the directory of config.json',
  });
}

/** Whether config.json is a link to a file that does not exist. */
export function leadsNowhere({ config }: ConfigDir): boolean {
  try {
    return lstatSync(config).isSymbolicLink() && !existsSync(config);
  } catch {
    return false;
  }
}

/** Reads both files; throws ConfigError where one is there and cannot be read. */
export function readTexts({ config, ledger, shown }: ConfigDir): Texts {
  return {
    config: readText(config, shown),
    ledger: readText(ledger, shown.replace(/config\.json$/, 'registry-auth.json')),
  };
}

function readText(path: string, shown: string): string | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile())
      throw Object.assign(new Error(), { code: stat.isDirectory() ? 'EISDIR' : 'ENXIO' });
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) throw Object.assign(new Error(), { code: 'EILSEQ' });
    return bytes.toString('utf8');
  } catch (error) {
    // Not throwIfNoEntry: of what lies below a file, versions of Node differ on whether it is no entry.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fileError('CONFIG_NOT_READABLE', error, shown);
  }
}

export type UpdateOptions = {
  readonly now: () => number;
  /** Decides from what is there; called again when somebody else wrote meanwhile. */
  readonly plan: (texts: Texts) => Change;
};

/** Our processes hold the lock for a few milliseconds; the longest wait is for one that was killed while holding it. */
const LOCK = { waitMs: 12_000, staleMs: 8_000 };
const MAX_ATTEMPTS = 10;

/**
 * Reads, plans and writes as one step: under a lock against our own processes, and with a second look right before the rename against everybody
 * else's. Writes nothing, and makes no file at all, where the plan changes nothing. Throws ConfigError.
 */
export async function updateConfig(dir: ConfigDir, { now, plan }: UpdateOptions): Promise<void> {
  const texts = readTexts(dir);
  const change = plan(texts);
  if (!hasEffect(change)) return;
  try {
    makeDirectory(dirname(findRealPath(dir.config)));
    const lock = `${findRealPath(dir.ledger)}.lock`;
    await withLock(lock, { ...LOCK, now }, () => writeUntilUnchanged(dir, plan, { texts, change }));
  } catch (error) {
    if (error instanceof LockBusyError) throw busyError(dir, error);
    throw error instanceof ConfigError ? error : fileError('CONFIG_NOT_WRITABLE', error, dir.shown);
  }
}

type Planned = { readonly texts: Texts; readonly change: Change };

function writeUntilUnchanged(dir: ConfigDir, plan: UpdateOptions['plan'], first: Planned): void {
  let planned = first;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const texts = readTexts(dir);
    if (!isSame(texts, planned.texts)) planned = { texts, change: plan(texts) };
    if (!hasEffect(planned.change)) return;
    try {
      writeChange(dir, planned.change, texts);
      return;
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

function writeChange(dir: ConfigDir, change: Change, texts: Texts): void {
  const recheck = (path: string, text: string | undefined) => () => {
    if (readText(path, dir.shown) !== text) throw new FileChangedError(dir.shown);
  };
  const isConfigSame = recheck(dir.config, texts.config);
  const isLedgerSame = recheck(dir.ledger, change.setAside ? undefined : texts.ledger);
  if (change.setAside !== undefined)
    renameSync(dir.ledger, join(dirname(dir.ledger), change.setAside));
  if (change.before !== undefined) writeAtomically(dir.ledger, change.before, isLedgerSame);
  if (typeof change.config === 'string') writeAtomically(dir.config, change.config, isConfigSame);
  else if (change.config === null) {
    isConfigSame();
    removeFile(findRealPath(dir.config));
  }
  const isInterimSame =
    change.before === undefined ? isLedgerSame : recheck(dir.ledger, change.before);
  if (typeof change.ledger === 'string') writeAtomically(dir.ledger, change.ledger, isInterimSame);
  else if (change.ledger === null) removeFile(dir.ledger);
}

function busyError({ shown }: ConfigDir, cause?: unknown): ConfigError {
  const fix =
    'run registry-auth apply again; if nothing else is writing, remove registry-auth.json.lock beside it';
  return new ConfigError(
    {
      code: 'CONFIG_BUSY',
      subject: shown,
      what: 'is being written by others all the time; left unchanged',
      fix,
    },
    cause,
  );
}

import { realpathSync } from 'node:fs';
import { isAbsolute, join, normalize, resolve } from 'node:path';
import { readBounded } from '../io/files/bounded-read.ts';
import type { Place } from '../io/place/owner.ts';
import type { Notice, Problem } from '../problem.ts';
import { unquote } from './clean.ts';
import type { ParsedFile } from './env-file.ts';
import { type FileContent, type Source, variableName } from './triple.ts';

/** Loaded only if there is a file to read: most starts have none. */
const envFile = (): typeof import('./env-file.ts') => require('./env-file.ts');

export type EnvFiles = {
  readonly sources: Source[];
  readonly problems: Problem[];
  readonly notices: Notice[];
  /** Files that exist but cannot be read, by their names in records: their logins stay. */
  readonly unread: string[];
  /** Files that other users could change, or that are gone: not to be recorded. */
  readonly unfit: string[];
};

/** Where relative names begin; in a workspace no link may lead out of it. */
export type Base = { readonly directory: string; readonly isWorkspace?: boolean };

/** For all env files of one run together, because all input is bounded. */
const MAX_VARIABLES = 1_000;

/**
 * Reads the env files that this run names, then those in records: a file that was named once stays
 * a source as long as it exists. Their variables become sources and are never loaded into the
 * process. An unreadable file is a problem, but the other files are still read. A file that users
 * other than `uid` and root could change is used only if this run names it. Files in a record are
 * read as the record's owner.
 */
export function readEnvFiles(
  names: readonly string[],
  base: Base,
  uid: number,
  remembered: readonly string[] = [],
  owner: Pick<Place, 'uid' | 'as'> = { uid, as: (action) => action() },
): EnvFiles {
  const found: EnvFiles = { sources: [], problems: [], notices: [], unread: [], unfit: [] };
  for (const name of names.filter((one) => one !== '')) add(found, readOne(name, base, uid), true);
  const known = [...found.sources.map(({ file }) => file), ...found.unread];
  for (const file of remembered.filter((one) => !known.includes(one))) {
    // The owner may be unable to read our code's folder.
    envFile();
    add(
      found,
      owner.as(() => readAgain(file, owner.uid)),
      false,
    );
  }
  return found;
}

/** The environment with the text of the files that it names instead of passwords. */
export function readPasswordFiles(environment: Source): Source {
  const { variables } = environment;
  const ending = variableName('', 'PASSWORD_FILE');
  const names = Object.keys(variables).filter((name) => name.endsWith(ending));
  const read = (name: string) => [name, readContent(unquote(variables[name] ?? ''))] as const;
  return { ...environment, contents: new Map(names.map(read)) };
}

function readContent(path: string): FileContent {
  // A relative path would depend on who runs us.
  if (!isAbsolute(path)) return { errno: 'EINVAL' };
  try {
    return { text: readBounded(path).text };
  } catch (error) {
    return { errno: (error as NodeJS.ErrnoException).code ?? '' };
  }
}

type EnvFile = {
  readonly name: string;
  /** Its name in a record. */
  readonly file: string;
  readonly parsed?: ParsedFile;
  /** Whether only its user and root can change it. */
  readonly isFit?: boolean;
  readonly errno?: string;
};

function add(found: EnvFiles, read: EnvFile, isNamed: boolean): void {
  const { name, file, parsed, isFit = false } = read;
  if (!parsed || isFull(found, parsed)) {
    addUnread(found, { name, file, errno: read.errno ?? 'FULL' }, isNamed);
    return;
  }
  if (isFit || isNamed) {
    const { variables, problems, notices } = parsed;
    found.sources.push({ name, file, variables });
    found.notices.push(...notices);
    found.problems.push(...problems);
    // A file with a line that we cannot parse keeps its logins.
    if (problems.length > 0) found.unread.push(file);
  }
  if (isFit) return;
  found.notices.push(envFile().exposed(name, isNamed));
  found.unfit.push(file);
}

function addUnread(found: EnvFiles, { name, file, errno = '' }: EnvFile, isNamed: boolean): void {
  const isGone = errno === 'ENOENT' || errno === 'EXDEV';
  if (isNamed || !isGone) found.problems.push(envFile().unreadable(name, errno));
  if (!isGone) found.unread.push(file);
  else if (!isNamed) found.unfit.push(file);
}

function isFull({ sources }: EnvFiles, { variables }: ParsedFile): boolean {
  const all = [...sources, { variables }].flatMap((source) => Object.keys(source.variables));
  return all.length > MAX_VARIABLES;
}

/** In a record, separates a workspace from a name in it; no path contains it. */
const INSIDE = '//';

/** A relative name in a workspace is recorded as such, so that it never leads outside. */
function readOne(name: string, { directory, isWorkspace }: Base, uid: number): EnvFile {
  const path = resolve(directory, name);
  const isBound = isWorkspace === true && !isAbsolute(name);
  const file = isBound ? resolve(directory) + INSIDE + normalize(name) : path;
  const isInside = () => realpathSync(path).startsWith(join(realpathSync(directory), '/'));
  try {
    if (isBound && !isInside()) return { name, file, errno: 'EXDEV' };
    const { text, stat } = readBounded(path);
    const parsed = envFile().parseEnvFile(text, name);
    const real = isBound ? file : realpathSync(path);
    const isFit = [0, uid].includes(stat.uid) && (stat.mode & 0o022) === 0;
    return { name, file: real, parsed, isFit };
  } catch (error) {
    return { name, file, errno: (error as NodeJS.ErrnoException).code ?? '' };
  }
}

function readAgain(file: string, uid: number): EnvFile {
  const [directory = '', inside] = file.split(INSIDE, 2);
  const base = inside === undefined ? { directory: '/' } : { directory, isWorkspace: true };
  const read = readOne(inside ?? file, base, uid);
  const name = file.replace(INSIDE, '/');
  // The recorded path had no link: another program, such as `git pull`, has added one since.
  if (read.parsed && read.file !== file) return { name, file, errno: 'EXDEV' };
  return { ...read, name, file };
}

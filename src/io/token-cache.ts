import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  rmSync,
  statfsSync,
  unlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { attempt } from '../attempt.ts';
import type { Credential } from '../dockerconfig/auth-entry.ts';
import { checksum, toHex } from '../dockerconfig/checksum.ts';
import { parseJson } from '../json.ts';
import type { Environment } from '../providers/provider.ts';
import { readIfThere } from './files/bounded-read.ts';
import { readNames } from './files/descriptor.ts';
import { DESCRIPTORS } from './files/real-path.ts';

/** A credential with its times, in milliseconds since the epoch. */
export type Token = Required<Credential> & { readonly issuedAt: number };

/** File systems in memory (statfs(2)): tmpfs and ramfs. */
const MEMORY_FILE_SYSTEMS = new Set([0x01021994, 0x858458f6]);

/** Our folder by its open descriptor: even if it is renamed, it is the one that we checked. */
export type TokenCache = { readonly directory: string };

/**
 * A directory for tokens that only this user can read and that no image layer or snapshot can hold.
 * Undefined if the machine has none: then every pull makes new tokens, and we keep none. Without
 * `mayMake` it must exist already. It stays open until the process ends. A job's programs use
 * REGISTRY_AUTH_RUN instead, because the next job may be another repository's.
 */
export function openTokenCache(
  env: Environment,
  uid: number,
  mayMake = true,
): TokenCache | undefined {
  const { REGISTRY_AUTH_RUN: own } = env;
  for (const path of own ? [own] : [env.XDG_RUNTIME_DIR, '/dev/shm']) {
    const base = path ? openIf(path, constants.O_DIRECTORY, uid, isOurBase) : undefined;
    // The first that fits is the only one: `logout` must not look elsewhere if it has no tokens.
    if (base !== undefined) return openIn(base, uid, mayMake);
  }
  return undefined;
}

/** Undefined if the directory is missing or not readable, or does not fit. */
function openIf(
  path: string,
  flags: number,
  uid: number,
  isFit: (opened: number, uid: number) => boolean,
): number | undefined {
  let opened: number | undefined;
  try {
    opened = openSync(path, flags);
    if (isFit(opened, uid)) return opened;
  } catch {
    // There may also be no /proc to name a descriptor by.
  }
  if (opened !== undefined) closeSync(opened);
  return undefined;
}

/** In memory, and no other user can move our folder in it: `/dev/shm` has the sticky bit. */
function isOurBase(base: number, uid: number): boolean {
  const { uid: owner, mode } = fstatSync(base);
  const isClosed = (mode & 0o022) === 0 || (mode & 0o1000) !== 0;
  const isOurs = isClosed && (owner === uid || owner === 0);
  return isOurs && MEMORY_FILE_SYSTEMS.has(statfsSync(DESCRIPTORS + base).type);
}

function openIn(base: number, uid: number, mayMake: boolean): TokenCache | undefined {
  const place = join(DESCRIPTORS + base, `registry-auth-${uid}`);
  // An error is slower than a check; and if it is missing, opening it fails.
  if (mayMake && !existsSync(place)) attempt(() => mkdirSync(place, { mode: 0o700 }));
  const own = openIf(place, constants.O_DIRECTORY | constants.O_NOFOLLOW, uid, isOwn);
  closeSync(base);
  return own === undefined ? undefined : { directory: DESCRIPTORS + own };
}

/** Every user may write to /dev/shm, so we never use another user's directory or link. */
function isOwn(opened: number, uid: number): boolean {
  const { uid: owner, mode } = fstatSync(opened);
  if (owner === uid && (mode & 0o777) !== 0o700) fchmodSync(opened, 0o700);
  return owner === uid;
}

/**
 * The file of one registry and one set of keys. Its name holds 32 bits of what follows the access
 * key's ID, the secret: enough to notice a change, and far too few to find it.
 */
export function tokenFile(
  { directory }: TokenCache,
  host: string,
  [accessKeyId = '', ...secrets]: readonly (string | undefined)[],
): string {
  const keys = hash(accessKeyId, OFFSETS.slice(1)) + hash(secrets.join('\n'), OFFSETS.slice(0, 1));
  return join(directory, `${prefixOf(host)}${keys}.json`);
}

/** The token in a file, whatever its age; undefined if there is none, or it is damaged. */
export function readToken(path: string): Token | undefined {
  const { user, secret, issuedAt, expiresAt } = Object(parseJson(readIfThere(path) ?? ''));
  const isWhole =
    [user, secret].every((text) => typeof text === 'string') &&
    [issuedAt, expiresAt].every(Number.isFinite);
  return isWhole ? { user, secret, issuedAt, expiresAt } : undefined;
}

/** The token of a host that expires last, for a shell without secrets. */
export function readNewestToken(
  { directory }: TokenCache,
  host: string,
  now: number,
): Token | undefined {
  return readNames(directory)
    .filter((name) => name.startsWith(prefixOf(host)) && name.endsWith('.json'))
    .flatMap((name) => readToken(join(directory, name)) ?? [])
    .filter(({ expiresAt }) => expiresAt > now)
    .sort((a, b) => b.expiresAt - a.expiresAt)[0];
}

function prefixOf(login: string): string {
  return `${hash(login)}-`;
}

const OFFSETS = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b];

/** Only for names: a cryptographic hash takes longer to load than a pull with a cached token. */
function hash(text: string, offsets: readonly number[] = OFFSETS): string {
  return offsets.map((offset) => toHex(checksum(text, offset))).join('');
}

/** Removes every token of a login; returns how many. */
export function forgetTokens(cache: TokenCache, name: string): number {
  return removeWhere(cache, (file) => file.startsWith(prefixOf(name)));
}

/** Removes all but these files, and what killed runs left of others; returns how many tokens. */
export function keepTokens(cache: TokenCache, files: readonly string[]): number {
  const kept = files.map((file) => basename(file));
  return removeWhere(cache, (name) => !kept.some((one) => name.startsWith(one)));
}

/** A token, or the lock beside it. */
const TOKEN = /^[0-9a-f]{32}-[0-9a-f]{32}\.json(?:\.lock)?$/;

function removeWhere({ directory }: TokenCache, isUnwanted: (name: string) => boolean): number {
  const names = readNames(directory).filter((name) => TOKEN.test(name) && isUnwanted(name));
  const removed = names.filter((name) => removeFile(join(directory, name)));
  return removed.filter((name) => name.endsWith('.json')).length;
}

function removeFile(path: string): boolean {
  try {
    // A lock is a directory, and may hold a killed run's file.
    if (path.endsWith('.lock')) rmSync(path, { recursive: true });
    else unlinkSync(path);
    return true;
  } catch {
    // Another run has removed it.
    return false;
  }
}

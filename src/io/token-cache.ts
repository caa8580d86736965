import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Credential } from '../dockerconfig/auth-entry.ts';
import { checksum, toHex } from '../dockerconfig/checksum.ts';
import type { Environment } from '../providers/provider.ts';
import { readBounded } from './bounded-read.ts';

/** A credential with its times, in milliseconds since the epoch. */
export type Token = Required<Credential> & { readonly issuedAt: number };

/** File systems that live in memory (statfs(2)): tmpfs and ramfs. */
const MEMORY_FILE_SYSTEMS = new Set([0x01021994, 0x858458f6]);

/** How the names of files begin that hold what hooks have told, and no token. */
export const TOLD = 'told-';

export type TokenCache = { readonly directory: string };

/**
 * A directory for tokens that only this user can read and that no image layer or snapshot can hold,
 * or undefined where the machine offers none: then every pull exchanges anew, and nothing rests.
 * Without `mayMake` only where it has been made already. A job's programs have a place of their own,
 * REGISTRY_AUTH_RUN, or none, because the next job may be another repository's.
 */
export function openTokenCache(
  env: Environment,
  uid: number,
  mayMake = true,
): TokenCache | undefined {
  const isUsable = mayMake ? makeOwnDirectory : isOwnDirectory;
  const { REGISTRY_AUTH_RUN: own } = env;
  for (const base of own ? [own] : [env.XDG_RUNTIME_DIR, '/dev/shm']) {
    const directory = `${base}/registry-auth-${uid}`;
    if (base && isInMemory(base) && isUsable(directory, uid)) return { directory };
  }
  return undefined;
}

function isInMemory(path: string): boolean {
  try {
    return MEMORY_FILE_SYSTEMS.has(statfsSync(path).type);
  } catch {
    return false;
  }
}

function makeOwnDirectory(path: string, uid: number): boolean {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!isOwnDirectory(path, uid)) return false;
    if ((lstatSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
    return true;
  } catch {
    return false;
  }
}

/** Every user may write into /dev/shm: another user's directory, or link, is not used. */
function isOwnDirectory(path: string, uid: number): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isDirectory() && stat.uid === uid;
  } catch {
    // After su, XDG_RUNTIME_DIR is another user's, and closed.
    return false;
  }
}

/**
 * The file of one registry and one set of keys. Of what follows the access key's id, the secret, 32
 * bits are in the name: enough to notice another one, and far too few to find it.
 */
export function tokenFile(
  { directory }: TokenCache,
  host: string,
  [accessKeyId = '', ...secrets]: readonly (string | undefined)[],
): string {
  const keys = hash(accessKeyId, OFFSETS.slice(1)) + hash(secrets.join('\n'), OFFSETS.slice(0, 1));
  return join(directory, `${prefixOf(host)}${keys}.json`);
}

/** The token in a file, whatever its age; undefined where there is none, or a damaged one. */
export function readToken(path: string): Token | undefined {
  try {
    const { user, secret, issuedAt, expiresAt } = JSON.parse(readBounded(path).text);
    const isWhole =
      [user, secret].every((text) => typeof text === 'string') &&
      [issuedAt, expiresAt].every(Number.isFinite);
    return isWhole ? { user, secret, issuedAt, expiresAt } : undefined;
  } catch {
    return undefined;
  }
}

export function renderToken(token: Token): string {
  return JSON.stringify(token);
}

/** The token of a host that lives longest, for a shell that has no secrets. */
export function readNewestToken(cache: TokenCache, host: string, now: number): Token | undefined {
  const { directory } = cache;
  try {
    return readdirSync(directory)
      .filter((name) => name.startsWith(prefixOf(host)) && name.endsWith('.json'))
      .map((name) => readToken(join(directory, name)))
      .filter((token) => token !== undefined && token.expiresAt > now)
      .sort((a, b) => (b?.expiresAt ?? 0) - (a?.expiresAt ?? 0))[0];
  } catch {
    return undefined;
  }
}

/** How the names of all files of a host begin; with its default port it is the same registry. */
function prefixOf(host: string): string {
  return `${hash(host.replace(/:443$/, ''))}-`;
}

const OFFSETS = [0x811c9dc5, 0x01000193, 0x9e3779b9, 0x85ebca6b];

/** Only for names: a cryptographic hash takes longer to load than a pull with a cached token. */
function hash(text: string, offsets: readonly number[] = OFFSETS): string {
  return offsets.map((offset) => toHex(checksum(text, offset))).join('');
}

/** Removes every token of a host; returns how many. */
export function forgetTokens(cache: TokenCache, host: string): number {
  return removeWhere(cache, (name) => name.startsWith(prefixOf(host)));
}

/** Removes all but these files, and what killed runs left of others; returns how many tokens. */
export function keepTokens(cache: TokenCache, files: readonly string[]): number {
  const kept = files.map((file) => basename(file));
  const isKept = (name: string) => name.startsWith(TOLD) || kept.some((one) => name.includes(one));
  return removeWhere(cache, (name) => !isKept(name));
}

function removeWhere({ directory }: TokenCache, isUnwanted: (name: string) => boolean): number {
  try {
    const unwanted = readdirSync(directory).filter(isUnwanted);
    for (const name of unwanted) rmSync(join(directory, name), { recursive: true, force: true });
    return unwanted.filter((name) => name.endsWith('.json')).length;
  } catch {
    // Another run has removed the cache.
    return 0;
  }
}

import type { Problem } from '../domain/problem.ts';
import { isObject } from './json.ts';

/**
 * User name and secret that the registry accepts, and when it stops to (milliseconds since the
 * epoch).
 */
export type Credential = {
  readonly user: string;
  readonly secret: string;
  readonly expiresAt?: number;
};

/**
 * The user name that marks an identity token in the helper protocol (docker-credential-helpers).
 */
export const IDENTITY_TOKEN_USER = '<token>';

/** The user name that Azure takes with a token. */
const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/**
 * The entry of a credential, in the one form that every client reads. An identity token has a field
 * of its own, and podman reads it only beside an `auth` (docs/clients.md, Entries).
 */
export function makeEntry({ user, secret }: Credential): { auth: string; identitytoken?: string } {
  if (user !== IDENTITY_TOKEN_USER) return { auth: encodeAuth(user, secret) };
  return { auth: encodeAuth(ZERO_GUID, ''), identitytoken: secret };
}

function encodeAuth(user: string, secret: string): string {
  return Buffer.from(`${user}:${secret}`, 'utf8').toString('base64');
}

/** An auth entry, as docker reads it. */
export type AuthEntry = {
  /** The credential in it, as far as it has one. */
  readonly credential: Credential | undefined;
  /** Equal for two entries that log in alike, whatever order, spacing and other members have. */
  readonly meaning: string;
  /** Why docker cannot decode it, nor anything else in its file. */
  readonly fault: EntryFault | undefined;
  /** Its JSON text, found when it is asked for. */
  readonly text: string;
};

export type EntryFault = Pick<Problem, 'code' | 'what'>;

/** Understands a value of `auths`. */
export function parseEntry(value: unknown, findText: () => string): AuthEntry {
  const { auth, identitytoken, username, password, registrytoken } = Object(value);
  const plain = typeof auth === 'string' && auth !== '' ? decodeAuth(auth) : undefined;
  const token = textOf(identitytoken);
  const { user, secret } = plain ?? { user: textOf(username), secret: textOf(password) };
  return {
    credential: token === '' ? plain : { user: IDENTITY_TOKEN_USER, secret: token },
    meaning: `${user}\0${secret}\0${token}\0${textOf(registrytoken)}`,
    fault: plain ? undefined : findFault(value, auth),
    get text() {
      return findText();
    },
  };
}

function findFault(entry: unknown, auth: unknown): EntryFault | undefined {
  if (entry === null) return undefined;
  if (!isObject(entry))
    return { code: 'CONFIG_SHAPE', what: 'holds an entry in auths that is no object' };
  if (auth === undefined || auth === null || auth === '') return undefined;
  const what = 'holds an entry whose auth is not the base64 form of user:password';
  return { code: 'CONFIG_ENTRY_UNDECODABLE', what };
}

/**
 * User and secret of an `auth` value by docker's rules: standard base64 with padding, split at the
 * first colon, a user that is not empty.
 */
export function decodeAuth(auth: string): Credential | undefined {
  const isOneLine = !auth.includes('\n') && !auth.includes('\r');
  const compact = isOneLine ? auth : auth.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  const text = Buffer.from(compact, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { user: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** The meaning of the entry that would be written for a credential. */
export function meaningOfCredential({ user, secret }: Credential): string {
  if (user !== IDENTITY_TOKEN_USER) return `${user}\0${secret}\0\0`;
  return `${ZERO_GUID}\0\0${secret}\0`;
}

/** The meaning of an entry without a user: docker leaves `{}` where a helper has the login. */
export const BLANK = '\0\0\0';

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

import { type Credential, IDENTITY_TOKEN_USER } from '../dockerconfig/auth-entry.ts';
import type { Lookup } from './client.ts';
import { type ClientFile, fault, isRecord, memberOf } from './client-file.ts';

/** What a client reads in an entry: a login, nothing, or what it cannot decode. */
type EntryReading = Credential | 'blank' | 'broken';

/** What a client finds at a key of a file: a login, nothing, or an entry that it cannot decode. */
export function entryAt(
  { path, auths }: Pick<ClientFile, 'path' | 'auths'>,
  key: string | undefined,
  read: (entry: unknown) => EntryReading,
): Lookup[] {
  const credential = key === undefined ? 'blank' : read(auths.get(key));
  if (key === undefined || credential === 'blank') return [];
  if (credential === 'broken') return [fault(path, `cannot decode its entry for ${key}`)];
  return [{ kind: 'entry', where: path, key, credential }];
}

const PODMAN_FIELDS = ['auth', 'identitytoken'] as const;
const FIELDS = [...PODMAN_FIELDS, 'username', 'password', 'registrytoken'] as const;

/** The fields of an entry, empty where they are not there; undefined where Go could not read it. */
function readFields<Name extends string>(
  entry: unknown,
  names: readonly Name[],
): Readonly<Record<Name, string>> | undefined {
  if (entry !== null && !isRecord(entry)) return undefined;
  const values = names.map((name) => [name, memberOf(entry, name, true) ?? ''] as const);
  const isText = values.every(([, value]) => typeof value === 'string');
  return isText ? (Object.fromEntries(values) as Record<Name, string>) : undefined;
}

/** User and password of an `auth`, or why there are none. */
function decode(auth: string): { user: string; secret: string } | 'no base64' | 'no colon' {
  const compact = auth.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(compact)) return 'no base64';
  const text = Buffer.from(compact, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return 'no colon';
  const secret = text.slice(colon + 1).replace(/^\0+|\0+$/g, '');
  return { user: text.slice(0, colon), secret };
}

function orBlank(user: string, secret: string): EntryReading {
  return user === '' && secret === '' ? 'blank' : { user, secret };
}

/**
 * docker, crane and all that is built on docker's library (docs/clients.md, Entries); oras and helm
 * allow an `auth` without a user.
 */
export function readDockerEntry(entry: unknown, { allowsNoUser = false } = {}): EntryReading {
  const fields = readFields(entry, FIELDS);
  if (!fields) return 'broken';
  const { auth, username, password, identitytoken, registrytoken } = fields;
  const plain = auth === '' ? { user: username, secret: password } : decode(auth);
  if (typeof plain === 'string') return 'broken';
  if (auth !== '' && plain.user === '' && !allowsNoUser) return 'broken';
  const token = registrytoken || identitytoken;
  return token === '' ? orBlank(plain.user, plain.secret) : asToken(token);
}

/** Whether podman's library can read an entry at all; it reads two fields alone. */
export function hasPodmanShape(entry: unknown): boolean {
  return readFields(entry, PODMAN_FIELDS) !== undefined;
}

/** podman, skopeo and buildah: `auth` alone, and a token only beside one. */
export function readPodmanEntry(entry: unknown): EntryReading {
  const { auth = '', identitytoken = '' } = readFields(entry, PODMAN_FIELDS) ?? {};
  const plain = decode(auth);
  if (typeof plain === 'string') return plain === 'no colon' ? 'blank' : 'broken';
  return identitytoken === '' ? orBlank(plain.user, plain.secret) : asToken(identitytoken);
}

/** kubelet: user and password, and nothing else. */
export function readKubeletEntry(entry: unknown): EntryReading {
  const fields = readFields(entry, FIELDS);
  if (!fields) return 'broken';
  const { auth, username, password } = fields;
  if (auth === '') return orBlank(username, password);
  const isPadded = auth.endsWith('=');
  const plain = decode(isPadded ? auth : auth.padEnd(Math.ceil(auth.length / 4) * 4, '='));
  return typeof plain === 'string' ? 'broken' : plain;
}

/** The dev container CLI: the text of `auth` is sent as it is. */
export function readDevcontainerEntry(entry: unknown): EntryReading {
  const token = memberOf(entry, 'identitytoken', false);
  if (typeof token === 'string' && token !== '') return asToken(token);
  const auth = memberOf(entry, 'auth', false);
  const plain = typeof auth === 'string' ? decode(auth) : 'no colon';
  return typeof plain === 'string' ? 'blank' : plain;
}

function asToken(secret: string): Credential {
  return { user: IDENTITY_TOKEN_USER, secret };
}

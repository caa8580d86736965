import { type Credential, IDENTITY_TOKEN_USER, splitAuth } from '../dockerconfig/auth-entry.ts';
import { decode, struct, type Type } from '../dockerconfig/decode.ts';
import { ENTRY } from '../dockerconfig/docker-types.ts';
import { memberOf } from '../json.ts';
import type { Lookup } from './client.ts';
import { type ClientFile, fault } from './client-file.ts';

/** What a client finds in an entry: a login, nothing, or text that it cannot decode. */
type EntryReading = Credential | 'blank' | 'broken';

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

export const PODMAN_ENTRY = /* @__PURE__ */ struct({ auth: '', identitytoken: '' });
export const KUBELET_ENTRY = /* @__PURE__ */ struct({
  auth: '',
  username: '',
  password: '',
  email: '',
});

/** An entry's texts by name; undefined if Go could not decode it. */
function fieldsOf(entry: unknown, type: Type): Readonly<Record<string, string>> | undefined {
  const { value, misfit } = decode(entry, type);
  return misfit ? undefined : Object(value);
}

function orBlank(user: string, secret: string): EntryReading {
  return user === '' && secret === '' ? 'blank' : { user, secret };
}

/** docker and clients on its library (docs/clients.md, Entries); oras and helm need no user. */
export function readDockerEntry(entry: unknown, { allowsNoUser = false } = {}): EntryReading {
  const fields = fieldsOf(entry, ENTRY);
  if (!fields) return 'broken';
  const { auth = '', username = '', password = '', identitytoken, registrytoken } = fields;
  const plain = auth === '' ? { user: username, secret: password } : splitAuth(auth);
  if (typeof plain === 'string') return 'broken';
  if (auth !== '' && plain.user === '' && !allowsNoUser) return 'broken';
  const token = registrytoken || identitytoken;
  return token ? asToken(token) : orBlank(plain.user, plain.secret);
}

/** podman, skopeo and buildah: only `auth`, and a token only together with it. */
export function readPodmanEntry(entry: unknown): EntryReading {
  const { auth = '', identitytoken = '' } = fieldsOf(entry, PODMAN_ENTRY) ?? {};
  const plain = splitAuth(auth);
  if (typeof plain === 'string') return plain === 'no colon' ? 'blank' : 'broken';
  return identitytoken === '' ? orBlank(plain.user, plain.secret) : asToken(identitytoken);
}

/** kubelet: only user and password. */
export function readKubeletEntry(entry: unknown): EntryReading {
  const fields = fieldsOf(entry, KUBELET_ENTRY);
  if (!fields) return 'broken';
  const { auth = '', username = '', password = '' } = fields;
  if (auth === '') return orBlank(username, password);
  const compact = auth.replace(/[\r\n]/g, '');
  const whole = Math.ceil(compact.length / 4) * 4;
  const plain = splitAuth(compact.endsWith('=') ? compact : compact.padEnd(whole, '='));
  return typeof plain === 'string' ? 'broken' : plain;
}

/** The dev container CLI sends the text of `auth` unchanged. */
export function readDevcontainerEntry(entry: unknown): EntryReading {
  const token = memberOf(entry, 'identitytoken');
  if (typeof token === 'string' && token !== '') return asToken(token);
  const auth = memberOf(entry, 'auth');
  const plain = typeof auth === 'string' ? splitAuth(auth) : 'no colon';
  return typeof plain === 'string' ? 'blank' : plain;
}

function asToken(secret: string): Credential {
  return { user: IDENTITY_TOKEN_USER, secret };
}

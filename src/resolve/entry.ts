import { type Credential, IDENTITY_TOKEN_USER, splitAuth } from '../dockerconfig/auth-entry.ts';
import { decode } from '../dockerconfig/decode.ts';
import { ENTRY } from '../dockerconfig/docker-types.ts';
import { memberOf } from '../json.ts';

/** What a client finds in an entry: a login, nothing, or text that it cannot decode. */
export type EntryReading = Credential | 'blank' | 'broken';

function orBlank(user: string, secret: string): EntryReading {
  return user === '' && secret === '' ? 'blank' : { user, secret };
}

/** docker and clients on its library (docs/clients.md, Entries); oras and helm need no user. */
export function readDockerEntry(entry: unknown, { allowsNoUser = false } = {}): EntryReading {
  const { value, misfit } = decode(entry, ENTRY);
  if (misfit) return 'broken';
  const { auth = '', username = '', password = '', identitytoken, registrytoken } = Object(value);
  const plain = auth === '' ? { user: username, secret: password } : splitAuth(auth);
  if (typeof plain === 'string') return 'broken';
  if (auth !== '' && plain.user === '' && !allowsNoUser) return 'broken';
  const token = registrytoken || identitytoken;
  return token ? asToken(token) : orBlank(plain.user, plain.secret);
}

/** podman, skopeo and buildah: only `auth`, and a token only together with it. */
export function readPodmanEntry(entry: unknown): EntryReading {
  const { auth = '', identitytoken = '' } = Object(entry);
  const plain = splitAuth(auth);
  if (typeof plain === 'string') return plain === 'no colon' ? 'blank' : 'broken';
  return identitytoken === '' ? orBlank(plain.user, plain.secret) : asToken(identitytoken);
}

/** kubelet: only user and password. */
export function readKubeletEntry(entry: unknown): EntryReading {
  const { auth = '', username = '', password = '' } = Object(entry);
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

import { isDead } from '../providers/provider.ts';
import type { Login } from '../reconcile/ownership.ts';

/** Where docker, or a client with namespaces, gets its login; or why not. */
export const KEY_STATES = {
  file: 'ready (in config.json)',
  helper: 'ready (from our helper)',
  command: 'ready (from its command)',
  login: 'your own login',
  unasked: 'not used: a helper answers for the whole host',
  'other-helper': 'your own credential helper is used',
  'logged-out': 'logged out by hand; the next start or apply logs in again',
  outdated: 'config.json has an older secret; the next start or apply writes the new one',
  shadowed: 'in config.json, but docker does not read it: credsStore is set',
  expired: 'expired',
  'no-token': 'no token; our helper asks AWS for one at each pull',
  'no-secret': 'our helper is used, but its secrets are not set in this shell',
  'no-helper': 'our helper is used, but is not on PATH',
  missing: 'not written yet',
  blocked: 'cannot be written, see below',
  unknown: 'unknown, because the files cannot be read',
} as const;

export type KeyState = keyof typeof KEY_STATES;

/** Those in which a client that uses the key logs in with the triple. */
export const READY_STATES: readonly KeyState[] = ['file', 'helper', 'command'];
/** Those in which nothing needs to be done. */
export const WELL_STATES: readonly KeyState[] = [
  ...READY_STATES,
  'login',
  'unasked',
  'other-helper',
];
/** Those in which apply writes. */
export const LACKING_STATES: readonly KeyState[] = ['missing', 'logged-out', 'expired', 'outdated'];

/**
 * Why the credential of an ID is not ready: its token has expired, or AWS returned none. The login
 * may be one that the ID's triple no longer names.
 */
export function findBlock(
  id: string,
  { desired, request }: Pick<Login, 'desired' | 'request'>,
): 'expired' | 'no-token' | undefined {
  const own = desired ?? [...request.desired.values()].find(({ triple }) => triple.id === id);
  if (own && isDead(own.registry, own.triple, request.now)) return 'expired';
  return request.credentials.get(id) === 'unavailable' ? 'no-token' : undefined;
}

import { findProvider } from '../../providers/find.ts';
import {
  findLogin,
  HELPER,
  hasOurHelper,
  isOurs,
  type Key,
  type Login,
} from '../../reconcile/ownership.ts';
import type { Request } from '../../reconcile/request.ts';
import { isAlive, type State } from '../../reconcile/state.ts';
import type { Messages } from '../problem.ts';
import { isAlias, isHostKey, splitName } from '../registries/keys.ts';
import type { Address } from '../registries/reference.ts';
import type { ClientLogin } from './clients.ts';

/** One key, as the file has it and as the sources want it. */
export type StatusKey = {
  readonly key: string;
  readonly id: string;
  readonly provider: string;
  /** Where the triple is now; undefined when no source of this shell has it. */
  readonly source?: string;
  readonly state: KeyState;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
};

/** Who answers docker, or a client that knows namespaces; and whether that is well. */
export const KEY_STATES = {
  file: { words: 'ready: in the file', isWell: true },
  helper: { words: 'ready: our helper answers', isWell: true },
  login: { words: "somebody's own login", isWell: true },
  unasked: { words: 'not asked for: a helper answers for the whole host', isWell: true },
  'other-helper': { words: "somebody's own helper is asked", isWell: true },
  'logged-out': {
    words: 'logged out by hand; the next start or apply logs in again',
    isWell: false,
  },
  expired: { words: 'expired', isWell: false },
  'no-secret': {
    words: 'our helper is asked, and its secrets are not in this shell',
    isWell: false,
  },
  'no-helper': { words: 'our helper is asked, and is not on PATH', isWell: false },
  missing: { words: 'not written yet', isWell: false },
  blocked: { words: 'cannot be written, see below', isWell: false },
  unknown: { words: 'not known, because the files cannot be read', isWell: false },
} as const;

export type KeyState = keyof typeof KEY_STATES;

export type Status = Messages & {
  readonly config: string;
  readonly credsStore?: string;
  /** Whether there is any triple, be it only a part of one. */
  readonly hasTriples: boolean;
  readonly keys: readonly StatusKey[];
  /** Of one registry or image, where it was asked for. */
  readonly asked?: { readonly address: Address; readonly clients: readonly ClientLogin[] };
};

/** What a state depends on beside the files. */
export type Circumstances = {
  readonly request: Request;
  readonly hasHelper: boolean;
  /** Whether our helper would have an answer for a key. */
  readonly canAnswer: (key: string) => boolean;
};

/** Every key that a triple wants or that our record knows; an alias only where our helper is. */
export function findStatusKeys(state: State, circumstances: Circumstances): StatusKey[] {
  const { request } = circumstances;
  const context = { state, request };
  const wanted = request.desired.map((one) => findLogin(one.name, one, context));
  const known = new Set(wanted.map(({ name }) => name));
  const others = [...state.config.records.logins.keys()].filter((name) => !known.has(name));
  const logins = [...wanted, ...others.map((name) => findLogin(name, undefined, context))];
  return logins.flatMap((login) => keysOf(login, state, circumstances));
}

function keysOf(login: Login, state: State, circumstances: Circumstances): StatusKey[] {
  const { name, desired, managed } = login;
  const id = desired?.ids[0] ?? managed?.ids[0];
  if (id === undefined) return [];
  const provider = (desired?.registry.provider ?? findProvider(splitName(name).host)).name;
  const source = desired && { source: desired.triple.source };
  return shownKeys(login).map((key) => {
    const found = findState(key, login, state, circumstances);
    const expiresAt = managed?.expiresAt;
    // Our helper gets a new one for a token that has ended.
    const isRenewed = found === 'helper' && (expiresAt ?? 0) <= circumstances.request.now;
    const end = expiresAt && !isRenewed ? { expiresAt } : {};
    return { key: key.key, id, provider, ...source, state: found, ...end };
  });
}

/** The keys that are wanted, or that are ours; else docker's own. */
function shownKeys({ keys, name }: Login): Key[] {
  const ours = keys.filter((key) => key.use === 'entry' || isOurs(key) || hasOurHelper(key));
  return ours.length > 0 ? ours : keys.filter(({ key }) => key === name);
}

function findState(key: Key, login: Login, state: State, circumstances: Circumstances): KeyState {
  if (state.problems.length > 0) return 'unknown';
  const { now } = circumstances.request;
  const isHost = isHostKey(key.key);
  const helper = state.config.credHelpers.get(isHost ? key.key : splitName(key.key).host);
  const isOurHelper = helper === HELPER;
  // A helper of no name is docker's word for the file.
  if (helper && !isHost) return 'unasked';
  if (helper && !isOurHelper) return 'other-helper';
  if (helper && !circumstances.hasHelper) return 'no-helper';
  const stored = state.logins.get(splitName(login.name).host);
  if (stored && stored.user === undefined) return 'logged-out';
  if (key.owner === 'foreign' || (stored && isAlive(stored, now))) return 'login';
  return findOurState(key, login, isOurHelper, circumstances);
}

/** The state of what is ours, or of nothing. */
function findOurState(
  key: Key,
  { managed }: Login,
  isOurHelper: boolean,
  circumstances: Circumstances,
): KeyState {
  if (isOurHelper && circumstances.canAnswer(key.key)) return 'helper';
  const isDead = key.owner === 'none' && key.entry !== undefined;
  const { expiresAt = Number.POSITIVE_INFINITY } = managed ?? {};
  if (isDead || expiresAt <= circumstances.request.now) return 'expired';
  if (isOurHelper) return 'no-secret';
  if (isOurs(key)) return 'file';
  return managed?.entry === undefined || isAlias(key.key) ? 'missing' : 'logged-out';
}

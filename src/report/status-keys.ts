import type { Messages } from '../problem.ts';
import { findProvider } from '../providers/find.ts';
import type { Desired } from '../reconcile/desired.ts';
import {
  findLogin,
  HELPER,
  isAsItWas,
  isOurs,
  type Key,
  type Login,
} from '../reconcile/ownership.ts';
import type { Request } from '../reconcile/request.ts';
import { isAlive, type State } from '../reconcile/state.ts';
import { isHostKey, splitName } from '../registries/keys.ts';
import type { Address } from '../registries/reference.ts';
import type { ClientLogin } from './clients.ts';
import { findBlock, isReadyState, type KeyState, type Tokenless } from './ready.ts';

/** One key, as the file has it and as the sources want it. */
export type StatusKey = {
  readonly key: string;
  readonly id: string;
  /** That ID, and others with the same credential. */
  readonly ids: readonly string[];
  readonly provider: string;
  /** Where the triple is now; undefined when no source of this shell has it. */
  readonly source?: string;
  readonly state: KeyState;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
};

export type Status = Messages & {
  readonly config: string;
  readonly credsStore?: string;
  /** Of every triple that is here, be it only a part of one. */
  readonly ids: readonly string[];
  readonly keys: readonly StatusKey[];
  /** Of one registry or image, where it was asked for. */
  readonly asked?: { readonly address: Address; readonly clients: readonly ClientLogin[] };
};

/** What a state depends on beside the files. */
export type Circumstances = {
  readonly request: Request;
  /** Whether our helper would have an answer for a key. */
  readonly canAnswer: (key: string) => boolean;
  readonly tokenless: Tokenless;
  /** Until when what its command printed is used, where it has run. */
  readonly keptEndOf: (desired: Desired) => number | undefined;
  /** Whether tokens are kept: else the record alone tells when AWS gave the last one. */
  readonly hasCache: boolean;
};

/** Every key that a triple wants or that our record knows; an alias only where our helper is. */
export function findStatusKeys(state: State, circumstances: Circumstances): StatusKey[] {
  const { request } = circumstances;
  const wanted = request.desired.map(({ name }) => name);
  const names = new Set([...wanted, ...state.config.records.logins.keys()]);
  const logins = Array.from(names, (name) => findLogin(name, { state, request }));
  return logins.flatMap((login) => keysOf(login, circumstances));
}

function keysOf(login: Login, circumstances: Circumstances): StatusKey[] {
  const { name, desired, managed, request } = login;
  const ids = desired?.ids ?? managed?.ids ?? [];
  const [id] = ids;
  if (id === undefined) return [];
  const provider = (desired?.registry.provider ?? findProvider(splitName(name).host)).name;
  const source = desired && { source: desired.triple.source };
  return shownKeys(login).map((key) => {
    const found = findBlockedState(key, login, circumstances);
    const isMade = desired && found === 'command';
    const expiresAt = isMade ? circumstances.keptEndOf(desired) : managed?.expiresAt;
    // Our helper gets a new one for a token that has ended.
    const isRenewed = found === 'helper' && (expiresAt ?? 0) <= request.now;
    const end = expiresAt && !isRenewed ? { expiresAt } : {};
    return { key: key.key, id, ids, provider, ...source, state: found, ...end };
  });
}

/** The keys that are wanted, or that are ours; else docker's own. */
function shownKeys({ keys, name }: Login): Key[] {
  const ours = keys.filter((key) => key.use === 'entry' || isOurs(key) || key.helper === HELPER);
  return ours.length > 0 ? ours : keys.filter(({ key }) => key === name);
}

/** What is there to be found, and yet cannot work. */
function findBlockedState(key: Key, login: Login, circumstances: Circumstances): KeyState {
  const found = findState(key, login, circumstances);
  const id = login.desired?.triple.id;
  const block = id && isReadyState(found) ? findBlock(id, circumstances.tokenless) : undefined;
  const isRecorded = block === 'no-token' && !circumstances.hasCache && hasLiveToken(login);
  return isRecorded ? found : (block ?? found);
}

/** Whether the entry in the file is a token that AWS gave for the triple as it is. */
function hasLiveToken(login: Login): boolean {
  const { managed, request } = login;
  return (managed?.expiresAt ?? 0) > request.now && isAsItWas(login);
}

function findState(key: Key, login: Login, circumstances: Circumstances): KeyState {
  const { state, request } = login;
  if (state.problems.length > 0) return 'unknown';
  const isHost = isHostKey(key.key);
  // A helper of no name is docker's word for the file.
  const helper = state.config.credHelpers.get(isHost ? key.key : splitName(key.key).host);
  const isOurHelper = helper === HELPER;
  if (!isHost && isUnasked(helper, login)) return 'unasked';
  if (helper && !isOurHelper) return 'other-helper';
  if (helper && !request.canUseHelper) return 'no-helper';
  const stored = state.logins.get(splitName(login.name).host);
  if (stored && stored.user === undefined) return 'logged-out';
  if (key.owner === 'foreign' || (stored && isAlive(stored, request.now))) return 'login';
  const found = findOurState(key, login, isOurHelper, circumstances);
  const isShadowed = found === 'file' && isHost && helper === undefined && state.config.credsStore;
  return isShadowed ? 'shadowed' : found;
}

/** No client asks a helper for a namespace: that of its host answers, or none. */
function isUnasked(helper: string | undefined, { desired }: Login): boolean {
  return Boolean(helper) || desired?.triple.command !== undefined;
}

/** The state of what is ours, or of nothing. */
function findOurState(
  key: Key,
  { desired, managed, credential, meaning }: Login,
  isOurHelper: boolean,
  circumstances: Circumstances,
): KeyState {
  if (isOurHelper && circumstances.canAnswer(key.key)) return helperState(desired);
  const isDead = key.owner === 'none' && key.entry !== undefined;
  const { expiresAt = Number.POSITIVE_INFINITY } = managed ?? {};
  if (isDead || expiresAt <= circumstances.request.now) return 'expired';
  if (isOurHelper) return 'no-secret';
  const isOld = credential !== undefined && key.owner === 'ours' && key.entry?.meaning !== meaning;
  if (isOurs(key)) return isOld && key.use === 'entry' ? 'outdated' : 'file';
  return managed?.entry === undefined || key.use === 'alias' ? 'missing' : 'logged-out';
}

function helperState(desired: Desired | undefined): KeyState {
  return desired?.triple.command === undefined ? 'helper' : 'command';
}

import type { State } from '../dockerconfig/state.ts';
import type { Messages } from '../problem.ts';
import { findProvider } from '../providers/find.ts';
import type { Desired } from '../reconcile/desired.ts';
import {
  findLogin,
  HELPER,
  isAlive,
  isAsItWas,
  isOurs,
  type Key,
  type Login,
} from '../reconcile/ownership.ts';
import type { Request } from '../reconcile/request.ts';
import { isHostKey, splitName } from '../registries/keys.ts';
import type { Address } from '../registries/reference.ts';
import type { ClientLogin } from './clients.ts';
import { findBlock, type KeyState, READY_STATES } from './ready.ts';

/** The state of one key, from the file and from the sources. */
export type StatusKey = {
  readonly key: string;
  readonly id: string;
  /** That ID, and others with the same credential. */
  readonly ids: readonly string[];
  readonly provider: string;
  /** Where the triple is now; undefined if no source of this shell has it. */
  readonly source?: string;
  readonly state: KeyState;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
};

export type Status = Messages & {
  readonly config: string;
  readonly credsStore?: string;
  /** Every triple that is here, also partial ones. */
  readonly ids: readonly string[];
  readonly keys: readonly StatusKey[];
  /** Set if the status of one registry or image was requested. */
  readonly asked?: { readonly address: Address; readonly clients: readonly ClientLogin[] };
};

/** What a state depends on besides the files. */
export type Circumstances = {
  readonly request: Request;
  /** Whether our helper would have a credential for a key. */
  readonly canAnswer: (key: string) => boolean;
  /** How long its command's last output is used, if it has run. */
  readonly keptEndOf: (desired: Desired) => number | undefined;
  /** Whether there is a token cache: if not, only the record shows when AWS sent a token. */
  readonly hasCache: boolean;
};

/** Every key of a triple or of our record; an alias only if it has our helper. */
export function findStatusKeys(state: State, circumstances: Circumstances): StatusKey[] {
  const { request } = circumstances;
  const names = new Set([...request.desired.keys(), ...state.config.records.logins.keys()]);
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
    // Our helper replaces an expired token.
    const isRenewed = found === 'helper' && (expiresAt ?? 0) <= request.now;
    const end = expiresAt && !isRenewed ? { expiresAt } : {};
    return { key: key.key, id, ids, provider, ...source, state: found, ...end };
  });
}

/** The keys that a triple asks for or that are ours, else docker's own. */
function shownKeys({ keys, name }: Login): Key[] {
  const ours = keys.filter((key) => key.use === 'entry' || isOurs(key) || key.helper === HELPER);
  return ours.length > 0 ? ours : keys.filter(({ key }) => key === name);
}

/** Its state, or why the credential there cannot work. */
function findBlockedState(key: Key, login: Login, circumstances: Circumstances): KeyState {
  const found = findState(key, login, circumstances);
  const id = login.desired?.triple.id;
  const block = id && READY_STATES.includes(found) ? findBlock(id, login) : undefined;
  const isRecorded = block === 'no-token' && !circumstances.hasCache && hasLiveToken(login);
  return isRecorded ? found : (block ?? found);
}

/** Whether the file's entry is an unexpired AWS token for the unchanged triple. */
function hasLiveToken(login: Login): boolean {
  const { managed, request } = login;
  return (managed?.expiresAt ?? 0) > request.now && isAsItWas(login);
}

function findState(key: Key, login: Login, circumstances: Circumstances): KeyState {
  const { state, request } = login;
  if (state.problems.length > 0) return 'unknown';
  const isHost = isHostKey(key.key);
  // An empty helper name means the file, for docker.
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

/** No client runs a helper for a namespace: only its host's, if any. */
function isUnasked(helper: string | undefined, { desired }: Login): boolean {
  return Boolean(helper) || desired?.triple.command !== undefined;
}

/** The state if the key is ours, or has nothing. */
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

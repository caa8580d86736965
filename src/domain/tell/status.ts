import type { StoredLogin } from '../../dockerconfig/logins.ts';
import type { Managed } from '../../dockerconfig/managed.ts';
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
import type { Notice, Problem } from '../problem.ts';
import { isAlias, isHostKey, splitName } from '../registries/keys.ts';

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

/** Who answers docker, or a client that knows namespaces: the first two are a login of ours. */
export type KeyState =
  | 'file'
  | 'helper'
  /** Somebody's own login. */
  | 'login'
  /** A host's helper is asked instead, which knows no namespaces. */
  | 'unasked'
  /** Somebody's own helper, which is a login too. */
  | 'other-helper'
  | 'logged-out'
  | 'expired'
  /** Our helper is named, and this shell has nothing to answer with. */
  | 'no-secret'
  /** Our helper is named, and cannot be found. */
  | 'no-helper'
  | 'missing'
  /** The file cannot be understood. */
  | 'unknown';

export type Status = {
  readonly config: string;
  readonly credsStore?: string;
  /** Whether there is any triple, be it only a part of one. */
  readonly hasTriples: boolean;
  readonly keys: readonly StatusKey[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
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
  const helper = state.config.credHelpers.get(hostKeyOf(key.key));
  const { now } = circumstances.request;
  const known =
    findBlock(key.key, helper, circumstances) ??
    findStored(state.logins.get(splitName(login.name).host), now);
  if (known) return known;
  if (key.owner === 'foreign') return 'login';
  const isOurHelper = helper === HELPER;
  if (isOurHelper && circumstances.canAnswer(key.key)) return 'helper';
  const isDead = key.owner === 'none' && key.entry !== undefined;
  if (isDead || isExpired(login.managed, now)) return 'expired';
  if (isOurHelper) return 'no-secret';
  if (isOurs(key)) return 'file';
  return login.managed?.entry === undefined || isAlias(key.key) ? 'missing' : 'logged-out';
}

/** What somebody did through our helper. */
function findStored(stored: StoredLogin | undefined, now: number): KeyState | undefined {
  if (stored && stored.user === undefined) return 'logged-out';
  return stored && isAlive(stored, now) ? 'login' : undefined;
}

function isExpired(managed: Managed | undefined, now: number): boolean {
  return (managed?.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
}

/** Why the entry does not matter, or our helper does not answer. */
function findBlock(key: string, helper: string | undefined, { hasHelper }: Circumstances) {
  // A helper of no name is docker's word for the file.
  if (helper === undefined || helper === '') return undefined;
  if (!isHostKey(key)) return 'unasked';
  if (helper !== HELPER) return 'other-helper';
  return hasHelper ? undefined : 'no-helper';
}

/** The key under which a helper stands for a namespace's host. */
function hostKeyOf(key: string): string {
  return isHostKey(key) ? key : (key.split('/', 1)[0] ?? key);
}

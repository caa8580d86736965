import { type Edit, editConfig } from '../dockerconfig/edit.ts';
import { renderLogins, type StoredLogin } from '../dockerconfig/logins.ts';
import {
  DONE,
  type Managed,
  POST_CREATE,
  PREVIOUS,
  RECORDS,
  renderManaged,
  STATE,
} from '../dockerconfig/managed.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import { HUB_HOST, HUB_KEY, splitName } from '../domain/registries/keys.ts';
import { findProvider } from '../providers/find.ts';
import { decide } from './decision.ts';
import { findOurs } from './named.ts';
import { findNext } from './next.ts';
import {
  findLogin,
  hasOurHelper,
  isAsItWas,
  isForeign,
  isOurs,
  type Key,
  type Login,
  type Standing,
} from './ownership.ts';
import type { Context, Request } from './request.ts';
import type { State } from './state.ts';

export type Outcome = 'written' | 'unchanged' | 'kept' | 'removed' | 'restored';

/** What becomes of one login. */
export type Change = {
  readonly name: string;
  /** Of the triple, or the first of the record. */
  readonly id: string;
  readonly provider: string;
  readonly keys: readonly { readonly key: string; readonly outcome: Outcome }[];
  readonly edits: readonly Edit[];
  /** The record as it will be; none where we have nothing to do with the login any more. */
  readonly managed: Managed | undefined;
  readonly stored: StoredLogin | undefined;
  readonly lacksHelper: boolean;
  /** Whether a foreign login is kept although the triple is new. */
  readonly isNews: boolean;
};

/** New texts, in the order in which they are written; undefined leaves a file alone. */
export type NewTexts = {
  /** Logins without those that our helper is not asked for any more; null removes the file. */
  readonly loginsFirst?: string | null | undefined;
  readonly config?: string | undefined;
  /** Logins without those that have become an entry, or gave way to one. */
  readonly logins?: string | null | undefined;
};

export type Plan = {
  readonly texts: NewTexts;
  readonly changes: readonly Change[];
  /** Of the state that this was planned for. */
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/** Decides what becomes of both files. Where config.json may not be written, nothing does. */
export function planChange(state: State, request: Request): Plan {
  const { config, problems, notices } = state;
  if (problems.length > 0) return { texts: {}, changes: [], problems, notices };
  const context = { state, request };
  const desired = new Map(request.desired.map((one) => [one.name, one]));
  const names = new Set([...desired.keys(), ...findOurs(state).keys()]);
  const logins = [...names].map((name) => findLogin(name, desired.get(name), context));
  const changes = logins.map((login) => planLogin(login, context));
  const edits = [...changes.flatMap((change) => change.edits), ...stateEdits(changes, context)];
  const text = editConfig(config, edits.sort(inOrder));
  const texts = {
    ...(text === config.text ? {} : { config: text }),
    ...newLogins(logins, changes, state),
  };
  return { texts, changes, problems, notices };
}

function planLogin(login: Login, context: Context): Change {
  const { name, desired, managed } = login;
  const decision = decide(login, context);
  const next = findNext(login, decision, context);
  // What stays foreign from the start is kept, too.
  const isKept = decision === 'keep' || (decision === 'leave' && isForeign(login, context));
  const all = login.keys.map((key, index) => ({ key, after: next.standings[index] as Standing }));
  const ours = all.filter(({ key, after }) => isConcerned(key, after));
  const shown = ours.length > 0 ? ours : all.filter(({ key }) => isCanonical(key, name));
  return {
    name,
    id: desired?.ids[0] ?? managed?.ids[0] ?? '',
    provider: (desired?.registry.provider ?? findProvider(splitName(name).host)).name,
    keys: shown.map(({ key, after }) => ({
      key: key.key,
      outcome:
        desired && isKept
          ? 'kept'
          : outcomeOf(key, after, managed !== undefined && next.managed === undefined),
    })),
    edits: [
      ...all.flatMap(({ key, after }) => (after === key.standing ? [] : editsAt(key, after))),
      ...recordEdits(name, managed, next.managed),
    ],
    managed: next.managed,
    stored: next.stored,
    lacksHelper: next.lacksHelper ?? false,
    isNews: isKept && !isAsItWas(login, context),
  };
}

function isChanged({ standing }: Key, { entry, helper }: Standing): boolean {
  return standing.entry !== entry || standing.helper !== helper;
}

/** Whether we have to do with a key, before or after. */
function isConcerned(key: Key, after: Standing): boolean {
  const isHelped = hasOurHelper(key) || hasOurHelper({ standing: after });
  return key.use === 'entry' || isOurs(key) || isHelped || isChanged(key, after);
}

/** What docker itself looks up. */
function isCanonical({ key }: Key, name: string): boolean {
  return key === name || (key === HUB_KEY && name === HUB_HOST);
}

function outcomeOf(key: Key, after: Standing, isGone: boolean): Outcome {
  const { entry, helper } = key.standing;
  if (!isGone) return isChanged(key, after) ? 'written' : 'unchanged';
  if (!isChanged(key, after)) return key.owner === 'foreign' ? 'kept' : 'removed';
  const isBack = (now: string | undefined, before: string | undefined) => now && now !== before;
  return isBack(after.entry, entry) || isBack(after.helper, helper) ? 'restored' : 'removed';
}

function editsAt({ key, standing }: Key, after: Standing): Edit[] {
  const edits: Edit[] = [];
  const [host] = key.split('/', 1);
  // Of several entries for one host .NET's libraries take the first, or the last.
  const before = key === HUB_KEY || host === key ? undefined : host;
  const add = (what: keyof Standing, path: Edit['path'], value: Edit['value']) => {
    if (standing[what] !== after[what])
      edits.push({ path, before, value: after[what] === undefined ? undefined : value });
  };
  const { entry = 'null', previousEntry, previousHelper } = after;
  const isBack = entry === standing.previousEntry;
  add('entry', ['auths', key], isBack ? { raw: entry } : { json: JSON.parse(entry) });
  add('helper', ['credHelpers', key], { json: after.helper });
  add('previousEntry', ['plugins', PREVIOUS, `auths ${key}`], { json: previousEntry });
  const name = { json: JSON.stringify(previousHelper) };
  add('previousHelper', ['plugins', PREVIOUS, `credHelpers ${key}`], name);
  return edits;
}

function recordEdits(name: string, before?: Managed, after?: Managed): Edit[] {
  const text = after && renderManaged(after);
  if (before === after || (before && renderManaged(before) === text)) return [];
  return [{ path: ['plugins', RECORDS, name], value: text ? { json: text } : undefined }];
}

/** That postCreate has run is worth a word only where something of ours is. */
function stateEdits(changes: readonly Change[], { state, request }: Context): Edit[] {
  const { isPostCreated, unfit } = state.config.records;
  const isNew = request.isPostCreated && !isPostCreated;
  const hasOurs = changes.some(({ managed }) => managed !== undefined);
  return [
    ...unfit.map((place) => ({ path: ['plugins', PREVIOUS, place], value: undefined })),
    ...(isNew && hasOurs ? [{ path: ['plugins', STATE, POST_CREATE], value: { json: DONE } }] : []),
  ];
}

/** Sections in the order in which they are made. */
function inOrder({ path: [one = ''] }: Edit, { path: [other = ''] }: Edit): number {
  return SECTIONS.indexOf(one) - SECTIONS.indexOf(other);
}

const SECTIONS = ['auths', 'credHelpers', 'plugins'];

function newLogins(
  logins: readonly Login[],
  changes: readonly Change[],
  state: State,
): Pick<NewTexts, 'loginsFirst' | 'logins'> {
  if (state.hasDamagedLogins) return {};
  const before = renderLogins(state.logins);
  const [asked, after] = [logins, changes].map((list) =>
    renderLogins(new Map(list.flatMap(({ name, stored }) => (stored ? [[name, stored]] : [])))),
  );
  return {
    ...(asked === before ? {} : { loginsFirst: asked ?? null }),
    ...(after === asked ? {} : { logins: after ?? null }),
  };
}

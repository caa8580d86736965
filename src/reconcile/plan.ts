import { type Edit, editConfig } from '../dockerconfig/edit.ts';
import { renderLogins } from '../dockerconfig/logins.ts';
import {
  type Managed,
  POST_CREATED,
  PREVIOUS,
  RECORDS,
  renderManaged,
} from '../dockerconfig/managed.ts';
import type { Notice, Problem } from '../problem.ts';
import { findProvider } from '../providers/find.ts';
import { findHostKeys, splitName } from '../registries/keys.ts';
import { decide } from './decision.ts';
import { findOurs } from './named.ts';
import { findNext, type Next, type NextKey } from './next.ts';
import { findLogin, hasOurHelper, isAsItWas, isForeign, isOurs, type Login } from './ownership.ts';
import type { Context, Request } from './request.ts';
import type { State, Write } from './state.ts';

export type Outcome = 'written' | 'unchanged' | 'kept' | 'removed' | 'restored';

/** What becomes of one login. */
export type Change = Omit<Next, 'keys'> & {
  readonly name: string;
  /** Of the triple, or the first of the record. */
  readonly id: string;
  readonly provider: string;
  readonly keys: readonly { readonly key: string; readonly outcome: Outcome }[];
  readonly edits: readonly Edit[];
  /** Whether a foreign login is kept although the triple is new. */
  readonly isNews: boolean;
};

export type Plan = {
  /** In this order. */
  readonly writes: readonly Write[];
  readonly changes: readonly Change[];
  /** Of the state that this was planned for. */
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/** Decides what becomes of both files. Where config.json may not be written, nothing does. */
export function planChange(state: State, request: Request): Plan {
  const { config, problems, notices } = state;
  if (problems.length > 0) return { writes: [], changes: [], problems, notices };
  const context = { state, request };
  const desired = new Map(request.desired.map((one) => [one.name, one]));
  const names = new Set([...desired.keys(), ...findOurs(state).keys()]);
  const logins = [...names].map((name) => findLogin(name, desired.get(name), context));
  const changes = logins.map(planLogin);
  // What cannot be put back goes before anything takes its place.
  const unfit = config.records.unfit.map((place) => ({ path: ['plugins', PREVIOUS, place] }));
  const edits = [
    ...unfit,
    ...changes.flatMap((change) => change.edits),
    ...stateEdits(changes, context),
  ];
  // Stored logins that our helper is not asked for go before it may be; those that become an entry,
  // or give way to one, go after that is there.
  const asked = renderStored(logins);
  const writes = [
    ...findWrite('logins', renderLogins(state.logins), asked),
    ...findWrite('config', config.text, editConfig(config, edits)),
    ...findWrite('logins', asked, renderStored(changes)),
  ];
  return { writes, changes, problems, notices };
}

function findWrite(file: Write['file'], was: string | undefined, text: string | undefined) {
  return was === text ? [] : [{ file, text }];
}

function planLogin(login: Login): Change {
  const { name, desired, managed: before } = login;
  const decision = decide(login);
  const { keys, managed, stored, lacksHelper } = findNext(login, decision);
  // What stays foreign from the start is kept, too.
  const isKept = decision === 'keep' || (decision === 'leave' && isForeign(login));
  const isGone = before !== undefined && managed === undefined;
  const outcomeOf = (one: NextKey) => (desired && isKept ? 'kept' : findOutcome(one, isGone));
  const ours = keys.filter(isConcerned);
  // Else what docker itself looks up.
  const isCanonical = ({ key }: NextKey) => findHostKeys(name).includes(key.key);
  const shown = ours.length > 0 ? ours : keys.filter(isCanonical);
  return {
    name,
    managed,
    stored,
    lacksHelper,
    id: desired?.ids[0] ?? before?.ids[0] ?? '',
    provider: (desired?.registry.provider ?? findProvider(splitName(name).host)).name,
    keys: shown.map((one) => ({ key: one.key.key, outcome: outcomeOf(one) })),
    edits: findEdits(login, keys, managed),
    isNews: isKept && !isAsItWas(login),
  };
}

/** Whether we have to do with a key, before or after. */
function isConcerned(one: NextKey): boolean {
  const { key } = one;
  return key.use === 'entry' || isOurs(key) || hasOurHelper(key) || isChanged(one);
}

function isChanged({ key, after }: NextKey): boolean {
  return key.entry !== after.entry || key.helper !== after.helper;
}

function findOutcome(one: NextKey, isGone: boolean): Outcome {
  const { key, after } = one;
  if (!isGone) return isChanged(one) ? 'written' : 'unchanged';
  if (!isChanged(one)) return key.owner === 'foreign' ? 'kept' : 'removed';
  const isBack = (what: 'entry' | 'helper') => after[what] && after[what] !== key[what];
  return isBack('entry') || isBack('helper') ? 'restored' : 'removed';
}

/** What differs between what is there and what shall be. */
function findEdits(login: Login, keys: readonly NextKey[], managed: Managed | undefined): Edit[] {
  const edits: Edit[] = [];
  const put = (path: Edit['path'], was: unknown, is: unknown, value?: Edit['value']) => {
    if (was !== is) edits.push({ path, value: value ?? JSON.stringify(is) });
  };
  for (const { key: was, after } of keys) {
    const { key } = was;
    put(['auths', key], was.entry, after.entry, after.entry);
    put(['credHelpers', key], was.helper, after.helper);
    const previous = (section: string) => ['plugins', PREVIOUS, `${section} ${key}`];
    put(previous('auths'), was.previousEntry, after.previousEntry);
    put(previous('credHelpers'), was.previousHelper, after.previousHelper);
  }
  const [was, is] = [login.managed, managed].map((record) => record && renderManaged(record));
  put(['plugins', RECORDS, login.name], was, is);
  return edits;
}

/** That postCreate has run is worth a word only where something of ours is. */
function stateEdits(changes: readonly Change[], { state, request }: Context): Edit[] {
  const { plugin, name, text } = POST_CREATED;
  const isNew = request.isPostCreated && !state.config.records.isPostCreated;
  if (!isNew || !changes.some(({ managed }) => managed)) return [];
  return [{ path: ['plugins', plugin, name], value: JSON.stringify(text) }];
}

/** The file's text of what our helper holds of these logins. */
function renderStored(logins: readonly Pick<Login, 'name' | 'stored'>[]): string | undefined {
  return renderLogins(
    new Map(logins.flatMap(({ name, stored }) => (stored ? [[name, stored]] : []))),
  );
}

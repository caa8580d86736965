import { type Edit, editConfig } from '../dockerconfig/edit.ts';
import { renderLogins } from '../dockerconfig/logins.ts';
import { POST_CREATED, PREVIOUS, RECORDS, renderManaged } from '../dockerconfig/managed.ts';
import type { Notice, Problem } from '../problem.ts';
import { findProvider } from '../providers/find.ts';
import { findHostKeys, loginName, splitName } from '../registries/keys.ts';
import { findNext, type Next, type NextKey } from './next.ts';
import { findLogin, HELPER, isAsItWas, isForeign, isOurs, type Login } from './ownership.ts';
import type { Request } from './request.ts';
import type { State, Write } from './state.ts';

export type Outcome = 'written' | 'unchanged' | 'kept' | 'removed' | 'restored';

/** What becomes of one login. */
export type Change = Omit<Next, 'decision' | 'keys'> & {
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
  const names = new Set([...request.desired.map(({ name }) => name), ...findOurs(state).keys()]);
  const logins = Array.from(names, (name) => findLogin(name, { state, request }));
  const changes = logins.map(planLogin);
  const text = editConfig(config, findAllEdits(changes, state, request));
  // Stored logins that our helper is not asked for go before it may be; those that become an entry,
  // or give way to one, go after that is there.
  const asked = renderStored(logins);
  const writes = [
    ...findWrite('logins', renderLogins(state.logins), asked),
    ...findWrite('config', config.text, text),
    ...findWrite('logins', asked, renderStored(changes)),
  ];
  return { writes, changes, problems, notices };
}

/** Names of the logins at which anything of ours is, with the IDs that our record has of them. */
export function findOurs({ config, logins }: State): Map<string, readonly string[]> {
  const { records, credHelpers } = config;
  const helped = [...credHelpers].flatMap(([key, name]) => (name === HELPER ? key : []));
  const replaced = [...records.previous.keys()].map((place) => place.replace(/^\w+ /, ''));
  const keys = [...helped, ...replaced].map(loginName);
  const names = [...keys, ...logins.keys(), ...records.logins.keys()];
  return new Map(names.map((name) => [name, records.logins.get(name)?.ids ?? []]));
}

function renderStored(logins: readonly Pick<Login, 'name' | 'stored'>[]): string | undefined {
  return renderLogins(logins.map(({ name, stored }) => [name, stored]));
}

function findWrite(file: Write['file'], was: string | undefined, text: string | undefined) {
  return was === text ? [] : [{ file, text }];
}

function planLogin(login: Login): Change {
  const { name, desired, managed: before } = login;
  const { decision, keys, ...next } = findNext(login);
  // What stays foreign from the start is kept, too.
  const isLeft = decision === 'leave' && desired !== undefined && isForeign(login);
  const isKept = decision === 'keep' || isLeft;
  const isGone = before !== undefined && next.managed === undefined;
  const ours = keys.filter(isConcerned);
  // Else what docker itself looks up.
  const isCanonical = ({ key }: NextKey) => findHostKeys(name).includes(key.key);
  const shown = ours.length > 0 ? ours : keys.filter(isCanonical);
  return {
    ...next,
    name,
    id: desired?.ids[0] ?? before?.ids[0] ?? '',
    provider: (desired?.registry.provider ?? findProvider(splitName(name).host)).name,
    keys: shown.map((one) => ({
      key: one.key.key,
      outcome: isKept ? 'kept' : findOutcome(one, isGone),
    })),
    edits: findEdits(login, keys, next.managed),
    isNews: isKept && !isAsItWas(login),
  };
}

/** Whether we have to do with a key, before or after. */
function isConcerned(one: NextKey): boolean {
  const { key } = one;
  return key.use === 'entry' || isOurs(key) || key.helper === HELPER || isChanged(one);
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
function findEdits(login: Login, keys: Next['keys'], managed: Next['managed']): Edit[] {
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

function findAllEdits(changes: readonly Change[], { config }: State, request: Request): Edit[] {
  const { unfit, isPostCreated } = config.records;
  const edits = changes.flatMap((change) => change.edits);
  // That postCreate has run is worth a word only where something of ours is.
  if (request.isPostCreated && !isPostCreated && changes.some(({ managed }) => managed)) {
    const { plugin, name, text } = POST_CREATED;
    edits.push({ path: ['plugins', plugin, name], value: JSON.stringify(text) });
  }
  // What cannot be put back goes before anything takes its place.
  return [...unfit.map((place) => ({ path: ['plugins', PREVIOUS, place] })), ...edits];
}

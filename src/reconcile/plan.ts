import { type Edit, editConfig } from '../dockerconfig/edit.ts';
import { renderLogins } from '../dockerconfig/logins.ts';
import { POST_CREATED, PREVIOUS, RECORDS, renderManaged } from '../dockerconfig/managed.ts';
import type { State, Write } from '../dockerconfig/state.ts';
import type { Notice, Problem } from '../problem.ts';
import { loginName } from '../registries/keys.ts';
import { findNext, type Next } from './next.ts';
import { findLogin, HELPER, type Login } from './ownership.ts';
import type { Request } from './request.ts';

/** What happens to one login. */
export type Change = {
  readonly login: Login;
  readonly next: Next;
  readonly edits: readonly Edit[];
};

export type Plan = {
  /** In this order. */
  readonly writes: readonly Write[];
  readonly changes: readonly Change[];
  /** From the state that we planned for. */
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/** Plans the new texts of both files. If config.json may not be written, plans nothing. */
export function planChange(state: State, request: Request): Plan {
  const { config, problems, notices } = state;
  if (problems.length > 0) return { writes: [], changes: [], problems, notices };
  const names = new Set([...request.desired.keys(), ...findOurs(state).keys()]);
  const logins = Array.from(names, (name) => findLogin(name, { state, request }));
  const changes = logins.map((login) => {
    const next = findNext(login);
    return { login, next, edits: findEdits(login, next) };
  });
  const text = editConfig(config, findAllEdits(changes, state, request));
  // Stored logins without our helper go first, before a key gets it. Those that an entry replaces
  // go last, after it is written.
  const asked = renderLogins(logins.map(({ name, stored }) => [name, stored]));
  const after = renderLogins(changes.map(({ login, next }) => [login.name, next.stored]));
  const writes = [
    ...findWrite('logins', renderLogins(state.logins), asked),
    ...findWrite('config', config.text, text),
    ...findWrite('logins', asked, after),
  ];
  return { writes, changes, problems, notices };
}

/** Names of the logins with anything of ours, each with the IDs in its record. */
export function findOurs({ config, logins }: State): Map<string, readonly string[]> {
  const { records, credHelpers } = config;
  const helped = [...credHelpers].flatMap(([key, name]) => (name === HELPER ? key : []));
  const replaced = [...records.previous.keys()].map((place) => place.replace(/^\w+ /, ''));
  const keys = [...helped, ...replaced].map(loginName);
  const names = [...keys, ...logins.keys(), ...records.logins.keys()];
  return new Map(names.map((name) => [name, records.logins.get(name)?.ids ?? []]));
}

function findWrite(file: Write['file'], was: string | undefined, text: string | undefined) {
  return was === text ? [] : [{ file, text }];
}

/** The edits from what is there to what should be there. */
function findEdits(login: Login, { keys, managed }: Next): Edit[] {
  const edits: Edit[] = [];
  const write = (text: string | undefined, ...path: string[]) =>
    edits.push({ path, value: JSON.stringify(text) });
  for (const { key: was, after } of keys) {
    const { key } = was;
    const { entry, helper, previousEntry, previousHelper } = after;
    if (was.entry !== entry) edits.push({ path: ['auths', key], value: entry });
    if (was.helper !== helper) write(helper, 'credHelpers', key);
    if (was.previousEntry !== previousEntry)
      write(previousEntry, 'plugins', PREVIOUS, `auths ${key}`);
    if (was.previousHelper !== previousHelper)
      write(previousHelper, 'plugins', PREVIOUS, `credHelpers ${key}`);
  }
  const was = login.managed && renderManaged(login.managed);
  const is = managed && renderManaged(managed);
  if (was !== is) write(is, 'plugins', RECORDS, login.name);
  return edits;
}

function findAllEdits(changes: readonly Change[], { config }: State, request: Request): Edit[] {
  const { unfit, isPostCreated } = config.records;
  const edits = changes.flatMap((change) => change.edits);
  // Record that postCreate has run only if we keep a record of a login.
  if (request.isPostCreated && !isPostCreated && changes.some(({ next }) => next.managed)) {
    const { plugin, name, text } = POST_CREATED;
    edits.push({ path: ['plugins', plugin, name], value: JSON.stringify(text) });
  }
  // Damaged previous values go first; an edit may reuse a place.
  return [...unfit.map((place) => ({ path: ['plugins', PREVIOUS, place] })), ...edits];
}

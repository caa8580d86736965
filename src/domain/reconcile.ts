import { encodeAuth } from './auth.ts';
import type { Edit } from './config-edit.ts';
import type { DockerConfig } from './docker-config.ts';
import { fingerprintEntry, type Ledger, type Login, type Row } from './ledger.ts';
import { findLoginKey } from './registry.ts';

/** Our name in `credHelpers`: docker runs `docker-credential-registry-auth` for it. */
export const HELPER = 'registry-auth';

/** What one key should hold. */
export type Wanted = {
  readonly key: string;
  readonly id: string;
  readonly provider: string;
  /** Fingerprint of the triple; absent in a prebuild. */
  readonly triple?: string;
  /** The value of `auth`; `none` where no secret may rest; `keep` where no token could be had this time. */
  readonly entry: { readonly auth: string } | 'none' | 'keep';
  /** Whether docker must ask our helper: a credsStore is set, the credential expires, or no secret may rest. */
  readonly helper: boolean;
  /** Helpers are asked for hosts only. */
  readonly isHostKey: boolean;
  /** From GITHUB_TOKEN alone: gives way to anybody's entry. */
  readonly isWeak: boolean;
  readonly expiresAt?: number;
};

export type Outcome = 'written' | 'unchanged' | 'kept' | 'removed' | 'restored';

export type KeyPlan = { readonly key: string; readonly id: string; readonly outcome: Outcome };

export type Plan = {
  readonly edits: readonly Edit[];
  readonly rows: Readonly<Record<string, Row>>;
  readonly logins: Readonly<Record<string, Login>>;
  readonly keys: readonly KeyPlan[];
  /** Keys that should have our helper, which is not on PATH. */
  readonly lacksHelper: readonly string[];
};

export type Rules = {
  /** Write over a login that somebody made since. */
  readonly force: boolean;
  readonly canUseHelper: boolean;
  /** Which rows that nothing wants any more may go. */
  readonly mayRemove: (row: Row, key: string) => boolean;
  /** `logout` gives back also what was there already and equal; a removed secret takes it along. */
  readonly giveBackAdopted: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

type Step = { edits: Edit[]; row?: Row; login?: Login; outcome: Outcome; lacksHelper?: boolean };
type State = {
  ledger: Ledger;
  entry: string | undefined;
  helper: string | undefined;
  row: Row | undefined;
  login: Login | undefined;
};

/** Compares what is wanted with the file and the ledger and decides, key by key: the most recent explicit statement wins. */
export function reconcile(
  wanted: readonly Wanted[],
  config: DockerConfig,
  ledger: Ledger,
  rules: Rules,
): Plan {
  const steps: [string, string, Step][] = [];
  const stateOf = (key: string): State => ({
    ledger,
    entry: config.auths.get(key),
    helper: config.credHelpers.get(key),
    row: ledger.rows[key],
    login: ledger.logins[findLoginKey(key)],
  });
  for (const want of wanted)
    steps.push([want.key, want.id, planWanted(want, stateOf(want.key), rules)]);
  const keys = new Set(wanted.map(({ key }) => key));
  for (const [key, row] of Object.entries(ledger.rows)) {
    if (keys.has(key)) continue;
    const state = stateOf(key);
    const step: Step = rules.mayRemove(row, key)
      ? planRemoval(key, state, rules)
      : { ...keepState(state), outcome: 'unchanged' };
    steps.push([key, row.id, step]);
  }
  const kept = steps.filter(
    ([, , { outcome, row }]) => row !== undefined || outcome !== 'unchanged',
  );
  return {
    edits: steps.flatMap(([, , { edits }]) => edits),
    rows: collect(steps.map(([key, , { row }]) => [key, row])),
    logins: {
      ...strangers(ledger, steps),
      ...collect(steps.map(([key, , { login }]) => [findLoginKey(key), login])),
    },
    keys: kept.map(([key, id, { outcome }]) => ({ key, id, outcome })),
    lacksHelper: steps.filter(([, , step]) => step.lacksHelper).map(([key]) => key),
  };
}

function collect<T>(pairs: readonly (readonly [string, T | undefined])[]): Record<string, T> {
  return Object.fromEntries(pairs.filter((pair): pair is [string, T] => pair[1] !== undefined));
}

function strangers(
  { logins }: Ledger,
  steps: readonly [string, string, Step][],
): Record<string, Login> {
  const planned = new Set(steps.map(([key]) => findLoginKey(key)));
  return Object.fromEntries(Object.entries(logins).filter(([key]) => !planned.has(key)));
}

function keepState({ row, login }: State): Omit<Step, 'outcome'> {
  return { edits: [], ...(row ? { row } : {}), ...(login ? { login } : {}) };
}

function planWanted(want: Wanted, state: State, rules: Rules): Step {
  const { row, helper } = state;
  const isForeignHelper = helper !== undefined && helper !== HELPER;
  if (want.isWeak && !row && (isForeign(want, state) || isForeignHelper))
    return { edits: [], outcome: 'kept' };
  const login = state.login?.user === undefined ? undefined : state.login;
  // A new GITHUB_TOKEN comes with every start and states nothing.
  const isSuperseded = rules.force || (!want.isWeak && row?.triple !== want.triple);
  const isTheirs =
    login !== undefined ||
    ((row?.entry !== undefined || row?.kept === true) && isForeign(want, state));
  const base = {
    id: want.id,
    provider: want.provider,
    ...(want.triple ? { triple: want.triple } : {}),
  };
  if (row && isTheirs && !isSuperseded)
    return keepTheirs(want, { ...state, login }, rules, { ...row, ...base });
  const written = planEntry(want, state, rules);
  const helped = planHelper(want, state, rules);
  const edits = [...written.edits, ...helped.edits];
  const next: Row = {
    ...base,
    ...written.row,
    ...helped.row,
    ...(want.expiresAt ? { expiresAt: want.expiresAt } : {}),
  };
  const lacksHelper = helped.lacksHelper ? { lacksHelper: true } : {};
  // Nothing at rest and no helper to ask: there is nothing of ours at this key.
  const isHeld = next.entry !== undefined || next.helper !== undefined;
  return {
    edits,
    ...(isHeld ? { row: next } : {}),
    outcome: edits.length > 0 ? 'written' : 'unchanged',
    ...lacksHelper,
  };
}

/** Whether an entry is there that is neither ours nor what we want, nor what we were about to replace when something stopped us. */
function isForeign(want: Wanted, { ledger, entry, row }: State): boolean {
  if (entry === undefined || isEqual(want, entry) || entry === row?.replacedEntry) return false;
  return row?.entry === undefined || fingerprintEntry(ledger, entry) !== row.entry;
}

function isEqual({ entry: wanted }: Wanted, raw: string): boolean {
  if (typeof wanted === 'string') return false;
  const value: unknown = JSON.parse(raw);
  return (
    typeof value === 'object' &&
    value !== null &&
    JSON.stringify(value) === JSON.stringify({ auth: wanted.auth })
  );
}

/** A `docker login` since: it stays, in the file or in our helper, whichever docker asks. */
function keepTheirs(want: Wanted, state: State, rules: Rules, row: Row): Step {
  const { edits, row: helped, lacksHelper } = planHelper(want, state, rules);
  const { helper: _, replacedHelper: __, ...rest } = row;
  const moved =
    state.login && !helped.helper && state.helper === HELPER
      ? moveLogin(want.key, state.login)
      : undefined;
  return {
    edits: [...edits, ...(moved ? [moved] : [])],
    row: { ...rest, ...helped, ...(state.login && !moved ? {} : { kept: true }) },
    ...(state.login && !moved ? { login: state.login } : {}),
    outcome: 'kept',
    ...(lacksHelper ? { lacksHelper } : {}),
  };
}

/** A login that our helper holds goes where docker looks once the helper is gone. */
function moveLogin(key: string, { user = '', secret = '' }: Login): Edit {
  return { section: 'auths', key, value: { json: loginEntry(user, secret) } };
}

/** An identity token has a field of its own, and podman reads it only beside an `auth` (clients.md 3.4). */
function loginEntry(user: string, secret: string): Record<string, string> {
  if (user !== IDENTITY_TOKEN_USER) return { auth: encodeAuth(user, secret) };
  return { auth: encodeAuth('00000000-0000-0000-0000-000000000000', ''), identitytoken: secret };
}

/** The user name that marks an identity token in the helper protocol (docker-credential-helpers). */
const IDENTITY_TOKEN_USER = '<token>';

function planEntry(
  want: Wanted,
  state: State,
  { now }: Rules,
): { edits: Edit[]; row: Partial<Row> } {
  const { ledger, entry, row } = state;
  const isOurs =
    entry !== undefined &&
    row?.entry !== undefined &&
    fingerprintEntry(ledger, entry) === row.entry;
  if (want.entry === 'none' || (want.entry === 'keep' && (row?.expiresAt ?? 0) <= now)) {
    return {
      edits: isOurs ? [putBack('auths', want.key, row.replacedEntry, entry)].flat() : [],
      row: {},
    };
  }
  if (want.entry === 'keep') return { edits: [], row: isOurs ? entryPart(row) : {} };
  const raw = JSON.stringify({ auth: want.entry.auth });
  const part = { entry: fingerprintEntry(ledger, raw) };
  if (entry !== undefined && isEqual(want, entry)) {
    return {
      edits: [],
      row: row?.entry
        ? { ...entryPart(row), ...part }
        : { ...part, adopted: true, replacedEntry: entry },
    };
  }
  const edit: Edit = { section: 'auths', key: want.key, value: { json: JSON.parse(raw) } };
  if (entry !== undefined && isForeign(want, state))
    return { edits: [edit], row: { ...part, replacedEntry: entry } };
  return { edits: [edit], row: { ...entryPart(row), ...part } };
}

function entryPart(row: Row | undefined): Partial<Row> {
  const { entry, replacedEntry, adopted, expiresAt } = row ?? {};
  return collect([
    ['entry', entry],
    ['replacedEntry', replacedEntry],
    ['adopted', adopted],
    ['expiresAt', expiresAt],
  ] as [string, unknown][]) as Partial<Row>;
}

function planHelper(want: Wanted, { helper, row }: State, { canUseHelper }: Rules) {
  const foreign = helper !== undefined && helper !== HELPER ? JSON.stringify(helper) : undefined;
  const replaced = foreign ?? row?.replacedHelper;
  const isNeeded = want.isHostKey && (want.helper || replaced !== undefined);
  const set: Edit = { section: 'credHelpers', key: want.key, value: { json: HELPER } };
  if (isNeeded && canUseHelper) {
    const part: Partial<Row> = {
      helper: true,
      ...(replaced === undefined ? {} : { replacedHelper: replaced }),
    };
    return { edits: helper === HELPER ? [] : [set], row: part, lacksHelper: false };
  }
  const edits =
    helper === HELPER
      ? putBack('credHelpers', want.key, row?.replacedHelper, JSON.stringify(HELPER))
      : [];
  return { edits, row: {} as Partial<Row>, lacksHelper: isNeeded };
}

/** Takes ours away and gives the place back to what it replaced. */
function putBack(
  section: Edit['section'],
  key: string,
  replaced: string | undefined,
  current: string | undefined,
): Edit[] {
  if (replaced === current) return [];
  return [{ section, key, value: replaced === undefined ? undefined : { raw: replaced } }];
}

function planRemoval(key: string, state: State, { giveBackAdopted }: Rules): Step {
  const { ledger, entry, helper, row, login } = state;
  const isOurs =
    entry !== undefined &&
    row?.entry !== undefined &&
    fingerprintEntry(ledger, entry) === row.entry;
  const replaced = row?.adopted && !giveBackAdopted ? undefined : row?.replacedEntry;
  const edits = [
    ...(isOurs ? putBack('auths', key, replaced, entry) : []),
    ...(helper === HELPER
      ? putBack('credHelpers', key, row?.replacedHelper, JSON.stringify(HELPER))
      : []),
    ...(helper === HELPER && login?.user !== undefined ? [moveLogin(key, login)] : []),
  ];
  if (edits.length === 0) return { edits, outcome: entry === undefined ? 'removed' : 'kept' };
  const isRestored = edits.some(({ value }) => value !== undefined);
  return { edits, outcome: isRestored ? 'restored' : 'removed' };
}

import { decodeEntry } from './auth.ts';
import type { Edit } from './config-edit.ts';
import type { DockerConfig } from './docker-config.ts';
import type { Ledger, Login, Row } from './ledger.ts';
import {
  entryOf,
  HELPER,
  hasForeignHelper,
  isExpiredLogin,
  isForeign,
  isOurs,
  moveLogin,
  type Place,
  planEntry,
  planHelper,
  putBack,
  takeHelperBack,
} from './place.ts';
import { findLoginKey } from './registry.ts';
import type { Wanted } from './wanted.ts';

export type Outcome = 'written' | 'unchanged' | 'kept' | 'removed' | 'restored';

export type KeyPlan = {
  readonly key: string;
  readonly id: string;
  readonly provider: string;
  readonly outcome: Outcome;
};

export type Plan = {
  readonly edits: readonly Edit[];
  readonly rows: Readonly<Record<string, Row>>;
  readonly logins: Readonly<Record<string, Login>>;
  readonly keys: readonly KeyPlan[];
  /** IDs that should have our helper, which is not on PATH. */
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

/** What becomes of one key; without a row or a login where the ledger shall forget it. */
type Step = KeyPlan & {
  readonly edits: readonly Edit[];
  readonly row?: Row | undefined;
  readonly login?: Login | undefined;
  readonly lacksHelper?: boolean;
};

/** Compares what is wanted with the file and the ledger and decides, key by key: the most recent explicit statement wins. */
export function reconcile(
  wanted: readonly Wanted[],
  config: DockerConfig,
  ledger: Ledger,
  rules: Rules,
): Plan {
  const hasLogins = Object.keys(ledger.logins).length > 0;
  const placeOf = (key: string): Place => ({
    ledger,
    entry: config.auths.get(key),
    helper: config.credHelpers.get(key),
    row: ledger.rows[key],
    login: hasLogins ? ledger.logins[findLoginKey(key)] : undefined,
  });
  const keys = new Set(wanted.map(({ key }) => key));
  const others = Object.entries(ledger.rows).filter(([key]) => !keys.has(key));
  const steps = [
    ...wanted.map((want) => planWanted(want, placeOf(want.key), rules)),
    ...others.map(([key, row]) => planUnwanted(key, row, placeOf(key), rules)),
  ];
  return {
    edits: steps.flatMap(({ edits }) => edits),
    rows: collect(steps.map(({ key, row }) => [key, row])),
    logins: hasLogins ? planLogins(ledger, steps) : ledger.logins,
    keys: steps
      .filter(({ outcome, row }) => row !== undefined || outcome !== 'unchanged')
      .map(({ key, id, provider, outcome }) => ({ key, id, provider, outcome })),
    lacksHelper: [...new Set(steps.filter((step) => step.lacksHelper).map(({ id }) => id))],
  };
}

/** Logins of keys that are none of ours, and those that the steps keep. */
function planLogins({ logins }: Ledger, steps: readonly Step[]): Record<string, Login> {
  const ours = new Set(steps.map(({ key }) => findLoginKey(key)));
  return {
    ...Object.fromEntries(Object.entries(logins).filter(([key]) => !ours.has(key))),
    ...collect(steps.map(({ key, login }) => [findLoginKey(key), login])),
  };
}

function collect<T>(pairs: readonly (readonly [string, T | undefined])[]): Record<string, T> {
  return Object.fromEntries(pairs.filter((pair): pair is [string, T] => pair[1] !== undefined));
}

function planWanted(want: Wanted, place: Place, rules: Rules): Step {
  const { key, id, provider, triple } = want;
  if (want.isWeak && place.row && place.row.id !== id)
    return succeed(want, place.row, place, rules);
  const isTaken = isForeign(want, place) || hasForeignHelper(place);
  if (want.isWeak && !place.row && isTaken)
    return { key, id, provider, edits: [], outcome: 'kept' };
  const base = { id, provider, ...(triple ? { triple } : {}) };
  if (isTheirs(want, place, rules) && !isSuperseded(want, place, rules)) {
    return keepTheirs(want, place, rules, base);
  }
  const entry = planEntry(want, place, rules.now);
  const helper = planHelper(want, place, rules.canUseHelper);
  const edits = [...entry.edits, ...helper.edits];
  const expiry = want.expiresAt === undefined ? {} : { expiresAt: want.expiresAt };
  const row: Row = { ...base, ...entry.row, ...helper.row, ...expiry };
  // Nothing at rest and no helper to ask: there is nothing of ours at this key.
  const isHeld = row.entry !== undefined || row.helper === true;
  const outcome = edits.length === 0 ? 'unchanged' : isHeld ? 'written' : 'removed';
  return {
    key,
    id,
    provider,
    edits,
    outcome,
    row: isHeld ? row : undefined,
    lacksHelper: helper.lacksHelper,
  };
}

/** GitHub's own token takes a key over from a triple only once that is gone, and left nobody's entry behind. */
function succeed(want: Wanted, row: Row, place: Place, rules: Rules): Step {
  const step = planUnwanted(want.key, row, place, rules);
  if (step.outcome !== 'removed') return step;
  return planWanted(want, { ...place, entry: undefined, row: undefined, login: undefined }, rules);
}

/** Whether somebody logged in at our key since: through our helper, or past it into the file. */
function isTheirs(want: Wanted, place: Place, { now }: Rules): boolean {
  const { row, login, entry } = place;
  if (row === undefined) return false;
  if (login?.user !== undefined) return !isExpiredLogin(login, now);
  if (row.entry === undefined && row.kept !== true) return false;
  return isForeign(want, place) && !want.isAutomatic(decodeEntry(entry));
}

/** A new GITHUB_TOKEN comes with every start and states nothing; any other secret that changed is the newer statement. */
function isSuperseded(want: Wanted, { row }: Place, { force }: Rules): boolean {
  return force || (!want.isWeak && row?.triple !== want.triple);
}

/** A `docker login` since: it stays, in the file or in our helper, whichever docker asks. */
function keepTheirs(
  want: Wanted,
  place: Place,
  { canUseHelper }: Rules,
  base: Pick<Row, 'id' | 'provider' | 'triple'>,
): Step {
  const { key, id, provider } = want;
  const rest = entryOf(place.row);
  const { edits, row, lacksHelper } = planHelper(want, place, canUseHelper);
  const login = place.login?.user === undefined ? undefined : place.login;
  const common = { key, id, provider, outcome: 'kept', lacksHelper } as const;
  if (login && row.helper) return { ...common, edits, row: { ...rest, ...base, ...row }, login };
  const isStranded = login !== undefined && place.helper === HELPER;
  return {
    ...common,
    edits: isStranded ? [...edits, moveLogin(key, login)] : edits,
    row: { ...rest, ...base, ...row, kept: true },
  };
}

function planUnwanted(key: string, row: Row, place: Place, rules: Rules): Step {
  const step = { key, id: row.id, provider: row.provider };
  if (rules.mayRemove(row, key)) return { ...step, ...planRemoval(key, place, rules) };
  return { ...step, outcome: 'unchanged', edits: [], row, login: place.login };
}

function planRemoval(key: string, place: Place, { giveBackAdopted }: Rules) {
  const { entry, helper, row, login } = place;
  const replaced = row?.adopted && !giveBackAdopted ? undefined : row?.replacedEntry;
  const edits = [
    ...(isOurs(place) ? putBack('auths', key, replaced, entry) : []),
    ...takeHelperBack(key, place),
    ...(helper === HELPER && login?.user !== undefined ? [moveLogin(key, login)] : []),
  ];
  const isRestored = edits.some(({ value }) => value !== undefined);
  const outcome: Outcome = isRestored
    ? 'restored'
    : edits.length > 0 || !entry
      ? 'removed'
      : 'kept';
  return { edits, outcome };
}

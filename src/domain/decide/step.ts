import { makeEntry } from '../config/auth.ts';
import type { Edit } from '../config/edit.ts';
import type { Claim } from '../registries/claims.ts';
import { isAlias, isHostKey } from '../registries/keys.ts';
import type { Owner } from './decide.ts';
import { tripleText } from './fingerprint.ts';
import type { Login, Row } from './ledger.ts';
import { type Claimed, type EntryStanding, HELPER, type Place } from './place.ts';
import { type Context, isSilent } from './request.ts';
import { EMPTIED, type Marks, type Settled, type Slot, settle, type Target } from './slot.ts';

export type Outcome = 'written' | 'unchanged' | 'kept' | 'removed' | 'restored';

/** What becomes of one key; without a row where the ledger shall forget it. */
export type Step = {
  readonly key: string;
  readonly id: string;
  readonly provider: string;
  readonly outcome: Outcome;
  readonly edits: readonly Edit[];
  readonly row?: Row | undefined;
  /** Somebody's statement comes or goes: until that is done the triple has not had its say. */
  readonly isContested?: boolean;
  readonly lacksHelper?: boolean;
  /** A login is kept although its triple is new. */
  readonly isNews?: boolean;
};

export type Unclaimed = Place & { readonly row: Row };

/** Ours, whatever stood there; a login that it takes the place of is remembered, as an entry is. */
export function write(
  place: Claimed,
  { login, owner }: { readonly login: Login | undefined; readonly owner: Owner },
  context: Context,
): Step {
  const { key, claim, row, wish } = place;
  const { settled: helper, lacksHelper, isReplaced } = settleHelper(place, context);
  const keepsake = login && claim.use === 'host' ? JSON.stringify(entryOf(login)) : undefined;
  const standing = keepsake === undefined ? place.entry : { ...place.entry, keepsake };
  const entry = settleEntry(row, standing, entryTarget(place, context), context);
  const edits = editsOf(key, entry, helper);
  const isHeld = entry.slot !== undefined || helper.slot !== undefined;
  // Where somebody's helper could not be replaced, the triple counts as new until it can.
  const isSaid = !(lacksHelper && isReplaced);
  const isUnchanged = wish.entry === 'stay' && entry.slot !== undefined;
  // A fingerprint is taken only where it is needed.
  const next = isHeld && {
    triple: isSaid ? nextTriple(place, context) : undefined,
    entry: entry.slot,
    helper: helper.slot,
    expiresAt: isUnchanged ? row?.expiresAt : wish.expiresAt,
  };
  return {
    key,
    id: claim.triple.id,
    provider: claim.registry.provider,
    edits,
    outcome: edits.length === 0 ? 'unchanged' : isHeld ? 'written' : 'removed',
    lacksHelper,
    isContested: owner === 'outdated' || !isSaid,
    row: next ? rowOf(claim, next) : undefined,
  };
}

/**
 * A login since: it stays, in the file or with our helper, whichever docker asks; ours beside it
 * goes.
 */
export function keep(
  place: Claimed,
  { login, owner, hasRow }: { login: Login | undefined; owner: Owner; hasRow: boolean },
  context: Context,
): Step {
  const { key, claim, row, entry: standing } = place;
  const {
    triple: { id },
    registry: { provider },
  } = claim;
  const named = { key, id, provider, outcome: 'kept', isNews: owner === 'outdated' } as const;
  if (!hasRow) return { ...named, edits: [] };
  const { settled: helper, lacksHelper } = place.helper.isForeign
    ? { settled: {} as Settled, lacksHelper: false }
    : settleHelper(place, context);
  const target = standing.isFilled && claim.use !== 'alias' ? 'absent' : 'stay';
  const entry = settleEntry(row, standing, target, context);
  const moved = helper.slot ? undefined : moveLogin(login, claim.use, standing);
  const edits = editsOf(key, moved ?? entry, helper);
  const triple = claim.rank === 'yielding' ? takeTriple(place, context) : row?.triple;
  const kept = rowOf(claim, { triple, entry: entry.slot, helper: helper.slot, theirs: true });
  return { ...named, edits, lacksHelper, row: row || helper.slot ? kept : undefined };
}

/**
 * What nothing wants any more is given back and forgotten; a login of our helper's becomes the
 * entry.
 */
export function release(place: Unclaimed, login: Login | undefined, context: Context): Step {
  const { key, row, entry: standing } = place;
  const helper = settle(row.helper, place.helper, 'before', NAMES);
  const entry = settleEntry(row, standing, 'before', context);
  const moved = place.helper.isOurs ? moveLogin(login, useOf(key), standing) : undefined;
  const edits = editsOf(key, moved ?? entry, helper);
  const isRestored = edits.some(({ value }) => value !== undefined);
  const isGone = edits.length > 0 || standing.text === undefined;
  const outcome = isRestored ? 'restored' : isGone ? 'removed' : 'kept';
  return { key, id: row.id, provider: row.provider, edits, outcome, isContested: isRestored };
}

/** What nothing wants as far as this shell knows, which may lack secrets. */
export function leave({ key, row }: Unclaimed): Step {
  return { key, id: row.id, provider: row.provider, outcome: 'unchanged', edits: [], row };
}

function entryTarget({ wish, row, entry }: Claimed, { request }: Context): Target | 'stay' {
  if (wish.entry !== 'stay') return wish.entry;
  const isDead = (row?.expiresAt ?? 0) <= request.now;
  return entry.isOurs && row?.entry && isDead ? 'absent' : 'stay';
}

function settleEntry(
  row: Row | undefined,
  standing: EntryStanding,
  target: Target | 'stay',
  { marks, request }: Context,
): Settled {
  const { edit, slot = row?.entry } =
    target === 'stay' ? {} : settle(row?.entry, standing, target, marks.entries);
  return { edit, slot: isSilent(request) ? withoutMarks(slot) : slot };
}

/** A slot without anything that is derived from a secret. */
function withoutMarks(slot: Slot | undefined): Slot | undefined {
  if (slot?.before === undefined) return undefined;
  return { ...slot, ours: slot.ours.filter((mark) => mark === EMPTIED) };
}

/** A helper's name is no secret, and its own fingerprint. */
const NAMES: Marks = {
  take: (name) => JSON.stringify(name),
  matches: (mark, name) => mark === JSON.stringify(name),
};

/**
 * Our name stands there exactly as long as there is a reason, somebody's helper at our key
 * included.
 */
function settleHelper({ row, helper, wish, claim }: Claimed, { request }: Context) {
  const isReplaced = helper.isForeign || row?.helper?.before !== undefined;
  const isNeeded = wish.helper || (isReplaced && claim.use === 'host');
  const target = isNeeded && request.canUseHelper ? { json: HELPER } : 'before';
  const settled = settle(row?.helper, helper, target, NAMES);
  return { settled, lacksHelper: isNeeded && !request.canUseHelper, isReplaced };
}

/**
 * A login that our helper held becomes the entry once the helper leaves, unless somebody's is
 * there.
 */
function moveLogin(login: Login | undefined, use: Claim['use'], { owner }: EntryStanding) {
  if (use !== 'host' || owner === 'theirs' || login?.user === undefined) return undefined;
  return { edit: { json: entryOf(login) } };
}

function entryOf({ user = '', secret = '' }: Login) {
  return makeEntry({ user, secret });
}

function useOf(key: string): Claim['use'] {
  if (isAlias(key)) return 'alias';
  return isHostKey(key) ? 'host' : 'namespace';
}

/** What to do in both sections. */
function editsOf(key: string, entry: Settled, helper: Settled): Edit[] {
  return editOf('auths', key, entry).concat(editOf('credHelpers', key, helper));
}

function editOf(section: Edit['section'], key: string, { edit }: Settled): Edit[] {
  return edit === undefined ? [] : [{ section, key, value: edit ?? undefined }];
}

/** Without a token to write, the triple has not had its say. */
function nextTriple(place: Claimed, context: Context): string | undefined {
  return place.wish.entry === 'stay' ? place.row?.triple : takeTriple(place, context);
}

/** The triple's fingerprint, and none in a snapshot. */
function takeTriple({ claim }: Claimed, { marks, request }: Context): string | undefined {
  if (isSilent(request)) return undefined;
  return marks.take(tripleText(claim.triple));
}

type Parts = Omit<Row, 'id' | 'provider'>;

function rowOf(
  { triple: { id }, registry: { provider } }: Claim,
  { triple, entry, helper, theirs, expiresAt }: Parts,
): Row {
  return { id, provider, triple, entry, helper, theirs, expiresAt };
}

import { canBeEntry, canBeHelper } from '../config/docker-config.ts';
import { isExpiredToken } from '../ecr/keys.ts';
import { EMPTIED, type Slot } from './slot.ts';
import { type Members, upgrade } from './upgrade.ts';

/** What we know of one key that we wrote, or were kept from writing. */
export type Row = {
  readonly id: string;
  readonly provider: string;
  /** Fingerprint of the triple; absent where the next one counts as new. */
  readonly triple?: string;
  readonly entry?: Slot;
  readonly helper?: Slot;
  /** Somebody's own login stands here, newer than the triple; the helper answers with it. */
  readonly theirs?: true;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
};

/**
 * A `docker login` (or, without user and secret, a `docker logout`) that went through our helper.
 */
export type Login = {
  readonly user?: string;
  readonly secret?: string;
  /** Fingerprint of the triple at that time: another one is newer, and wins. */
  readonly triple?: string;
};

/** Whether somebody is logged in by it: an expired token is no statement of anybody's. */
export function isAlive({ user, secret = '' }: Login, now: number): boolean {
  return user !== undefined && !isExpiredToken(user, secret, now);
}

/**
 * Our own record, beside `config.json`: docker drops what it does not know, so nothing of this can
 * live there.
 */
export type Ledger = {
  /** A postCreate hook has run: nothing that is written later ends in a prebuild's snapshot. */
  readonly isPostCreated?: true;
  /** The random key of every fingerprint in this ledger; absent where there is none. */
  readonly secret?: string;
  readonly rows: Readonly<Record<string, Row>>;
  /** By login key. */
  readonly logins: Readonly<Record<string, Login>>;
  /**
   * Absolute paths of the env files that triples came from, for the helper, whose working directory
   * may be any.
   */
  readonly envFiles: readonly string[];
};

/** A record with no members but its own: a host may be called `constructor`. */
export function recordOf<T>(pairs: Iterable<readonly [string, T]>): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const [key, value] of pairs) record[key] = value;
  return record;
}

export const EMPTY_LEDGER: Ledger = { rows: recordOf([]), logins: recordOf([]), envFiles: [] };

export type LedgerResult = { readonly ledger: Ledger; readonly fault?: 'damaged' | 'newer' };

const VERSION = 2;

/**
 * Reads a ledger's text. Of a damaged one the rows and logins that can be understood are kept; one
 * from a newer version must be left alone, and counts as empty.
 */
export function parseLedger(text: string | undefined): LedgerResult {
  if (text === undefined) return { ledger: EMPTY_LEDGER };
  const value = Object(parseJson(text)) as Members;
  const { version } = value;
  if (typeof version === 'number' && version > VERSION) {
    return { ledger: EMPTY_LEDGER, fault: 'newer' };
  }
  const given: Members = version === 1 ? { ...upgrade(value), version: VERSION } : value;
  const { secret, rows, logins, envFiles } = given;
  const ledger: Ledger = {
    ...(given.isPostCreated === true ? { isPostCreated: true } : {}),
    ...(typeof secret === 'string' ? { secret } : {}),
    rows: pickFitting(rows, isRow),
    logins: pickFitting(logins, isLogin),
    envFiles: isTexts(envFiles) ? envFiles : [],
  };
  const isWhole =
    hasTypes(given, LEDGER) &&
    isTexts(envFiles) &&
    countOf(rows) === countOf(ledger.rows) &&
    countOf(logins) === countOf(ledger.logins);
  return isWhole ? { ledger } : { ledger, fault: 'damaged' };
}

/** The types of a file's members. Not zod: it is half of what the helper may weigh. */
type Types = readonly (readonly [name: string, type: string, mayBeAbsent?: '?'])[];

const LEDGER: Types = [
  ['version', 'number'],
  ['secret', 'string', '?'],
  ['rows', 'object'],
  ['logins', 'object'],
];
const ROW: Types = [
  ['id', 'string'],
  ['provider', 'string'],
  ['triple', 'string', '?'],
  ['entry', 'object', '?'],
  ['helper', 'object', '?'],
  ['theirs', 'boolean', '?'],
  ['expiresAt', 'number', '?'],
];
const LOGIN: Types = [
  ['user', 'string', '?'],
  ['secret', 'string', '?'],
  ['triple', 'string', '?'],
];

/** Later than any date that JavaScript has (ECMA-262, time values). */
const MAX_TIME_MS = 8.64e15;

function isRow(value: unknown): value is Row {
  if (!hasTypes(value, ROW)) return false;
  const { entry, helper, expiresAt = 0 } = value as Row;
  const isTime = Math.abs(expiresAt) <= MAX_TIME_MS;
  return isTime && isSlot(entry, canBeEntry) && isSlot(helper, canBeHelper);
}

/** What is put back into config.json must be what that place can hold, whoever wrote the ledger. */
function isSlot(slot: Slot | undefined, isRestorable: (before: string) => boolean): boolean {
  if (slot === undefined) return true;
  const { ours, before } = slot;
  return isTexts(ours) && (before === undefined || isRestorable(before));
}

function isLogin(value: unknown): value is Login {
  return hasTypes(value, LOGIN);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((text) => typeof text === 'string');
}

function hasTypes(value: unknown, types: Types): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return types.every(([name, type, mayBeAbsent]) => {
    const member = (value as Members)[name];
    if (member === undefined) return mayBeAbsent !== undefined;
    return member !== null && typeof member === type;
  });
}

function countOf(record: unknown): number {
  return Object.keys(Object(record)).length;
}

function pickFitting<T>(record: unknown, isFitting: (value: unknown) => value is T) {
  const pairs = Object.entries(Object(record) as Members);
  return recordOf(pairs.filter((pair): pair is [string, T] => isFitting(pair[1])));
}

/** The same ledger is always the same text, so that "nothing changed" can be told from it. */
export function renderLedger({ isPostCreated, secret, rows, logins, envFiles }: Ledger): string {
  const sorted = {
    version: VERSION,
    isPostCreated,
    ...(hasFingerprint({ rows, logins }) ? { secret } : {}),
    rows: sortRecord(rows, ROW),
    logins: sortRecord(logins, LOGIN),
    envFiles,
  };
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

/** Without any, the key is of no use, and a snapshot need not hold it. */
function hasFingerprint({ rows, logins }: Pick<Ledger, 'rows' | 'logins'>): boolean {
  const hasOurs = ({ entry }: Row) => entry?.ours.some((mark) => mark !== EMPTIED);
  return (
    Object.values(rows).some((row) => row.triple !== undefined || hasOurs(row)) ||
    Object.values(logins).some(({ triple }) => triple !== undefined)
  );
}

function sortRecord(record: Readonly<Record<string, object>>, types: Types): object {
  const keys = Object.keys(record).sort();
  return recordOf(keys.map((key) => [key, pick(record[key] ?? {}, types)]));
}

/** The members that are there, in the order given. */
function pick(value: object, types: Types): object {
  const picked: Record<string, unknown> = {};
  for (const [name] of types) {
    const given = (value as Members)[name];
    if (given !== undefined) picked[name] = given;
  }
  return picked;
}

/** Whether a ledger says nothing, so that there need be no file. */
export function isEmptyLedger({ rows, logins, envFiles }: Ledger): boolean {
  return [rows, logins, envFiles].every((part) => Object.keys(part).length === 0);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

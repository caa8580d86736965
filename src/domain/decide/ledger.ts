import { canBeEntry, canBeHelper } from '../config/docker-config.ts';
import { isExpiredToken } from '../ecr/keys.ts';
import { EMPTIED, type Slot } from './slot.ts';
import { type Members, upgrade } from './upgrade.ts';

/** What we know of one key that we wrote, or were kept from writing. */
export type Row = {
  readonly id: string;
  readonly provider: string;
  /** Fingerprint of the triple; absent where the next one counts as new. */
  readonly triple?: string | undefined;
  readonly entry?: Slot | undefined;
  readonly helper?: Slot | undefined;
  /** Somebody's own login stands here, newer than the triple; the helper answers with it. */
  readonly theirs?: true | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
};

/**
 * A `docker login` (or, without user and secret, a `docker logout`) that went through our helper.
 */
export type Login = {
  readonly user?: string | undefined;
  readonly secret?: string | undefined;
  /** Fingerprint of the triple at that time: another one is newer, and wins. */
  readonly triple?: string | undefined;
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
export function emptyRecord<T>(): Record<string, T> {
  return Object.create(null);
}

export const EMPTY_LEDGER: Ledger = { rows: emptyRecord(), logins: emptyRecord(), envFiles: [] };

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
    typeof given.version === 'number' &&
    isTextOrAbsent(secret) &&
    isTexts(envFiles) &&
    isAll(rows, ledger.rows) &&
    isAll(logins, ledger.logins);
  return isWhole ? { ledger } : { ledger, fault: 'damaged' };
}

/** Not zod: it is half of what the helper may weigh. */
function isRow(value: unknown): value is Row {
  const { id, provider, triple, entry, helper, theirs, expiresAt } = Object(value) as Members;
  const isNamed = isText(id) && isText(provider);
  const hasMarks = isTextOrAbsent(triple) && (theirs === undefined || typeof theirs === 'boolean');
  return (
    isNamed &&
    hasMarks &&
    isSlot(entry, canBeEntry) &&
    isSlot(helper, canBeHelper) &&
    isTimeOrAbsent(expiresAt)
  );
}

/** What is put back into config.json must be what that place can hold, whoever wrote the ledger. */
function isSlot(value: unknown, isRestorable: (before: string) => boolean): boolean {
  if (value === undefined) return true;
  const { ours, before } = Object(value) as Members;
  return isTexts(ours) && (before === undefined || (isText(before) && isRestorable(before)));
}

/** Later than any date that JavaScript has (ECMA-262, time values). */
const MAX_TIME_MS = 8.64e15;

function isTimeOrAbsent(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && Math.abs(value) <= MAX_TIME_MS);
}

function isLogin(value: unknown): value is Login {
  if (!isRecord(value)) return false;
  const { user, secret, triple } = value;
  return isTextOrAbsent(user) && isTextOrAbsent(secret) && isTextOrAbsent(triple);
}

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || isText(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

function isAll(given: unknown, fitting: object): boolean {
  return isRecord(given) && Object.keys(given).length === Object.keys(fitting).length;
}

function pickFitting<T>(given: unknown, isFitting: (value: unknown) => value is T) {
  const members = Object(given) as Members;
  const fitting = emptyRecord<T>();
  for (const key of Object.keys(members)) {
    const value = members[key];
    if (isFitting(value)) fitting[key] = value;
  }
  return fitting;
}

/** The same ledger is always the same text, so that "nothing changed" can be told from it. */
export function renderLedger({ isPostCreated, secret, rows, logins, envFiles }: Ledger): string {
  const sorted = {
    version: VERSION,
    isPostCreated,
    ...(hasFingerprint({ rows, logins }) ? { secret } : {}),
    rows: sortRecord(rows, inOrder),
    logins: sortRecord(logins, loginInOrder),
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

function sortRecord<T>(record: Readonly<Record<string, T>>, order: (member: T) => T) {
  const sorted = emptyRecord<T>();
  for (const key of Object.keys(record).sort()) sorted[key] = order(record[key] as T);
  return sorted;
}

/** A row with its members in the order that a ledger's text has them in. */
function inOrder({ id, provider, triple, entry, helper, theirs, expiresAt }: Row): Row {
  return { id, provider, triple, entry, helper, theirs, expiresAt };
}

function loginInOrder({ user, secret, triple }: Login): Login {
  return { user, secret, triple };
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

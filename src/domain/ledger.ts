import type { Problem } from './problem.ts';

/** What we know of one key that we wrote. */
export type Row = {
  readonly id: string;
  readonly provider: string;
  /** Fingerprint of the triple; absent after a prebuild, so that a snapshot holds nothing derived from a secret. */
  readonly triple?: string;
  /** Fingerprint of the entry in `auths` as we wrote it. */
  readonly entry?: string;
  /** JSON text of the entry that stood there before ours. */
  readonly replacedEntry?: string;
  /** The entry was there already, equal to what we would have written. */
  readonly adopted?: boolean;
  /** We put our helper at this key of `credHelpers`. */
  readonly helper?: boolean;
  /** JSON text of the helper that stood there before ours. */
  readonly replacedHelper?: string;
  /** The entry is somebody's own login, newer than the triple; the helper answers with it. */
  readonly kept?: boolean;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** Only between two writes: config.json may still hold the replaced entry. */
  readonly pending?: boolean;
};

/** A `docker login` (or, without user and secret, a `docker logout`) that went through our helper. */
export type Login = {
  readonly user?: string;
  readonly secret?: string;
  /** Fingerprint of the triple at that time: another one is newer, and wins. */
  readonly triple?: string;
};

/** Our own record, beside `config.json`: docker drops what it does not know, so nothing of this can live there. */
export type Ledger = {
  /** The random key of every fingerprint in this ledger. */
  readonly secret: string;
  readonly rows: Readonly<Record<string, Row>>;
  readonly logins: Readonly<Record<string, Login>>;
  readonly blanks: {
    readonly root?: string | null;
    readonly auths?: string | null;
    readonly credHelpers?: string | null;
  };
  /** Absolute paths of the env files that triples came from, for the helper, whose working directory may be any. */
  readonly envFiles: readonly string[];
};

/** Loaded when first needed: a tenth of the time that Node takes to start, which most pulls need not wait for. */
const crypto = (): typeof import('node:crypto') => require('node:crypto');

export type LedgerResult = { readonly ledger: Ledger } | { readonly fault: 'damaged' | 'newer' };

export function createLedger(): Ledger {
  return {
    secret: crypto().randomBytes(32).toString('base64'),
    rows: {},
    logins: {},
    blanks: {},
    envFiles: [],
  };
}

/** Reads a ledger's text; one from a newer version is told apart from a damaged one, because it must be left alone. */
export function parseLedger(text: string): LedgerResult {
  const value = parseJson(text);
  const { version, ...ledger } = Object(value) as Ledger & { version?: unknown };
  if (typeof version === 'number' && version > VERSION) return { fault: 'newer' };
  return fits(value, LEDGER) ? { ledger } : { fault: 'damaged' };
}

const VERSION = 1;

/**
 * The shape of the file: a type's name, `?` where it may be absent, an object for an object, a list of one shape for a record of such. Not zod: it
 * is half of what the helper may weigh, which docker starts for every pull.
 */
type Shape = string | readonly [Shape] | { readonly [member: string]: Shape };

const TEXT = 'string?';
const ROW = {
  id: 'string',
  provider: 'string',
  triple: TEXT,
  entry: TEXT,
  replacedEntry: TEXT,
  adopted: 'boolean?',
  helper: 'boolean?',
  replacedHelper: TEXT,
  kept: 'boolean?',
  expiresAt: 'number?',
  pending: 'boolean?',
};
const LOGIN = { user: TEXT, secret: TEXT, triple: TEXT };
const LEDGER: Shape = {
  version: 'number',
  secret: 'string',
  rows: [ROW],
  logins: [LOGIN],
  blanks: [TEXT],
  envFiles: ['string'],
};

function fits(value: unknown, shape: Shape): boolean {
  if (typeof shape === 'string')
    return value == null ? shape.endsWith('?') : `${typeof value}?`.startsWith(shape);
  if (typeof value !== 'object' || value === null) return false;
  const [each] = Array.isArray(shape) ? shape : [];
  if (each !== undefined) return Object.values(value).every((member) => fits(member, each));
  return Object.entries(shape).every(([name, member]) =>
    fits((value as Record<string, unknown>)[name], member),
  );
}

/** Why a ledger of tomorrow's is left alone. */
export function newerLedger(subject: string): Problem {
  return {
    code: 'LEDGER_NEWER',
    subject,
    what: 'was written by a newer version of registry-auth; left unchanged, and config.json with it',
    fix: 'update the Feature, or remove this file',
  };
}

/** The same ledger is always the same text, so that "nothing changed" can be told from it. */
export function renderLedger({ secret, rows, logins, blanks, envFiles }: Ledger): string {
  const sorted = {
    version: VERSION,
    secret,
    rows: sortRecord(rows, Object.keys(ROW)),
    logins: sortRecord(logins, Object.keys(LOGIN)),
    blanks: pick(blanks, ['root', 'auths', 'credHelpers']),
    envFiles,
  };
  return `${JSON.stringify(sorted, null, 2)}\n`;
}

function sortRecord(record: Readonly<Record<string, object>>, members: readonly string[]): object {
  const sorted: Record<string, object> = {};
  for (const key of Object.keys(record).sort()) sorted[key] = pick(record[key] ?? {}, members);
  return sorted;
}

/** The members that are there, in the order given. */
function pick(value: object, members: readonly string[]): object {
  const picked: Record<string, unknown> = {};
  for (const member of members) {
    const given = (value as Record<string, unknown>)[member];
    if (given !== undefined) picked[member] = given;
  }
  return picked;
}

/** Whether a ledger says nothing, so that there need be no file. */
export function isEmptyLedger({ rows, logins, blanks, envFiles }: Ledger): boolean {
  return [rows, logins, blanks, envFiles].every((part) => Object.keys(part).length === 0);
}

/**
 * Tells whether two secrets are the same without holding either; useless without this ledger's random key. One hash of key and text, not an HMAC: nobody
 * can choose a text that follows another here, and a thousand HMACs take as long as Node does to start.
 */
export function fingerprint({ secret }: Ledger, ...parts: readonly (string | undefined)[]): string {
  return crypto().hash('sha256', secret + JSON.stringify(parts), 'base64url');
}

/** An entry's fingerprint does not depend on spacing or the order of its members: docker rewrites both. */
export function fingerprintEntry(ledger: Ledger, raw: string): string {
  const value: unknown = JSON.parse(raw);
  const members =
    typeof value === 'object' && value !== null ? Object.entries(value).sort() : value;
  return fingerprint(ledger, JSON.stringify(members));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

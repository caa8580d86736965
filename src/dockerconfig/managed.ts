import { isTooDeep, memberOf, membersOf, parseJson } from '../json.ts';
import { toEntry } from './auth-entry.ts';
import { decode } from './decode.ts';
import { ENTRY } from './docker-types.ts';

/** What we wrote for one login, or did not write: the text at its name in `plugins`. */
export type Managed = {
  /** The IDs that share the login; none if the text is damaged. */
  readonly ids: readonly string[];
  readonly isFallback: boolean;
  /** Whether `credHelpers` names our helper, and whether a foreign login is kept. */
  readonly hasHelper: boolean;
  readonly isForeign: boolean;
  /** Checksum of the entry that we wrote. */
  readonly entry?: string | undefined;
  /** Checksum of the triple that had effect last; without one, the next triple is new. */
  readonly secret?: string | undefined;
  /** Milliseconds since the epoch, in whole seconds. */
  readonly expiresAt?: number | undefined;
  /** The env file of the triple; `WORKSPACE//RELATIVE` if it may not lead out of WORKSPACE. */
  readonly file?: string | undefined;
};

/** All that we keep in `config.json` besides entries and helpers: members of `plugins`. */
export type Records = {
  readonly logins: ReadonlyMap<string, Managed>;
  /** JSON text of what ours replaced, by `auths KEY` and `credHelpers KEY`. */
  readonly previous: ReadonlyMap<string, string>;
  /** Whether a postCreate hook has run here: nothing written later is in a prebuild's snapshot. */
  readonly isPostCreated: boolean;
  /** Places of `previous` whose value cannot be restored. */
  readonly unfit: readonly string[];
};

/** Our members of `plugins`: docker reads them as maps of texts, and writes them back unchanged. */
export const RECORDS = 'registry-auth';
export const PREVIOUS = 'registry-auth-previous';
/** The third has one member: a postCreate hook has run. */
export const POST_CREATED = { plugin: 'registry-auth-state', name: 'postCreate', text: 'done' };

const ID = '[A-Za-z_]\\w*';
const SUM = '(?:[0-9a-f]{4}){1,2}';
/** A record: its IDs, then the words that apply, in this order. */
const WORDS = [
  `(?<ids>${ID}(?:,${ID})*)`,
  '(?<fallback> fallback)?',
  `(?: entry:(?<entry>${SUM}))?`,
  '(?<helper> helper)?',
  `(?: secret:(?<secret>${SUM}))?`,
  '(?<foreign> foreign)?',
  // Looked at below: V8 compiles a long pattern slowly, and most records have none.
  '(?: expires:(?<expires>\\S+))?',
  '(?: file:(?<file>/.*))?',
];
const RECORD = new RegExp(`^${WORDS.join('')}$`, 's');
const EXPIRES = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** An ID list and a path are far shorter. */
const MAX_LENGTH = 65_536;

/** Undefined if it is damaged, or of a version with other words. */
export function parseManaged(text: string): Managed | undefined {
  const words = text.length > MAX_LENGTH ? undefined : RECORD.exec(text)?.groups;
  if (words === undefined) return undefined;
  const { ids = '', fallback, entry, helper, secret, foreign, expires, file } = words;
  const expiresAt = expires === undefined ? undefined : parseTime(expires);
  if (Number.isNaN(expiresAt)) return undefined;
  return {
    ids: ids.split(','),
    isFallback: fallback !== undefined,
    hasHelper: helper !== undefined,
    isForeign: foreign !== undefined,
    ...{ entry, secret, expiresAt, file },
  };
}

/** NaN if it is not a time in UTC, in whole seconds. */
function parseTime(text: string): number {
  return EXPIRES.test(text) ? Date.parse(text) : Number.NaN;
}

/** Equal records give equal text, so that an unchanged one causes no edit. */
export function renderManaged(record: Managed): string {
  const { ids, isFallback, entry, hasHelper, secret, isForeign, expiresAt, file } = record;
  const end = expiresAt === undefined ? '' : `${new Date(expiresAt).toISOString().slice(0, 19)}Z`;
  return (
    ids.join(',') +
    (isFallback ? ' fallback' : '') +
    (entry ? ` entry:${entry}` : '') +
    (hasHelper ? ' helper' : '') +
    (secret ? ` secret:${secret}` : '') +
    (isForeign ? ' foreign' : '') +
    (end && ` expires:${end}`) +
    (file ? ` file:${file}` : '')
  );
}

const DAMAGED: Managed = { ids: [], isFallback: false, hasHelper: false, isForeign: false };

export function isDamaged({ ids }: Managed): boolean {
  return ids.length === 0;
}

/** Reads our members of `plugins`; a damaged record costs no login. */
export function parseRecords(plugins: unknown): Records {
  const logins = new Map<string, Managed>();
  const previous = new Map<string, string>();
  const unfit: string[] = [];
  for (const [login, text] of textsOf(plugins, RECORDS))
    logins.set(login, parseManaged(text) ?? DAMAGED);
  for (const [place, json] of textsOf(plugins, PREVIOUS)) {
    if (canBePutBack(place, parseJson(json))) previous.set(place, json);
    else unfit.push(place);
  }
  const { plugin, name, text } = POST_CREATED;
  const isPostCreated = memberOf(memberOf(plugins, plugin), name) === text;
  return { logins, previous, isPostCreated, unfit };
}

function textsOf(plugins: unknown, plugin: string): [string, string][] {
  const members = membersOf(memberOf(plugins, plugin));
  return members.filter((member): member is [string, string] => typeof member[1] === 'string');
}

/** docker must be able to decode it. */
function canBePutBack(place: string, value: unknown): boolean {
  if (!place.startsWith('auths ')) return typeof value === 'string';
  if (value === undefined || isTooDeep(value)) return false;
  const { value: members, misfit } = decode(value, ENTRY);
  return !misfit && toEntry(members, () => '').isSound;
}

/** The env files that records name, each once. */
export function filesOf({ logins }: Records): string[] {
  return [...new Set([...logins.values()].flatMap(({ file }) => file ?? []))];
}

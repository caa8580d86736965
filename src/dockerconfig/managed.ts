import { isTooDeep, memberOf, membersOf, parseJson } from '../json.ts';
import { parseEntry } from './auth-entry.ts';

/** What we wrote for one login, or were kept from writing: the text at its name in `plugins`. */
export type Managed = {
  /** The IDs that ask for the login; none where the text cannot be understood. */
  readonly ids: readonly string[];
  readonly isFallback: boolean;
  /** Whether our helper's name stands there, and whether a foreign login is kept. */
  readonly hasHelper: boolean;
  readonly isForeign: boolean;
  /** Checksum of the entry that we wrote. */
  readonly entry?: string | undefined;
  /** Checksum of the triple that had effect last; where there is none, the next one is new. */
  readonly secret?: string | undefined;
  /** Milliseconds since the epoch, in whole seconds. */
  readonly expiresAt?: number | undefined;
  /** The env file of the triple; `WORKSPACE//RELATIVE` where it may not lead out of WORKSPACE. */
  readonly file?: string | undefined;
};

/** All that we keep in `config.json` beside entries and helpers, in docker's place for plugins. */
export type Records = {
  readonly logins: ReadonlyMap<string, Managed>;
  /** JSON text of what ours replaced, by `auths KEY` and `credHelpers KEY`. */
  readonly previous: ReadonlyMap<string, string>;
  /** Whether a postCreate hook has run here: nothing written later is in a prebuild's snapshot. */
  readonly isPostCreated: boolean;
  /** Places of `previous` whose value cannot be put back. */
  readonly unfit: readonly string[];
};

/** Our members of `plugins`, which docker reads as texts by name and writes back as they are. */
export const RECORDS = 'registry-auth';
export const PREVIOUS = 'registry-auth-previous';
/** The one member of a third: a postCreate hook has run. */
export const POST_CREATED = { plugin: 'registry-auth-state', name: 'postCreate', text: 'done' };

/** Undefined where it is damaged, or of a version that has other words. */
export function parseManaged(text: string): Managed | undefined {
  const [head = '', ...tail] = text.split(' file:');
  const [ids = '', ...words] = head.split(' ');
  const find = (name: string) => words.find((word) => word.startsWith(name))?.slice(name.length);
  const expires = find('expires:');
  const record = {
    ids: ids.split(','),
    isFallback: words.includes('fallback'),
    hasHelper: words.includes('helper'),
    isForeign: words.includes('foreign'),
    entry: find('entry:'),
    secret: find('secret:'),
    expiresAt: expires === undefined ? undefined : Date.parse(expires),
    file: tail.length > 0 ? tail.join(' file:') : undefined,
  };
  return isSound(record) && renderManaged(record) === text ? record : undefined;
}

function isSound({ ids, entry = '0000', secret = '0000', expiresAt = 0, file = '/' }: Managed) {
  const areSums = [entry, secret].every((sum) => /^(?:[0-9a-f]{4}){1,2}$/.test(sum));
  const isTime = !Number.isNaN(expiresAt);
  return areSums && isTime && file.startsWith('/') && ids.every((id) => /^[A-Za-z_]\w*$/.test(id));
}

/** A record's IDs, and those words that apply: the same record is always the same text. */
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

/** Reads our members of `plugins`; what cannot be understood costs no login. */
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
  return value !== undefined && !isTooDeep(value) && !parseEntry(value, () => '').fault;
}

/** The env files that records name, each once. */
export function filesOf({ logins }: Records): string[] {
  return [...new Set([...logins.values()].flatMap(({ file }) => file ?? []))];
}

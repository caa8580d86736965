/**
 * What we wrote for one login, or were kept from writing, as the text at its name in
 * `plugins.registry-auth` says it.
 */
export type Managed = {
  /** The IDs that want the login; none where the text cannot be understood. */
  readonly ids: readonly string[];
  /** Whether it gives way to any foreign login. */
  readonly isFallback: boolean;
  /** Checksum of the entry that we wrote. */
  readonly entry?: string | undefined;
  /** Whether our helper's name stands there. */
  readonly hasHelper: boolean;
  /** Checksum of the triple that had effect last; where there is none, the next one is new. */
  readonly secret?: string | undefined;
  /** Whether a foreign login is kept. */
  readonly isForeign: boolean;
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
/** Has one member alone. */
export const STATE = 'registry-auth-state';
export const POST_CREATE = 'postCreate';
export const DONE = 'done';

/** The words of a record after its IDs, in their order, each with the pattern of what it says. */
const WORDS = [
  ['isFallback', 'fallback', ''],
  ['entry', 'entry:', '[0-9a-f]{8}'],
  ['hasHelper', 'helper', ''],
  ['secret', 'secret:', '[0-9a-f]{4}(?:[0-9a-f]{4})?'],
  ['isForeign', 'foreign', ''],
  ['expiresAt', 'expires:', '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ'],
  ['file', 'file:', '/.*'],
] as const;

const ID = '[A-Za-z_]\\w*';
const OTHERS = WORDS.map(([name, word, value]) => `(?: ${word}(?<${name}>${value}))?`).join('');
const RECORD = new RegExp(`^(?<ids>${ID}(?:,${ID})*)${OTHERS}$`, 's');

/** An ID list and a path are far shorter. */
const MAX_LENGTH = 65_536;

/** Understands a record; undefined where it is damaged, or of a version that has other words. */
export function parseManaged(text: string): Managed | undefined {
  const words = text.length > MAX_LENGTH ? undefined : RECORD.exec(text)?.groups;
  if (words === undefined) return undefined;
  const { ids = '', isFallback, entry, hasHelper, secret, isForeign, expiresAt: end, file } = words;
  const flags = { isFallback: isFallback === '', hasHelper: hasHelper === '' };
  const expiresAt = end === undefined ? undefined : Date.parse(end);
  if (Number.isNaN(expiresAt)) return undefined;
  return {
    ids: ids.split(','),
    ...flags,
    isForeign: isForeign === '',
    entry,
    secret,
    expiresAt,
    file,
  };
}

/** The same record is always the same text, so that "nothing changed" can be told from it. */
export function renderManaged(record: Managed): string {
  let text = record.ids.join(',');
  for (const [name, word] of WORDS) {
    const value = record[name];
    if (typeof value === 'number') text += ` ${word}${new Date(value).toISOString().slice(0, 19)}Z`;
    else if (value) text += ` ${word}${value === true ? '' : value}`;
  }
  return text;
}

const DAMAGED: Managed = { ids: [], isFallback: false, hasHelper: false, isForeign: false };

/** Whether there is a record that says nothing. */
export function isDamaged({ ids }: Managed): boolean {
  return ids.length === 0;
}

/** What may be put back into a section of `config.json`, whoever wrote it down. */
type Fit = Record<'canBeEntry' | 'canBeHelper', (json: string) => boolean>;

/** Reads our members of `plugins`; what of them cannot be understood costs nobody a login. */
export function parseRecords(
  plugin: (name: string) => ReadonlyMap<string, string>,
  { canBeEntry, canBeHelper }: Fit,
): Records {
  const logins = new Map<string, Managed>();
  const previous = new Map<string, string>();
  const unfit: string[] = [];
  for (const [login, text] of plugin(RECORDS)) logins.set(login, parseManaged(text) ?? DAMAGED);
  for (const [place, json] of plugin(PREVIOUS)) {
    const isFit = place.startsWith('auths ') ? canBeEntry : canBeHelper;
    if (isFit(json)) previous.set(place, json);
    else unfit.push(place);
  }
  const isPostCreated = plugin(STATE).get(POST_CREATE) === DONE;
  return { logins, previous, isPostCreated, unfit };
}

/** The env files that records name, each once. */
export function filesOf({ logins }: Records): string[] {
  return [...new Set([...logins.values()].flatMap(({ file }) => file ?? []))];
}

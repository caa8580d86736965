import type { Code } from '../problem.ts';
import { decodeAuth } from './auth.ts';
import { type JsonMember, type JsonValue, parseJsonText } from './json-text.ts';

/** The two objects of `config.json` that we write into. */
export type Section = 'auths' | 'credHelpers';

/** `config.json` as text with the places that matter found in it. */
export type DockerConfig = {
  readonly text: string;
  readonly root: JsonValue | undefined;
  /** The JSON text of each entry and of each helper's name. */
  readonly auths: ReadonlyMap<string, string>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore?: string;
  /** Why the file must be left alone: what cannot be read in full cannot be preserved. */
  readonly fault?: ConfigFault;
};

export type ConfigFault = { readonly code: Code; readonly what: string; readonly offset: number };

/**
 * Reads the text of a `config.json` as strictly as Docker's Go decoder does. Blank text counts as
 * `{}`. Of a text with a fault it holds what can be read all the same.
 */
export function parseDockerConfig(text: string): DockerConfig {
  // A byte order mark counts as white space for trim, and as a fault for every client.
  if (text.startsWith('\ufeff')) return unreadable(text, 'starts with a byte order mark', 0);
  if (text.trim() === '') return emptyConfig(text);
  const root = parseJsonText(text);
  if ('faultAt' in root) return unreadable(text, 'is not valid JSON', root.faultAt);
  if (root.kind !== 'object')
    return { ...emptyConfig(text), fault: misshapen(root, 'holds no JSON object') };
  const fault = findFault(text, root);
  const credsStore = parsedValue(text, findMember(root, 'credsStore')?.value);
  return {
    text,
    root,
    auths: sectionOf(text, root, 'auths'),
    credHelpers: sectionOf(text, root, 'credHelpers'),
    ...(typeof credsStore === 'string' && credsStore !== '' ? { credsStore } : {}),
    ...(fault ? { fault } : {}),
  };
}

function emptyConfig(text: string): DockerConfig {
  return { text, root: undefined, auths: new Map(), credHelpers: new Map() };
}

function unreadable(text: string, what: string, offset: number): DockerConfig {
  return { ...emptyConfig(text), fault: { code: 'CONFIG_NOT_JSON', what, offset } };
}

function sectionOf(text: string, root: JsonValue, section: Section): Map<string, string> {
  const members = findMember(root, section)?.value.members ?? [];
  return new Map(members.map(({ key, value }) => [key, textOf(text, value)]));
}

function findFault(text: string, root: JsonValue): ConfigFault | undefined {
  return (
    findTwice(root.members) ??
    findSectionFault(root, 'auths', (entry) => findEntryFault(text, entry)) ??
    findSectionFault(root, 'credHelpers', findHelperFault)
  );
}

type Judge = (value: JsonValue) => ConfigFault | undefined;

function findSectionFault(root: JsonValue, section: Section, judge: Judge): ReturnType<Judge> {
  const object = findMember(root, section)?.value;
  if (object === undefined || object.kind === 'null') return undefined;
  if (object.kind !== 'object') return misshapen(object, `holds ${section} that is no object`);
  const [fault] = object.members.flatMap(({ value }) => judge(value) ?? []);
  return fault ?? findTwice(object.members);
}

function misshapen({ start: offset }: { readonly start: number }, what: string): ConfigFault {
  return { code: 'CONFIG_SHAPE', what, offset };
}

/** Readers differ on which of two equal keys counts, so neither can be preserved with certainty. */
function findTwice(members: readonly JsonMember[]): ReturnType<Judge> {
  const seen = new Set<string>();
  const twice = members.find(({ key }) => seen.size === seen.add(key).size);
  return twice && misshapen(twice, 'holds a key twice');
}

/**
 * What docker cannot decode makes crane, nerdctl and the kubelet refuse the whole file (clients.md
 * 1.5).
 */
function findEntryFault(text: string, entry: JsonValue): ReturnType<Judge> {
  if (entry.kind === 'null') return undefined;
  if (entry.kind !== 'object') return misshapen(entry, 'holds an entry in auths that is no object');
  const auth = parsedValue(text, findMember(entry, 'auth')?.value) ?? '';
  if (auth === '' || (typeof auth === 'string' && decodeAuth(auth))) return undefined;
  const what = 'holds an entry whose auth is not the base64 form of user:password';
  return { code: 'CONFIG_ENTRY_UNDECODABLE', what, offset: entry.start };
}

function findHelperFault(helper: JsonValue): ReturnType<Judge> {
  const isName = helper.kind === 'string';
  return isName ? undefined : misshapen(helper, 'holds an entry in credHelpers that is no string');
}

/** Whether a JSON text can stand as an entry of `auths`. */
export function canBeEntry(text: string): boolean {
  return canStand(text, (value) => findEntryFault(text, value));
}

/** Whether a JSON text can stand as an entry of `credHelpers`. */
export function canBeHelper(text: string): boolean {
  return canStand(text, findHelperFault);
}

function canStand(text: string, judge: Judge): boolean {
  const value = parseJsonText(text);
  return !('faultAt' in value) && judge(value) === undefined;
}

export function findMember(object: JsonValue, key: string): JsonMember | undefined {
  return object.members.find((member) => member.key === key);
}

function textOf(text: string, { start, end }: JsonValue): string {
  return text.slice(start, end);
}

function parsedValue(text: string, value: JsonValue | undefined): unknown {
  return value && JSON.parse(textOf(text, value));
}

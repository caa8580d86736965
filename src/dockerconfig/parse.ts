import { type Node, type ParseError, parseTree, visit } from 'jsonc-parser';
import type { Code } from '../domain/problem.ts';
import { decodeAuth } from './auth-entry.ts';
import { parseRecords, type Records } from './managed.ts';

/** `config.json` as text, with what docker's clients and we read of it. */
export type DockerConfig = {
  readonly text: string;
  /** Absent where the text is blank or has a fault. */
  readonly root?: Node;
  /** The JSON text of each entry. */
  readonly auths: ReadonlyMap<string, string>;
  /** The name of each helper. */
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore?: string;
  readonly records: Records;
  /** Why the file must be left alone: what cannot be read in full cannot be preserved. */
  readonly fault?: ConfigFault;
};

export type ConfigFault = { readonly code: Code; readonly what: string; readonly offset: number };

export type Member = { readonly key: string; readonly name: Node; readonly value: Node };

/**
 * Reads the text of a `config.json` as strictly as Docker's Go decoder does. Blank text counts as
 * `{}`. Of a text with a fault it holds what can be read all the same.
 */
export function parseDockerConfig(text: string): DockerConfig {
  // A byte order mark counts as white space for trim, and as a fault for every client.
  if (text.startsWith('\ufeff')) return unreadable(text, 'starts with a byte order mark', 0);
  if (text.trim() === '') return emptyConfig(text);
  const { root, fault: syntax } = parseJson(text);
  if (root === undefined) return { ...emptyConfig(text), fault: syntax };
  if (root.type !== 'object')
    return { ...emptyConfig(text), fault: misshapen(root, 'holds no JSON object') };
  const fault = findFault(root);
  const credsStore = findMember(root, 'credsStore')?.value.value;
  return {
    text,
    root,
    auths: sectionOf(root, 'auths', (value) => textOf(text, value)),
    credHelpers: sectionOf(root, 'credHelpers', ({ value }) => `${value}`),
    ...(typeof credsStore === 'string' && credsStore !== '' ? { credsStore } : {}),
    records: parseRecords(pluginsOf(root), { canBeEntry, canBeHelper }),
    ...(fault ? { fault } : {}),
  };
}

function emptyConfig(text: string): DockerConfig {
  const records = parseRecords(() => new Map(), { canBeEntry, canBeHelper });
  return { text, auths: new Map(), credHelpers: new Map(), records };
}

function unreadable(text: string, what: string, offset: number): DockerConfig {
  return { ...emptyConfig(text), fault: { code: 'CONFIG_NOT_JSON', what, offset } };
}

const STRICT = { disallowComments: true, allowTrailingComma: false };

/** As strict as JSON.parse (RFC 8259), which has no offsets to tell. */
function parseJson(text: string): { root?: Node; fault: ConfigFault } {
  const fault = (what: string, offset: number) =>
    ({ code: 'CONFIG_NOT_JSON', what, offset }) as const;
  try {
    const errors: ParseError[] = [];
    const root = isJson(text) ? parseTree(text, errors, STRICT) : undefined;
    const isWhole = root !== undefined && errors.length === 0;
    const invalid = fault('is not valid JSON', isWhole ? 0 : findError(text));
    return isWhole ? { root, fault: invalid } : { fault: invalid };
  } catch (error) {
    // The parser calls itself for each level.
    if (!(error instanceof RangeError)) throw error;
    return { fault: fault('is nested too deeply', 0) };
  }
}

/** Where a text stops being JSON. Nothing after that is looked at: it may hold a million errors. */
function findError(text: string): number {
  let found: number | undefined;
  const onError = (_: number, offset: number) => {
    found = offset;
    throw new Error('found');
  };
  try {
    visit(text, { onError }, STRICT);
  } catch (error) {
    if (found === undefined) throw error;
  }
  return found ?? 0;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The members of an object in their order, with every equal key; none of anything else. */
export function membersOf(object: Node | undefined): Member[] {
  if (object?.type !== 'object') return [];
  return (object.children ?? []).flatMap(({ children: [name, value] = [] }) =>
    name && value ? { key: `${name.value}`, name, value } : [],
  );
}

export function findMember(object: Node | undefined, key: string): Member | undefined {
  return membersOf(object).find((member) => member.key === key);
}

function sectionOf(root: Node, section: string, read: (value: Node) => string) {
  const members = membersOf(findMember(root, section)?.value);
  return new Map(members.map(({ key, value }) => [key, read(value)]));
}

/** What CLI plugins keep: texts by name, for each of them. */
function pluginsOf(root: Node): (name: string) => ReadonlyMap<string, string> {
  const plugins = findMember(root, 'plugins')?.value;
  return (name) => {
    const members = membersOf(findMember(plugins, name)?.value);
    return new Map(
      members.flatMap(({ key, value: { value } }) =>
        typeof value === 'string' ? [[key, value]] : [],
      ),
    );
  };
}

type Judge = (value: Node) => ConfigFault | undefined;

function findFault(root: Node): ConfigFault | undefined {
  return (
    findTwice(root) ??
    findMapFault(root, 'auths', findEntryFault) ??
    findMapFault(root, 'credHelpers', findHelperFault) ??
    findMapFault(root, 'plugins', findPluginFault)
  );
}

function findMapFault(root: Node, name: string, judge: Judge): ConfigFault | undefined {
  const object = findMember(root, name)?.value;
  if (object === undefined || object.type === 'null') return undefined;
  if (object.type !== 'object') return misshapen(object, `holds ${name} that is no object`);
  const [fault] = membersOf(object).flatMap(({ value }) => judge(value) ?? []);
  return fault ?? findTwice(object);
}

function misshapen({ offset }: Node, what: string): ConfigFault {
  return { code: 'CONFIG_SHAPE', what, offset };
}

/** Readers differ on which of two equal keys counts, so neither can be preserved with certainty. */
function findTwice(object: Node): ConfigFault | undefined {
  const seen = new Set<string>();
  const twice = membersOf(object).find(({ key }) => seen.size === seen.add(key).size);
  return twice && misshapen(twice.name, 'holds a key twice');
}

/**
 * What docker cannot decode makes crane, nerdctl and the kubelet refuse the whole file
 * (docs/clients.md, Entries).
 */
function findEntryFault(entry: Node): ConfigFault | undefined {
  if (entry.type === 'null') return undefined;
  if (entry.type !== 'object') return misshapen(entry, 'holds an entry in auths that is no object');
  const auth = findMember(entry, 'auth')?.value;
  const isAbsent = auth === undefined || auth.type === 'null' || auth.value === '';
  if (isAbsent || (auth.type === 'string' && decodeAuth(auth.value))) return undefined;
  const what = 'holds an entry whose auth is not the base64 form of user:password';
  return { code: 'CONFIG_ENTRY_UNDECODABLE', what, offset: entry.offset };
}

function findHelperFault(helper: Node): ConfigFault | undefined {
  const isName = helper.type === 'string';
  return isName ? undefined : misshapen(helper, 'holds an entry in credHelpers that is no string');
}

/** docker decodes `plugins` as texts by name by plugin, and nothing of the file where it cannot. */
function findPluginFault(plugin: Node): ConfigFault | undefined {
  if (plugin.type === 'null') return undefined;
  const isMap = plugin.type === 'object';
  const wrong = membersOf(plugin).find(({ value }) => !['string', 'null'].includes(value.type));
  if (isMap && !wrong) return findTwice(plugin);
  return misshapen(
    wrong?.value ?? plugin,
    'holds a member of plugins that is no object of strings',
  );
}

/** Whether a JSON text can stand as an entry of `auths`. */
function canBeEntry(text: string): boolean {
  return canStand(text, findEntryFault);
}

/** Whether a JSON text can stand as an entry of `credHelpers`. */
function canBeHelper(text: string): boolean {
  return canStand(text, findHelperFault);
}

function canStand(text: string, judge: Judge): boolean {
  const { root } = parseJson(text);
  return root !== undefined && judge(root) === undefined;
}

function textOf(text: string, { offset, length }: Node): string {
  return text.slice(offset, offset + length);
}

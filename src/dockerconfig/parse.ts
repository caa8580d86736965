import type { Node } from 'jsonc-parser';
import type { Code } from '../domain/problem.ts';
import { type AuthEntry, type EntryFault, parseEntry } from './auth-entry.ts';
import { isObject, isTooDeep, memberOf, membersOf, parseJson } from './json.ts';
import { parseRecords, type Records } from './managed.ts';
import { endOf, findError, findNode, findTwice, nodesOf, parseNodes } from './tree.ts';

/** `config.json` as text, with what docker's clients and we read of it. */
export type DockerConfig = {
  readonly text: string;
  /**
   * Where everything stands in the text. Parsed when it is asked for: JSON.parse is many times as
   * fast, and most runs change nothing. Undefined where the text is blank or no JSON.
   */
  readonly root: () => Node | undefined;
  readonly auths: ReadonlyMap<string, AuthEntry>;
  /** The name of each helper. */
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore?: string;
  readonly records: Records;
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
  if (text.startsWith('\ufeff')) return notJson(text, 'starts with a byte order mark', 0);
  if (text.trim() === '') return configOf(text, {}, () => undefined);
  const value = parseJson(text);
  if (value === undefined) return notJson(text, 'is not valid JSON', findError(text));
  if (isTooDeep(value)) return notJson(text, 'is nested too deeply', 0);
  let nodes: Node | undefined;
  const root = () => {
    nodes ??= parseNodes(text);
    return nodes;
  };
  const config = configOf(text, value, root);
  const fault = findMisshapen(value, config);
  const node = fault ? findNode(config.root(), fault.path) : findTwiceIn(value, config);
  if (node === undefined) return config;
  const { code, what } = fault ?? { code: 'CONFIG_SHAPE', what: 'holds a key twice' };
  return { ...config, fault: { code, what, offset: node.offset } };
}

function notJson(text: string, what: string, offset: number): DockerConfig {
  return {
    ...configOf(text, {}, () => undefined),
    fault: { code: 'CONFIG_NOT_JSON', what, offset },
  };
}

function configOf(text: string, value: unknown, root: DockerConfig['root']): DockerConfig {
  const auths = new Map<string, AuthEntry>();
  for (const [key, entry] of membersOf(memberOf(value, 'auths')))
    auths.set(
      key,
      parseEntry(entry, () => textAt(text, findNode(root(), ['auths', key]))),
    );
  const credHelpers = new Map<string, string>();
  for (const [key, name] of membersOf(memberOf(value, 'credHelpers')))
    credHelpers.set(key, `${name}`);
  const credsStore = memberOf(value, 'credsStore');
  return {
    ...{ text, root, auths, credHelpers },
    ...(typeof credsStore === 'string' && credsStore !== '' ? { credsStore } : {}),
    records: parseRecords(memberOf(value, 'plugins')),
  };
}

function textAt(text: string, node: Node | undefined): string {
  return node ? text.slice(node.offset, endOf(node)) : '';
}

type PlacedFault = EntryFault & { readonly path: readonly string[] };

function misshapen(path: readonly string[], what: string): PlacedFault {
  return { code: 'CONFIG_SHAPE', what, path };
}

/** What docker does not decode makes crane, nerdctl and the kubelet refuse the whole file. */
function findMisshapen(value: unknown, { auths }: DockerConfig): PlacedFault | undefined {
  if (!isObject(value)) return misshapen([], 'holds no JSON object');
  return (
    findInSection(value, 'auths', (_, path, key) => {
      const fault = auths.get(key)?.fault;
      return fault && { ...fault, path };
    }) ??
    findInSection(value, 'credHelpers', (name, path) =>
      typeof name === 'string'
        ? undefined
        : misshapen(path, 'holds an entry in credHelpers that is no string'),
    ) ??
    findInSection(value, 'plugins', findInPlugin)
  );
}

type Judge = (member: unknown, path: readonly string[], key: string) => PlacedFault | undefined;

function findInSection(root: unknown, name: string, judge: Judge): PlacedFault | undefined {
  const section = memberOf(root, name);
  if (section === undefined || section === null) return undefined;
  if (!isObject(section)) return misshapen([name], `holds ${name} that is no object`);
  for (const key of Object.keys(section)) {
    const fault = judge(section[key], [name, key], key);
    if (fault) return fault;
  }
  return undefined;
}

/** docker decodes `plugins` as texts by name by plugin, and nothing of the file where it cannot. */
function findInPlugin(plugin: unknown, path: readonly string[]): PlacedFault | undefined {
  const isText = ([, text]: [string, unknown]) => typeof text === 'string' || text === null;
  const wrong = membersOf(plugin).find((member) => !isText(member));
  if (plugin === null || (isObject(plugin) && !wrong)) return undefined;
  const what = 'holds a member of plugins that is no object of strings';
  return misshapen(wrong ? [...path, wrong[0]] : path, what);
}

/**
 * The second of two equal keys in one object: readers differ on which of them counts, so neither can
 * be preserved with certainty. JSON.parse keeps the last; but each member has a quote and a colon in
 * the text, so where there are no more of these than keys, no key stands twice.
 */
function findTwiceIn(value: unknown, { text, root }: DockerConfig): Node | undefined {
  if ((text.match(/"\s*:/g)?.length ?? 0) === countKeys(value)) return undefined;
  const plugins = nodesOf(findNode(root(), ['plugins'])).map(({ key }) => ['plugins', key]);
  const objects = [[], ['auths'], ['credHelpers'], ['plugins'], ...plugins];
  return objects.flatMap((path) => findTwice(findNode(root(), path)) ?? [])[0];
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const values = Object.values(value);
  const own = Array.isArray(value) ? 0 : values.length;
  return values.reduce((count: number, inside) => count + countKeys(inside), own);
}

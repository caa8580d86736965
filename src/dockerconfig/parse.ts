import type { Node } from 'jsonc-parser';
import { isBlank, isTooDeep, membersOf, parseJson } from '../json.ts';
import type { Code } from '../problem.ts';
import { type AuthEntry, parseEntry } from './auth-entry.ts';
import { decode, describeMisfit, fold, type Misfit, renderForm } from './decode.ts';
import { DOCKER_FILE } from './docker-types.ts';
import { parseRecords, type Records } from './managed.ts';
import {
  endOf,
  findError,
  findNode,
  findTwice,
  nodesIn,
  nodesOf,
  parseFirst,
  parseNodes,
} from './tree.ts';

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
 * Reads the text of a `config.json` as docker does: by its types, names of members without case.
 * Blank text counts as `{}`. Of a text with a fault it holds what docker decodes all the same.
 */
export function parseDockerConfig(text: string): DockerConfig {
  // A fault for every client, and white space for JSON.parse of none.
  if (text.startsWith('\ufeff')) return notJson(text, 'starts with a byte order mark', 0);
  if (isBlank(text)) return configOf(text, null, () => undefined);
  const value = parseJson(text);
  if (value === undefined) {
    const first = parseFirst(text);
    const what = first === undefined ? 'is not valid JSON' : AFTER_END;
    return notJson(text, what, findError(text), first);
  }
  if (isTooDeep(value)) return notJson(text, 'is nested too deeply', 0);
  let nodes: Node | undefined;
  const root = () => {
    if (nodes) return nodes;
    nodes = parseNodes(text);
    for (const { key, name } of nodesOf(nodes)) Object.assign(name, { value: nameOfOurs(key) });
    return nodes;
  };
  const { value: file, misfit } = decode(value, DOCKER_FILE);
  const config = configOf(text, file, root);
  const fault = misfit
    ? faultAt(findNode(parseNodes(text), misfit.path), 'CONFIG_SHAPE', describe(misfit))
    : (findUndecodable(config) ?? findTwiceIn(value, config));
  return fault ? { ...config, fault } : config;
}

const AFTER_END = 'holds text after the end of its JSON, which docker ignores and others refuse';

function notJson(text: string, what: string, offset: number, first: unknown = null): DockerConfig {
  const readable = isTooDeep(first) ? null : first;
  return {
    ...configOf(text, decode(readable, DOCKER_FILE).value, () => undefined),
    fault: { code: 'CONFIG_NOT_JSON', what, offset },
  };
}

function describe(misfit: Misfit): string {
  const what = describeMisfit(misfit);
  if (misfit.path.length === 0) return what;
  return `${what}, so docker decodes no entry; write ${renderForm(DOCKER_FILE, misfit.path).slice(1, -1)}`;
}

/** What the text has at each member that we edit, whatever its case. */
const OURS = ['auths', 'credHelpers', 'plugins'];

function nameOfOurs(name: string): string {
  return OURS.find((ours) => fold(ours) === fold(name)) ?? name;
}

type File = {
  readonly auths?: object;
  readonly credHelpers?: object;
  readonly credsStore?: string;
  readonly plugins?: Readonly<Record<string, unknown>>;
};

function configOf(text: string, file: unknown, root: DockerConfig['root']): DockerConfig {
  const { auths, credHelpers, credsStore, plugins }: File = Object(file);
  const textOf = (key: string) => textAt(text, findNode(root(), ['auths', key]));
  return {
    ...{ text, root },
    auths: new Map(
      membersOf(auths).map(([key, entry]) => [key, parseEntry(entry, () => textOf(key))]),
    ),
    credHelpers: new Map(membersOf(credHelpers).map(([key, name]) => [key, `${name ?? ''}`])),
    ...(credsStore ? { credsStore } : {}),
    records: parseRecords(plugins),
  };
}

function textAt(text: string, node: Node | undefined): string {
  return node ? text.slice(node.offset, endOf(node)) : '';
}

function faultAt(node: Node | undefined, code: Code, what: string): ConfigFault | undefined {
  return node && { code, what, offset: node.offset };
}

/** What docker does not decode makes crane, nerdctl and the kubelet refuse the whole file. */
function findUndecodable({ auths, root }: DockerConfig): ConfigFault | undefined {
  for (const [key, { fault }] of auths)
    if (fault) return faultAt(findNode(root(), ['auths', key]), fault.code, fault.what);
  return undefined;
}

/**
 * The second of two equal keys in one object that docker decodes, or of two spellings of a member
 * that we edit: readers differ on which of them counts, so neither can be preserved with certainty.
 * JSON.parse does not tell; but each member has a quote and a colon in the text, so where there are
 * no more of these than keys, no key stands twice.
 */
function findTwiceIn(value: unknown, { text, root }: DockerConfig): ConfigFault | undefined {
  const names = membersOf(value).map(([name]) => nameOfOurs(name));
  const isOnce = new Set(names).size === names.length;
  if (isOnce && (text.match(/"\s*:/g)?.length ?? 0) === countKeys(value)) return undefined;
  const known = nodesOf(root()).filter(({ key }) => DOCKER_FILE.has(fold(key)));
  const objects = [root(), ...known.flatMap((member) => nodesIn(member.value))];
  const [twice] = objects.flatMap((object) => findTwice(object) ?? []);
  return faultAt(twice, 'CONFIG_SHAPE', 'holds a key twice');
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const values = Object.values(value);
  const own = Array.isArray(value) ? 0 : values.length;
  return values.reduce((count: number, inside) => count + countKeys(inside), own);
}

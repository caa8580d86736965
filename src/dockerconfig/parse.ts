import type { Node } from 'jsonc-parser';
import { countKeys, isBlank, isTooDeep, membersOf, parseJson, TOO_DEEP } from '../json.ts';
import type { Code } from '../problem.ts';
import { type AuthEntry, toEntry } from './auth-entry.ts';
import { decode, describeMisfit, findMember, type Misfit, renderForm } from './decode.ts';
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

/** `config.json` as text, with what docker's clients and we read from it. */
export type DockerConfig = {
  readonly text: string;
  /**
   * Where everything is in the text. Parsed only when needed: JSON.parse is many times as fast, and
   * most runs change nothing. Undefined if the text is blank or not JSON.
   */
  readonly root: () => Node | undefined;
  readonly auths: ReadonlyMap<string, AuthEntry>;
  /** Helper names by key. */
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore?: string;
  readonly records: Records;
  /** Why we must not write: what we cannot read in full, we cannot preserve. */
  readonly fault?: ConfigFault;
};

export type ConfigFault = { readonly code: Code; readonly what: string; readonly offset: number };

/**
 * Reads the text of a `config.json` as docker does: by its types, ignoring the case of names. Blank
 * text counts as `{}`. If the text has a fault, the result holds what docker still decodes.
 */
export function parseDockerConfig(text: string): DockerConfig {
  // Every client refuses it, and so does JSON.parse.
  if (text.startsWith('\ufeff')) return notJson(text, 'starts with a byte order mark', 0);
  const value = text === '' ? undefined : parseJson(text);
  if (value === undefined) {
    if (isBlank(text)) return configOf(text, null, () => undefined);
    const first = parseFirst(text);
    const what = first === undefined ? 'is not valid JSON' : AFTER_END;
    return notJson(text, what, findError(text), first);
  }
  const keys = countKeys(value);
  if (keys === TOO_DEEP) return notJson(text, 'is nested too deeply', 0);
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
    : (findUndecodable(config) ?? findTwiceIn(value, keys, config));
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

/** The members that we edit; the text may have them in any case. */
const OURS = ['auths', 'credHelpers', 'plugins'];

function nameOfOurs(name: string): string {
  const known = findMember(DOCKER_FILE, name) ?? name;
  return OURS.includes(known) ? known : name;
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
      membersOf(auths).map(([key, entry]) => [key, toEntry(entry, () => textOf(key))]),
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

/** crane, nerdctl and the kubelet refuse the whole file if docker cannot decode an entry. */
function findUndecodable({ auths, root }: DockerConfig): ConfigFault | undefined {
  const key = [...auths.keys()].find((one) => !auths.get(one)?.isSound);
  if (key === undefined) return undefined;
  const what = 'holds an entry whose auth is not the base64 form of user:password';
  return faultAt(findNode(root(), ['auths', key]), 'CONFIG_ENTRY_UNDECODABLE', what);
}

/**
 * The second of two equal keys in one object that docker decodes, or of two spellings of a member
 * that we edit: readers differ on which one counts, so we cannot preserve both for sure. JSON.parse
 * drops repeated keys; but each member has a quote and a colon in the text, so if there are no more
 * of these than keys, no key is there twice.
 */
function findTwiceIn(
  value: unknown,
  keys: number,
  { text, root }: DockerConfig,
): ConfigFault | undefined {
  const names = membersOf(value).map(([name]) => nameOfOurs(name));
  const isOnce = new Set(names).size === names.length;
  if (isOnce && (text.match(/"\s*:/g)?.length ?? 0) === keys) return undefined;
  const known = nodesOf(root()).filter(({ key }) => findMember(DOCKER_FILE, key));
  const objects = [root(), ...known.flatMap((member) => nodesIn(member.value))];
  const [twice] = objects.flatMap((object) => findTwice(object) ?? []);
  return faultAt(twice, 'CONFIG_SHAPE', 'holds a key twice');
}

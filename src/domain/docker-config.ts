import { type Node, type ParseError, parseTree } from 'jsonc-parser';
import { decodeAuth } from './auth.ts';
import type { Code } from './problem.ts';

/** The two objects of `config.json` that we write into. */
export type Section = 'auths' | 'credHelpers';

/** `config.json` as text with the places that matter found in it. */
export type DockerConfig = {
  readonly text: string;
  readonly root: Node | undefined;
  /** Raw JSON text of each entry. */
  readonly auths: ReadonlyMap<string, string>;
  readonly credHelpers: ReadonlyMap<string, string>;
  readonly credsStore?: string;
};

export type ConfigFault = { readonly code: Code; readonly what: string; readonly offset: number };

/**
 * Reads the text of a `config.json` as strictly as Docker's Go decoder does. Blank text counts as `{}`. A fault means that the file must be left
 * alone: what cannot be read in full cannot be preserved.
 */
export function parseDockerConfig(text: string): DockerConfig | ConfigFault {
  if (text.trim() === '' && !text.startsWith('\ufeff'))
    return { text, root: undefined, auths: new Map(), credHelpers: new Map() };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true });
  const error = errors[0];
  if (error || root === undefined || !isJson(text)) {
    return { code: 'CONFIG_NOT_JSON', what: 'is not valid JSON', offset: error?.offset ?? 0 };
  }
  if (root.type !== 'object')
    return { code: 'CONFIG_SHAPE', what: 'holds no JSON object', offset: root.offset };
  const fault = findFault(root);
  if (fault) return fault;
  const credsStore = findMember(root, 'credsStore')?.value;
  return {
    text,
    root,
    auths: new Map(members(root, 'auths').map(([key, value]) => [key, source(text, value)])),
    credHelpers: new Map(
      members(root, 'credHelpers').map(([key, value]) => [key, String(value.value)]),
    ),
    ...(typeof credsStore === 'string' && credsStore !== '' ? { credsStore } : {}),
  };
}

/** jsonc-parser forgives what a strict parser refuses (a byte order mark, control characters), so JSON.parse is the judge. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function findFault(root: Node): ConfigFault | undefined {
  const faults = [
    findTwice(root.children ?? []),
    findSectionFault(root, 'auths', findEntryFault),
    findSectionFault(root, 'credHelpers', findHelperFault),
  ];
  return faults.find((fault) => fault !== undefined);
}

type Judge = (value: Node) => Omit<ConfigFault, 'offset'> | undefined;

function findSectionFault(root: Node, section: Section, judge: Judge): ConfigFault | undefined {
  const object = findMember(root, section);
  if (object === undefined || object.type === 'null') return undefined;
  if (object.type !== 'object') {
    return {
      code: 'CONFIG_SHAPE',
      what: `holds ${section} that is no object`,
      offset: object.offset,
    };
  }
  for (const [, value] of members(root, section)) {
    const fault = judge(value);
    if (fault) return { ...fault, offset: value.offset };
  }
  return findTwice(object.children ?? []);
}

/** Readers differ on which of two equal keys counts, so neither can be preserved with certainty. */
function findTwice(properties: readonly Node[]): ConfigFault | undefined {
  const seen = new Set<string>();
  for (const property of properties) {
    const key = name(property);
    if (seen.has(key))
      return { code: 'CONFIG_SHAPE', what: 'holds a key twice', offset: property.offset };
    seen.add(key);
  }
  return undefined;
}

/** An entry that docker cannot decode makes crane, nerdctl and the kubelet refuse the whole file (clients.md 1.5). */
function findEntryFault(entry: Node): Omit<ConfigFault, 'offset'> | undefined {
  if (entry.type === 'null') return undefined;
  if (entry.type !== 'object')
    return { code: 'CONFIG_SHAPE', what: 'holds an entry in auths that is no object' };
  const auth = findMember(entry, 'auth');
  if (auth === undefined || auth.value === '' || auth.type === 'null') return undefined;
  if (auth.type === 'string' && decodeAuth(auth.value) !== undefined) return undefined;
  return {
    code: 'CONFIG_ENTRY_UNDECODABLE',
    what: 'holds an entry whose auth is not the base64 form of user:password',
  };
}

function findHelperFault(helper: Node): Omit<ConfigFault, 'offset'> | undefined {
  return helper.type === 'string'
    ? undefined
    : { code: 'CONFIG_SHAPE', what: 'holds an entry in credHelpers that is no string' };
}

function name(property: Node): string {
  return String(property.children?.[0]?.value);
}

function findMember(object: Node, key: string): Node | undefined {
  return object.children?.find((child) => name(child) === key)?.children?.[1];
}

function members(root: Node, section: Section): [string, Node][] {
  const object = findMember(root, section);
  return (object?.type === 'object' ? (object.children ?? []) : []).flatMap((property) => {
    const value = property.children?.[1];
    return value ? [[name(property), value] as [string, Node]] : [];
  });
}

function source(text: string, node: Node): string {
  return text.slice(node.offset, node.offset + node.length);
}

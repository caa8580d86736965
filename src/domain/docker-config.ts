import { decodeAuth } from './auth.ts';
import { type JsonMember, type JsonValue, parseJsonText } from './json-text.ts';
import type { Code } from './problem.ts';

/** The two objects of `config.json` that we write into. */
export type Section = 'auths' | 'credHelpers';

/** `config.json` as text with the places that matter found in it. */
export type DockerConfig = {
  readonly text: string;
  readonly root: JsonValue | undefined;
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
  // A byte order mark counts as white space for trim, and as a fault for every client.
  if (text.trim() === '' && !text.startsWith('\ufeff')) {
    return { text, root: undefined, auths: new Map(), credHelpers: new Map() };
  }
  if (text.startsWith('\ufeff')) {
    return { code: 'CONFIG_NOT_JSON', what: 'starts with a byte order mark', offset: 0 };
  }
  const root = parseJsonText(text);
  if ('faultAt' in root) {
    return { code: 'CONFIG_NOT_JSON', what: 'is not valid JSON', offset: root.faultAt };
  }
  if (root.kind !== 'object') {
    return { code: 'CONFIG_SHAPE', what: 'holds no JSON object', offset: root.start };
  }
  const fault = findFault(text, root);
  if (fault) return fault;
  const credsStore = parsedValue(text, findMember(root, 'credsStore')?.value);
  return {
    text,
    root,
    auths: new Map(membersOf(root, 'auths').map(({ key, value }) => [key, textOf(text, value)])),
    credHelpers: new Map(
      membersOf(root, 'credHelpers').map(({ key, value }) => [
        key,
        String(parsedValue(text, value)),
      ]),
    ),
    ...(typeof credsStore === 'string' && credsStore !== '' ? { credsStore } : {}),
  };
}

function findFault(text: string, root: JsonValue): ConfigFault | undefined {
  const faults = [
    findTwice(root.members),
    findSectionFault(root, 'auths', (entry) => findEntryFault(text, entry)),
    findSectionFault(root, 'credHelpers', findHelperFault),
  ];
  return faults.find((fault) => fault !== undefined);
}

type Judge = (value: JsonValue) => Omit<ConfigFault, 'offset'> | undefined;

function findSectionFault(
  root: JsonValue,
  section: Section,
  judge: Judge,
): ConfigFault | undefined {
  const object = findMember(root, section)?.value;
  if (object === undefined || object.kind === 'null') return undefined;
  if (object.kind !== 'object') {
    return {
      code: 'CONFIG_SHAPE',
      what: `holds ${section} that is no object`,
      offset: object.start,
    };
  }
  for (const { value } of object.members) {
    const fault = judge(value);
    if (fault) return { ...fault, offset: value.start };
  }
  return findTwice(object.members);
}

/** Readers differ on which of two equal keys counts, so neither can be preserved with certainty. */
function findTwice(members: readonly JsonMember[]): ConfigFault | undefined {
  const seen = new Set<string>();
  for (const { key, start } of members) {
    if (seen.has(key)) return { code: 'CONFIG_SHAPE', what: 'holds a key twice', offset: start };
    seen.add(key);
  }
  return undefined;
}

/** An entry that docker cannot decode makes crane, nerdctl and the kubelet refuse the whole file (clients.md 1.5). */
function findEntryFault(text: string, entry: JsonValue): ReturnType<Judge> {
  if (entry.kind === 'null') return undefined;
  if (entry.kind !== 'object') {
    return { code: 'CONFIG_SHAPE', what: 'holds an entry in auths that is no object' };
  }
  const auth = parsedValue(text, findMember(entry, 'auth')?.value) ?? '';
  if (auth === '' || (typeof auth === 'string' && decodeAuth(auth))) return undefined;
  return {
    code: 'CONFIG_ENTRY_UNDECODABLE',
    what: 'holds an entry whose auth is not the base64 form of user:password',
  };
}

function findHelperFault(helper: JsonValue): ReturnType<Judge> {
  if (helper.kind === 'string') return undefined;
  return { code: 'CONFIG_SHAPE', what: 'holds an entry in credHelpers that is no string' };
}

export function findMember(object: JsonValue, key: string): JsonMember | undefined {
  return object.members.find((member) => member.key === key);
}

function membersOf(root: JsonValue, section: Section): readonly JsonMember[] {
  return findMember(root, section)?.value.members ?? [];
}

function textOf(text: string, { start, end }: JsonValue): string {
  return text.slice(start, end);
}

function parsedValue(text: string, value: JsonValue | undefined): unknown {
  return value && JSON.parse(textOf(text, value));
}

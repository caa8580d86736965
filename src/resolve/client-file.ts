import { decode, describeMisfit, type Type } from '../dockerconfig/decode.ts';
import { parseFirst } from '../dockerconfig/tree.ts';
import { isBlank, isObject, membersOf, parseJson } from '../json.ts';
import type { Fault, Helper, Lookup, Machine } from './client.ts';
import type { EntryReading } from './entry.ts';

/** A client's configuration as the client decodes it, before any lookup. */
export type ClientFile = {
  readonly path: string;
  readonly auths: ReadonlyMap<string, EntryReading>;
  readonly helpers: ReadonlyMap<string, string>;
  readonly store: string;
  /** What the client cannot decode; the rest of the file is here. */
  readonly fault?: Fault;
};

type Reading = {
  readonly type: Type;
  /** Whether member names are case-sensitive, unlike in Go's encoding/json. */
  readonly isExact?: boolean;
  /** How the client parses JSON: by default, the whole text. */
  readonly parse?: (text: string) => unknown;
  readonly readEntry: (entry: unknown) => EntryReading;
  /** The client's name, if it reads no file with an entry that it cannot decode. */
  readonly strict?: string;
};

/** Reads a file; a missing one is empty. */
export function readClientFile(
  path: string,
  { files }: Pick<Machine, 'files'>,
  { type, isExact, parse = parseJson, readEntry, strict }: Reading,
): ClientFile {
  const text = files.get(path);
  const root = text === undefined ? null : parse(text);
  const known = membersOf(root).filter(([name]) => NAMES.includes(name));
  const members = isExact && isObject(root) ? Object.fromEntries(known) : root;
  const { value, misfit } = decode(members, type);
  const { auths, credHelpers, credsStore: store = '' } = Object(value);
  const helpers = membersOf(credHelpers).map(([key, name]) => [key, `${name ?? ''}`] as const);
  const logins = membersOf(auths).map(([key, entry]) => [key, readEntry(entry)] as const);
  const isBroken = strict !== undefined && logins.some(([, login]) => login === 'broken');
  const undecodable = isBroken ? `holds an entry that ${strict} cannot decode` : undefined;
  const wrong = misfit ? describeMisfit(misfit) : undecodable;
  const why = root === undefined ? 'is not valid JSON' : wrong;
  return {
    ...{ path, auths: new Map(logins), helpers: new Map(helpers), store },
    ...(why === undefined ? {} : { fault: { kind: 'fault', where: path, why } }),
  };
}

const NAMES = ['auths', 'credHelpers', 'credsStore'];

/** Like Go's Decoder, ignores everything after the first value; an empty text counts as none. */
export function parseStart(text: string): unknown {
  return isBlank(text) ? null : parseFirst(text);
}

export function helperAt(
  where: string,
  name: string,
  serverUrl: string,
  failure: Helper['failure'] = 'ends',
): Helper {
  return { kind: 'helper', where, program: `docker-credential-${name}`, serverUrl, failure };
}

export function entryAt(
  { path, auths }: Pick<ClientFile, 'path' | 'auths'>,
  key: string | undefined,
  source: 'auths' | 'variable' = 'auths',
): Lookup[] {
  if (key === undefined) return [];
  const credential = auths.get(key) ?? 'blank';
  if (credential === 'blank') return [];
  if (credential === 'broken')
    return [{ kind: 'fault', where: path, why: `cannot decode its entry for ${key}` }];
  return [{ kind: 'entry', source, where: path, key, credential }];
}

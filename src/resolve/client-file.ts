import { parse } from 'jsonc-parser';
import { decode, describeMisfit, type Type } from '../dockerconfig/decode.ts';
import { parseFirst } from '../dockerconfig/tree.ts';
import { isBlank, membersOf, parseJson } from '../json.ts';
import type { Fault, Helper, Machine } from './client.ts';

/** A client's configuration as the client decodes it, before any lookup. */
export type ClientFile = {
  readonly path: string;
  readonly auths: ReadonlyMap<string, unknown>;
  readonly helpers: ReadonlyMap<string, string>;
  readonly store: string;
  /** What the client cannot decode; the rest of the file is here. */
  readonly fault?: Fault;
};

type Reading = {
  readonly type: Type;
  /** Whether member names are case-sensitive, unlike in Go's encoding/json. */
  readonly isExact?: boolean;
  /** Whether an empty file counts as none. */
  readonly allowsEmpty?: boolean;
  /** How the client parses JSON: by default, the whole text. */
  readonly parse?: (text: string) => unknown;
};

/** Reads a file; a missing one is empty. */
export function readClientFile(
  path: string,
  { files }: Pick<Machine, 'files'>,
  { type, isExact, allowsEmpty, parse: read = parseJson }: Reading,
): ClientFile {
  const text = files.get(path);
  const isEmpty = text === undefined || (allowsEmpty && isBlank(text));
  const root = isEmpty ? null : read(text);
  const known = membersOf(root).filter(([name]) => NAMES.includes(name));
  const isObject = membersOf(root).length > 0;
  const { value, misfit } = decode(isExact && isObject ? Object.fromEntries(known) : root, type);
  const { auths, credHelpers, credsStore = '' } = Object(value);
  const helpers = membersOf(credHelpers).map(([key, name]) => [key, `${name ?? ''}`] as const);
  const why = root === undefined ? 'is not valid JSON' : misfit && describeMisfit(misfit);
  return {
    ...{ path, auths: new Map(membersOf(auths)), helpers: new Map(helpers), store: credsStore },
    ...(why === undefined ? {} : { fault: fault(path, why) }),
  };
}

const NAMES = ['auths', 'credHelpers', 'credsStore'];

/** Like Go's Decoder, ignores everything after the first value. */
export function parseStart(text: string): unknown {
  return parseJson(text) ?? parseFirst(text);
}

/** Like the dev container CLI, drops only the part that has an error. */
export function parseLoosely(text: string): unknown {
  try {
    return parse(text);
  } catch {
    // Deep nesting overflows the stack.
    return undefined;
  }
}

export function fault(where: string, why: string): Fault {
  return { kind: 'fault', where, why };
}

export function helperAt(
  where: string,
  name: string,
  serverUrl: string,
  failure: Helper['failure'] = 'ends',
): Helper {
  return { kind: 'helper', where, program: `docker-credential-${name}`, serverUrl, failure };
}

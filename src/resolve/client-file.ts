import { parseJson } from '../domain/json.ts';
import type { Fault, Helper, Machine } from './client.ts';

/** A client's configuration as it reads it, before it looks anything up in it. */
export type ClientFile = {
  readonly path: string;
  readonly auths: ReadonlyMap<string, unknown>;
  readonly helpers: ReadonlyMap<string, string>;
  /** Empty where there is none. */
  readonly store: string;
};

type Reading = {
  /** Whether names of members are compared without case, as Go's encoding/json does. */
  readonly foldsCase?: boolean;
  /** Whether a file of 0 bytes counts as none. */
  readonly allowsEmpty?: boolean;
  readonly allowsComments?: boolean;
  /** Whether the credsStore is none of the client's, whatever it holds. */
  readonly ignoresStore?: boolean;
};

/** Reads a file; one that is not there is empty. */
export function readClientFile(
  path: string,
  { files }: Pick<Machine, 'files'>,
  { foldsCase = false, allowsEmpty, allowsComments, ignoresStore }: Reading,
): ClientFile | Fault {
  const text = files.get(path);
  const empty = { path, auths: new Map(), helpers: new Map(), store: '' };
  if (text === undefined || (allowsEmpty && text.trim() === '')) return empty;
  const root = parseJson(allowsComments ? withoutComments(text) : text);
  if (root === undefined) return fault(path, 'is not valid JSON');
  if (root === null) return empty;
  const pick = (name: string) => memberOf(root, name, foldsCase) ?? undefined;
  const [auths = {}, helpers = {}, named = ''] = ['auths', 'credHelpers', 'credsStore'].map(pick);
  const store = ignoresStore ? '' : named;
  const isSound =
    [root, auths, helpers].every(isRecord) &&
    Object.values(helpers as object).every((name) => typeof name === 'string') &&
    typeof store === 'string';
  if (!isSound) return fault(path, 'has another shape than a config.json');
  return {
    path,
    auths: new Map(Object.entries(auths as object)),
    helpers: new Map(Object.entries(helpers as Record<string, string>)),
    store,
  };
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

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member by its name; without case the last one counts, as with Go. */
export function memberOf(value: unknown, name: string, foldsCase: boolean): unknown {
  if (!isRecord(value)) return undefined;
  if (!foldsCase) return Object.hasOwn(value, name) ? value[name] : undefined;
  const wanted = name.toLowerCase();
  return Object.entries(value).findLast(([key]) => key.toLowerCase() === wanted)?.[1];
}

/** As the dev container CLI reads it: comments and commas before a closing bracket do no harm. */
function withoutComments(text: string): string {
  const bare = text.replace(
    /("(?:[^"\\]|\\[\s\S])*(?:"|$))|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g,
    '$1',
  );
  return bare.replace(/("(?:[^"\\]|\\[\s\S])*(?:"|$))|,(?=\s*[}\]])/g, '$1');
}

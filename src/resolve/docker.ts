import type { Type } from '../dockerconfig/decode.ts';
import { DOCKER_FILE } from '../dockerconfig/docker-types.ts';
import { isObject, membersOf, parseJson } from '../json.ts';
import { HUB_HOST, HUB_KEY } from '../registries/keys.ts';
import type { Address } from '../registries/reference.ts';
import type { Lookup, Machine } from './client.ts';
import { type ClientFile, entryAt, helperAt, parseStart, readClientFile } from './client-file.ts';
import { readDockerEntry } from './entry.ts';
import { findPaths } from './paths.ts';

export const AUTH_VARIABLE = 'DOCKER_AUTH_CONFIG';

/** docker, buildx and compose (docs/clients.md, Docker). */
export function findDocker({ host }: Address, machine: Machine): Lookup[] {
  const file = readDockerFile(findPaths(machine).docker, machine);
  const key = host === HUB_HOST ? HUB_KEY : host;
  const lookups = findInStores([key], withDefaultStore(file, machine), machine);
  return file.fault ? [...lookups, { ...file.fault, isWarning: true }] : lookups;
}

/**
 * Docker's library decodes the whole file, then every `auth` in any order. If that fails, we keep
 * the helpers and the entries without `auth`: we cannot tell which others it had decoded.
 */
export function readDockerFile(
  path: string,
  machine: Machine,
  type: Type = DOCKER_FILE,
): ClientFile {
  const read = (readEntry: typeof readDockerEntry) =>
    readClientFile(path, machine, { type, parse: parseStart, readEntry, strict: 'docker' });
  const file = read(readDockerEntry);
  if (!file.fault) return file;
  const { auths } = read((entry) => readDockerEntry({ ...Object(entry), auth: '' }));
  return { ...file, auths };
}

/** The lookups for some keys, in order: variable, helper, file. */
export function findInStores(
  keys: readonly string[],
  file: ClientFile,
  { env }: Machine,
): Lookup[] {
  const variable = readAuthVariable(env[AUTH_VARIABLE]);
  return keys.flatMap((key) => {
    if (variable?.has(key))
      return entryAt({ path: AUTH_VARIABLE, auths: variable }, key, 'variable');
    // An empty helper name means the file: per-host opt-out of the credsStore.
    const helper = file.helpers.get(key) ?? file.store;
    if (helper !== '') return [helperAt(file.path, helper, key)];
    return entryAt(file, findKey(file.auths, key, toHostname));
  });
}

/** The key itself, else the first one of the same host; Go picks any of several. */
export function findKey(
  auths: ReadonlyMap<string, unknown>,
  wanted: string,
  toHost: (key: string) => string,
): string | undefined {
  return auths.has(wanted) ? wanted : [...auths.keys()].find((key) => toHost(key) === wanted);
}

/** docker/cli's ConvertToHostname. */
function toHostname(key: string): string {
  const authority = /^[^/]*:\/\/(?:[^/?#@]*@)?([^/?#]+)/.exec(key)?.[1];
  return authority ?? key.split('/', 1)[0] ?? '';
}

/** With the default store, which clients use if a file has no logins. */
export function withDefaultStore(
  file: ClientFile,
  { programs }: Machine,
  byDefault = 'secretservice',
): ClientFile {
  if (file.store !== '' || file.helpers.size > 0 || file.auths.size > 0) return file;
  const store = programs.has('pass') ? 'pass' : byDefault;
  return programs.has(`docker-credential-${store}`) ? { ...file, store } : file;
}

/** As strict as docker: if it has anything else, the whole variable is ignored. */
export function readAuthVariable(text = ''): ClientFile['auths'] | undefined {
  const root = parseJson(text);
  if (root === undefined) return undefined;
  const members = membersOf(root);
  const isStrict = members.every(([name]) => name.toLowerCase() === 'auths');
  const entries = Object.entries(Object(members[0]?.[1] ?? {}));
  const areBare = entries.every(
    ([, entry]) =>
      isObject(entry) && Object.keys(entry).every((name) => name.toLowerCase() === 'auth'),
  );
  const logins = entries.map(([key, entry]) => [key, readDockerEntry(entry)] as const);
  const areSound = logins.every(([, login]) => typeof login === 'object');
  return isStrict && areBare && areSound ? new Map(logins) : undefined;
}

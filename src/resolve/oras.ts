import { struct } from '../dockerconfig/decode.ts';
import { HUB_HOST, HUB_KEY } from '../registries/keys.ts';
import type { Address } from '../registries/reference.ts';
import type { Lookup, Machine } from './client.ts';
import { type ClientFile, entryAt, helperAt, parseStart, readClientFile } from './client-file.ts';
import { findKey, withDefaultStore } from './docker.ts';
import { readDockerEntry } from './entry.ts';
import { findPaths } from './paths.ts';

/** Each entry is decoded by itself, and may be broken. */
export const BY_ENTRY = /* @__PURE__ */ struct({
  auths: { HOST: null },
  credHelpers: { HOST: 'NAME' },
  credsStore: 'NAME',
});

/** oras (docs/clients.md, oras and helm). */
export function findOras(address: Address, machine: Machine): Lookup[] {
  const file = readOrasFile(findPaths(machine).docker, machine);
  return file.fault ? [file.fault] : findInFile(address, file);
}

/** helm: its own file, then docker's if readable (docs/clients.md, oras and helm). */
export function findHelm(address: Address, machine: Machine): Lookup[] {
  const { helm, docker } = findPaths(machine);
  const own = readOrasFile(helm, machine);
  if (own.fault) return [own.fault];
  const dockers = readOrasFile(docker, machine);
  const files = dockers.fault ? [own] : [own, dockers];
  return files.flatMap((file) => findInFile(address, withDefaultStore(file, machine)));
}

function readOrasFile(path: string, machine: Machine) {
  const readEntry = (entry: unknown) => readDockerEntry(entry, { allowsNoUser: true });
  const reading = { type: BY_ENTRY, isExact: true, parse: parseStart };
  return readClientFile(path, machine, { ...reading, readEntry });
}

function findInFile({ host }: Address, file: ClientFile): Lookup[] {
  const isHub = host === HUB_HOST || host === 'registry-1.docker.io';
  const key = isHub ? HUB_KEY : host;
  const helper = file.helpers.get(key) || file.store;
  if (helper !== '') return [helperAt(file.path, helper, key)];
  return entryAt(file, findKey(file.auths, key, toHostname));
}

/** oras-go's ToHostname. */
function toHostname(key: string): string {
  const bare = key.replace(/^http:\/\//, '').replace(/^https:\/\//, '');
  return bare.split('/', 1)[0] ?? '';
}

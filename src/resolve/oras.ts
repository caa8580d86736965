import { HUB_HOST, HUB_KEY } from '../domain/registries/keys.ts';
import type { Address } from '../domain/registries/reference.ts';
import type { Machine, Stop } from './client.ts';
import { type ClientFile, fault, isFault, readClientFile } from './client-file.ts';
import { findKey, helperOf, withDefaultStore } from './docker.ts';
import { readOrasEntry } from './entry.ts';
import { findPaths } from './paths.ts';

/** oras (docs/clients.md, oras and helm). */
export function findOras(address: Address, machine: Machine): Stop[] {
  const file = readOrasFile(findPaths(machine).docker, machine);
  return isFault(file) ? [file] : findInFile(address, file);
}

/**
 * helm: its own file, then docker's, which it does without where it cannot read it; and in both
 * what is the default (docs/clients.md, oras and helm).
 */
export function findHelm(address: Address, machine: Machine): Stop[] {
  const { helm, docker } = findPaths(machine);
  const own = readOrasFile(helm, machine);
  if (isFault(own)) return [own];
  const dockers = readOrasFile(docker, machine);
  const files = isFault(dockers) ? [own] : [own, dockers];
  return files.flatMap((file) => findInFile(address, withDefaultStore(file, machine)));
}

function readOrasFile(path: string, machine: Machine) {
  return readClientFile(path, machine, { allowsEmpty: true });
}

function findInFile({ host }: Address, file: ClientFile): Stop[] {
  const { path } = file;
  const isHub = host === HUB_HOST || host === 'registry-1.docker.io';
  const key = isHub ? HUB_KEY : host;
  const helper = file.helpers.get(key) || file.store;
  if (helper !== '') return [helperOf(path, helper, key)];
  const found = findKey(file.auths, key, toHostname);
  const credential = found === undefined ? 'blank' : readOrasEntry(file.auths.get(found));
  if (found === undefined || credential === 'blank') return [];
  if (credential === 'broken') return [fault(path, `cannot decode its entry for ${found}`)];
  return [{ kind: 'entry', where: path, key: found, credential }];
}

/** oras-go's ToHostname. */
function toHostname(key: string): string {
  const bare = key.replace(/^http:\/\//, '').replace(/^https:\/\//, '');
  return bare.split('/', 1)[0] ?? '';
}

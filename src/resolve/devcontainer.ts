import type { Address } from '../registries/reference.ts';
import type { Lookup, Machine } from './client.ts';
import { type ClientFile, helperAt, parseLoosely, readClientFile } from './client-file.ts';
import { entryAt, readDevcontainerEntry } from './entry.ts';
import { BY_ENTRY } from './oras.ts';
import { findPaths } from './paths.ts';

/** The dev container CLI, for Features and templates (docs/clients.md, Dev container CLI). */
export function findDevcontainer({ host }: Address, machine: Machine): Lookup[] {
  const registry = host.toLowerCase();
  const path = findPaths(machine).docker;
  const reading = { type: BY_ENTRY, isExact: true, parse: parseLoosely };
  const file = readClientFile(path, machine, reading);
  // A file that it cannot read counts as none, without the default store.
  const inFile = file.fault ? [] : findInFile(registry, file, machine);
  return [...findNamed(registry, machine), ...inFile, ...findGithubToken(registry, machine)];
}

function findInFile(registry: string, file: ClientFile, { programs }: Machine): Lookup[] {
  const isBare = file.store === '' && file.helpers.size === 0 && file.auths.size === 0;
  const byDefault = programs.has('pass') ? 'pass' : 'secret';
  const helper = file.helpers.get(registry) || file.store || (isBare ? byDefault : '');
  return [
    ...(helper === '' ? [] : [helperAt(file.path, helper, registry, 'passes')]),
    ...entryAt(file, registry, readDevcontainerEntry),
  ];
}

/** `host|user|token,…` */
function findNamed(registry: string, { env }: Machine): Lookup[] {
  const where = 'DEVCONTAINERS_OCI_AUTH';
  const all = (env[where] ?? '').split(',').map((one) => one.split('|'));
  const found = all.find(([host]) => host !== '' && host === registry);
  if (!found) return [];
  const [key = '', user = '', secret = ''] = found;
  return [{ kind: 'entry', where, key, credential: { user, secret }, isVariable: true }];
}

function findGithubToken(key: string, { env }: Machine): Lookup[] {
  const { GITHUB_TOKEN: secret, GITHUB_HOST: github } = env;
  if (key !== 'ghcr.io' || !secret || (github && github !== 'github.com')) return [];
  const credential = { user: 'USERNAME', secret };
  return [{ kind: 'entry', where: 'GITHUB_TOKEN', key, credential, isVariable: true }];
}

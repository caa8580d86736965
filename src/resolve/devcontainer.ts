import { parse } from 'jsonc-parser';
import { attempt } from '../attempt.ts';
import type { Address } from '../registries/reference.ts';
import type { Lookup, Machine } from './client.ts';
import { type ClientFile, entryAt, helperAt, readClientFile } from './client-file.ts';
import { withDefaultStore } from './docker.ts';
import { readDevcontainerEntry } from './entry.ts';
import { BY_ENTRY } from './oras.ts';
import { findPaths } from './paths.ts';

/** The dev container CLI, for Features and templates (docs/clients.md, Dev container CLI). */
export function findDevcontainer({ host }: Address, machine: Machine): Lookup[] {
  const registry = host.toLowerCase();
  const path = findPaths(machine).docker;
  // It drops only the part of a text that has an error; deep nesting overflows the stack.
  const parseLoosely = (text: string) => attempt(() => parse(text));
  const reading = { type: BY_ENTRY, isExact: true, parse: parseLoosely };
  const file = readClientFile(path, machine, { ...reading, readEntry: readDevcontainerEntry });
  // A file that it cannot read counts as none, without the default store.
  const inFile = file.fault ? [] : findInFile(registry, file, machine);
  return [...findNamed(registry, machine), ...inFile, ...findGithubToken(registry, machine)];
}

function findInFile(registry: string, file: ClientFile, machine: Machine): Lookup[] {
  const helper = file.helpers.get(registry) || withDefaultStore(file, machine, 'secret').store;
  return [
    ...(helper === '' ? [] : [helperAt(file.path, helper, registry, 'passes')]),
    ...entryAt(file, registry),
  ];
}

/** `host|user|token,…` */
function findNamed(registry: string, { env }: Machine): Lookup[] {
  const where = 'DEVCONTAINERS_OCI_AUTH';
  const all = (env[where] ?? '').split(',').map((one) => one.split('|'));
  const found = all.find(([host]) => host !== '' && host === registry);
  if (!found) return [];
  const [key = '', user = '', secret = ''] = found;
  return [{ kind: 'entry', source: 'variable', where, key, credential: { user, secret } }];
}

function findGithubToken(key: string, { env }: Machine): Lookup[] {
  const { GITHUB_TOKEN: secret, GITHUB_HOST: github } = env;
  if (key !== 'ghcr.io' || !secret || (github && github !== 'github.com')) return [];
  const credential = { user: 'USERNAME', secret };
  return [{ kind: 'entry', source: 'variable', where: 'GITHUB_TOKEN', key, credential }];
}

import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../resolve/client.ts';
import { findFiles } from '../resolve/paths.ts';
import { MAX_CONFIG_BYTES, readIfThere } from './files/bounded-read.ts';
import { readNames } from './files/descriptor.ts';

/** Reads what clients use; what cannot be read counts as missing. */
export function readMachine(env: Machine['env'], uid: number): Machine {
  const texts = findFiles({ env, uid }).flatMap((path) => {
    const text = readIfThere(path, MAX_CONFIG_BYTES);
    return text === undefined ? [] : [[path, text] as const];
  });
  return {
    env,
    uid,
    files: new Map(texts),
    programs: new Set(foldersIn(env).flatMap(listHelpers)),
  };
}

/** The folders of PATH, as docker uses them: Go runs nothing in a relative one. */
export function foldersIn({ PATH = '' }: Machine['env']): string[] {
  return PATH.split(':').filter((folder) => folder.startsWith('/'));
}

/** The environment for another program: without triples, and without relative folders in PATH. */
export function withoutTriples(env: Machine['env']): Machine['env'] {
  const others = Object.entries(env).filter(([name]) => !/CONTAINER_REGISTRY_/.test(name));
  return { ...Object.fromEntries(others), PATH: foldersIn(env).join(':') };
}

/** Where the Docker daemon looks for a registry's own certificate authorities. */
const CERTIFICATES = '/etc/docker/certs.d';

/** Every `*.crt` for a `host[:port]`, as docker reads them: only for the port in the name. */
export function readAuthorities(host: string) {
  const directory = join(CERTIFICATES, host);
  const names = readNames(directory).filter((name) => name.endsWith('.crt'));
  return { directory, texts: names.flatMap((name) => readIfThere(join(directory, name)) ?? []) };
}

function listHelpers(directory: string): string[] {
  const names = readNames(directory).filter((name) => /^docker-credential-.|^pass$/.test(name));
  return names.filter((name) => isProgram(join(directory, name)));
}

export function isProgram(path: string): boolean {
  // An error costs more time than all else that a hook does here.
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether VS Code's window is there: its credsStore needs it (docs/clients.md, VS Code). */
export function hasVsCode({ REMOTE_CONTAINERS_IPC: socket }: Machine['env']): boolean {
  return Boolean(socket) && existsSync(`${socket}`);
}

import { struct } from '../dockerconfig/decode.ts';
import { DOCKER_FILE, ENTRY } from '../dockerconfig/docker-types.ts';
import { HUB_HOST, HUB_KEY } from '../registries/keys.ts';
import type { Address } from '../registries/reference.ts';
import type { Lookup, Machine } from './client.ts';
import { findInStores, readDockerFile } from './docker.ts';
import { findPaths } from './paths.ts';

const { experimental: _, ...members } = DOCKER_FILE.members;
const { email: __, ...entry } = ENTRY.members;
/** As docker/cli 29 decodes it: these clients are built on it. */
const FILE = struct({ ...members, auths: { HOST: struct(entry) } });

/** crane, ko, cosign, kaniko: go-containerregistry's keychain (docs/clients.md, crane). */
export function findCrane({ host, repository }: Address, machine: Machine): Lookup[] {
  const path = findFile(machine);
  if (path === undefined) return [];
  const file = readDockerFile(path, machine, FILE);
  if (file.fault) return [file.fault];
  const registry = host === HUB_HOST ? 'index.docker.io' : host;
  // It looks up the image first, also in the credsStore, whatever credHelpers has for the host.
  const image = repository === undefined ? [] : [`${registry}/${repository}`];
  return findInStores([...image, host === HUB_HOST ? HUB_KEY : host], file, machine);
}

/** docker's file if either of its places has one, else podman's. */
function findFile(machine: Machine): string | undefined {
  const { docker, home, authFile, authJson } = findPaths(machine);
  const isThere = (path: string | undefined) => path !== undefined && machine.files.has(path);
  if (isThere(home) || isThere(docker)) return docker;
  return [authFile, ...authJson].find(isThere);
}

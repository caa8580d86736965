import { struct } from '../dockerconfig/decode.ts';
import { HUB_HOST } from '../registries/keys.ts';
import type { Address } from '../registries/reference.ts';
import type { Lookup, Machine } from './client.ts';
import { type ClientFile, entryAt, helperAt, readClientFile } from './client-file.ts';
import { readPodmanEntry } from './entry.ts';
import { findPaths } from './paths.ts';

/** podman supports no credsStore. */
const FILE = /* @__PURE__ */ struct({
  auths: { HOST: /* @__PURE__ */ struct({ auth: '', identitytoken: '' }) },
  credHelpers: { HOST: 'NAME' },
});

/** containers/image (docs/clients.md, podman, skopeo and buildah). */
export function findPodman(address: Address, machine: Machine): Lookup[] {
  return filesOf(machine)
    .filter((path) => machine.files.has(path))
    .flatMap((path) => {
      const file = readClientFile(path, machine, { type: FILE, readEntry: readPodmanEntry });
      return file.fault ? [file.fault] : findInFile(address, file);
    });
}

/** A file named by the variable is the only one. */
function filesOf(machine: Machine): readonly string[] {
  const { authFile, podman, docker } = findPaths(machine);
  if (authFile) return [authFile];
  return machine.env.DOCKER_CONFIG ? [docker] : [...podman, docker];
}

/** A helper for the host is final for its file. */
function findInFile(address: Address, file: ClientFile): Lookup[] {
  const helper = file.helpers.get(address.host);
  if (helper !== undefined) return [helperAt(file.path, helper, address.host)];
  return entryAt(file, findKey(address, [...file.auths.keys()]));
}

/** The most specific key, else one with another spelling of the host. */
function findKey({ host, repository }: Address, keys: readonly string[]): string | undefined {
  const names = [host, ...(repository?.split('/') ?? [])];
  const exact = names
    .map((_, index) => names.slice(0, names.length - index).join('/'))
    .find((key) => keys.includes(key));
  return exact ?? keys.find((key) => normalise(key) === normalise(host));
}

/** A path is removed only together with a scheme. */
function normalise(key: string): string {
  const bare = key.replace(/^http:\/\//, '').replace(/^https:\/\//, '');
  const host = bare === key ? key : (bare.split('/', 1)[0] ?? '');
  return host === HUB_HOST || host === 'registry-1.docker.io' ? 'index.docker.io' : host;
}

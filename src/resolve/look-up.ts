import type { Address } from '../domain/registries/reference.ts';
import type { Client, Machine, Stop } from './client.ts';
import { findCrane } from './crane.ts';
import { findDevcontainer } from './devcontainer.ts';
import { findDocker } from './docker.ts';
import { findKubelet } from './kubelet.ts';
import { findHelm, findOras } from './oras.ts';
import { findPaths } from './paths.ts';
import { findPodman } from './podman.ts';

const FINDERS: Record<Client, (address: Address, machine: Machine) => Stop[]> = {
  docker: findDocker,
  podman: findPodman,
  crane: findCrane,
  oras: findOras,
  helm: findHelm,
  kubelet: findKubelet,
  devcontainer: findDevcontainer,
};

/** Where a client looks for its login to a registry, in its order (docs/clients.md). */
export function lookUp(client: Client, address: Address, machine: Machine): readonly Stop[] {
  return FINDERS[client](address, machine);
}

/** The files that any client may look at, for io to read. */
export function findFiles(machine: Pick<Machine, 'env' | 'uid'>): string[] {
  const { docker, home, podman, helm, regctl, authFile } = findPaths(machine);
  return [
    ...new Set([docker, home, ...podman, helm, ...regctl, authFile].flatMap((path) => path ?? [])),
  ];
}

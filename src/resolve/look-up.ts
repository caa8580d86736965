import type { Address } from '../registries/reference.ts';
import type { Lookup, Machine } from './client.ts';
import { findCrane } from './crane.ts';
import { findDevcontainer } from './devcontainer.ts';
import { findDocker } from './docker.ts';
import { findKubelet } from './kubelet.ts';
import { findHelm, findOras } from './oras.ts';
import { findPodman } from './podman.ts';

/** Each client, by its newest version's rules (docs/clients.md). */
const CLIENT_RULES = {
  docker: { find: findDocker, programs: ['docker', 'buildx', 'compose'] },
  podman: { find: findPodman, programs: ['podman', 'skopeo', 'buildah'] },
  crane: { find: findCrane, programs: ['crane', 'ko', 'cosign', 'kaniko'] },
  oras: { find: findOras, programs: ['oras'] },
  helm: { find: findHelm, programs: ['helm'] },
  kubelet: { find: findKubelet, programs: ['kubelet'] },
  devcontainer: { find: findDevcontainer, programs: ['devcontainer'] },
} as const;

export type Client = keyof typeof CLIENT_RULES;

// Marked pure, or the bundler includes all clients with any import of this module.
export const CLIENTS = /* @__PURE__ */ Object.keys(CLIENT_RULES) as readonly Client[];

/** The places where a client looks for its login to a registry, in order. */
export function lookUp(client: Client, address: Address, machine: Machine): readonly Lookup[] {
  return CLIENT_RULES[client].find(address, machine);
}

export function programsOf(client: Client): readonly string[] {
  return CLIENT_RULES[client].programs;
}

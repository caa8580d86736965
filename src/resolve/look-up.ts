import { findCrane } from './crane.ts';
import { findDevcontainer } from './devcontainer.ts';
import { findDocker } from './docker.ts';
import { findKubelet } from './kubelet.ts';
import { findHelm, findOras } from './oras.ts';
import { findPodman } from './podman.ts';

/**
 * Each client, by its newest version's rules (docs/clients.md): `find` returns the places where it
 * looks for its login to a registry, in order.
 */
export const CLIENTS = {
  docker: { find: findDocker, programs: ['docker', 'buildx', 'compose'] },
  podman: { find: findPodman, programs: ['podman', 'skopeo', 'buildah'] },
  crane: { find: findCrane, programs: ['crane', 'ko', 'cosign', 'kaniko'] },
  oras: { find: findOras, programs: ['oras'] },
  helm: { find: findHelm, programs: ['helm'] },
  kubelet: { find: findKubelet, programs: ['kubelet'] },
  devcontainer: { find: findDevcontainer, programs: ['devcontainer'] },
} as const;

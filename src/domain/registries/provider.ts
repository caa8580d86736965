import { type EcrHost, parseEcrHost } from '../ecr/host.ts';
import { findHostKeys, HUB_KEY, withoutPort } from './server.ts';

/** Who runs a registry: what the user is told, and what decides whether keys must be exchanged. */
export type Provider =
  | 'docker-hub'
  | 'ghcr'
  | 'acr'
  | 'ecr'
  | 'ecr-public'
  | 'gcr'
  | 'gar'
  | 'gitlab'
  | 'quay'
  | 'other';

const HOSTS: readonly (readonly [RegExp, Provider])[] = [
  [/^ghcr\.io$/, 'ghcr'],
  [/^[a-z0-9-]+\.azurecr\.(?:io|cn|us|de)$/, 'acr'],
  [/^(?:[a-z]+\.)?gcr\.io$/, 'gcr'],
  [/^(?:[a-z0-9-]+-docker|docker\.[a-z0-9-]+\.rep)\.pkg\.dev$/, 'gar'],
  [/^registry\.gitlab\.com$/, 'gitlab'],
  [/^quay\.io$/, 'quay'],
];

/**
 * The provider of a `host[:port]`, and what Amazon's host name tells; self-hosted ones, whose host
 * says nothing, and look-alikes are `other`.
 */
export function findProvider(host: string): { provider: Provider; ecr?: EcrHost } {
  if (findHostKeys(host).includes(HUB_KEY)) return { provider: 'docker-hub' };
  const ecr = parseEcrHost(host);
  if (ecr) return { provider: ecr.kind === 'public' ? 'ecr-public' : 'ecr', ecr };
  const bare = withoutPort(host);
  return { provider: HOSTS.find(([pattern]) => pattern.test(bare))?.[1] ?? 'other' };
}

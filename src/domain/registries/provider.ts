import { type EcrHost, parseEcrHost } from '../ecr/host.ts';
import { isHub, withoutPort } from './keys.ts';

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

const HOSTS: ReadonlyMap<string, Provider> = new Map([
  ['ghcr.io', 'ghcr'],
  ['gcr.io', 'gcr'],
  ['registry.gitlab.com', 'gitlab'],
  ['quay.io', 'quay'],
]);

/** Which a host matches; what each holds is looked for first, which takes far less. */
const PATTERNS: readonly { part: string; pattern: RegExp; provider: Provider }[] = [
  { part: '.azurecr.', pattern: /^[a-z0-9-]+\.azurecr\.(?:io|cn|us|de)$/, provider: 'acr' },
  { part: '.gcr.io', pattern: /^[a-z]+\.gcr\.io$/, provider: 'gcr' },
  {
    part: '.pkg.dev',
    pattern: /^(?:[a-z0-9-]+-docker|docker\.[a-z0-9-]+\.rep)\.pkg\.dev$/,
    provider: 'gar',
  },
];

/**
 * The provider of a `host[:port]`, and what Amazon's host name tells; self-hosted ones, whose host
 * says nothing, and look-alikes are `other`.
 */
export function findProvider(host: string): { provider: Provider; ecr?: EcrHost | undefined } {
  if (isHub(host)) return { provider: 'docker-hub' };
  const ecr = parseEcrHost(host);
  if (ecr) return { provider: ecr.kind === 'public' ? 'ecr-public' : 'ecr', ecr };
  const bare = withoutPort(host);
  const match = PATTERNS.find(({ part, pattern }) => bare.includes(part) && pattern.test(bare));
  return { provider: HOSTS.get(bare) ?? match?.provider ?? 'other' };
}

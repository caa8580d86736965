/**
 * Docker Hub's name, and the one string under which docker, buildx, crane, oras and helm look up
 * its credential: a URL for historical reasons (docs/clients.md, Keys).
 */
export const HUB_HOST = 'docker.io';
export const HUB_KEY = 'https://index.docker.io/v1/';

/** Docker Hub's web site: its paths are pages, not namespaces. */
export const HUB_SITES = new Set(['hub.docker.com', 'www.docker.com']);

/** Names of Docker Hub that need no key besides those of docker.io. */
export const HUB_NAMES = new Set([HUB_HOST, 'index.docker.io', 'registry.docker.io', ...HUB_SITES]);
/** Names of Docker Hub that clients look up unchanged if a reference uses them. */
export const HUB_LITERAL_NAMES = new Set(['registry-1.docker.io', 'registry.hub.docker.com']);

export function withoutPort(host: string): string {
  return host.endsWith(':443') ? host.slice(0, -':443'.length) : host;
}

/** Every spelling that clients look up, docker's first (docs/clients.md, SERVER to keys). */
export function findHostKeys(host: string): string[] {
  const bare = withoutPort(host);
  if (bare === HUB_HOST) return [HUB_KEY, HUB_HOST];
  if (HUB_LITERAL_NAMES.has(bare)) return [HUB_KEY, HUB_HOST, bare];
  return bare === host ? [host] : [host, bare];
}

/**
 * Docker Hub's other names, under which oras, skopeo and podman ask a credential helper for it.
 * `auths` needs no key for them (docs/clients.md, SERVER to keys).
 */
export const ALIASES: readonly string[] = ['index.docker.io', 'registry-1.docker.io'];

export function isHub(host: string): boolean {
  const bare = withoutPort(host);
  return bare === HUB_HOST || HUB_LITERAL_NAMES.has(bare);
}

export function isHostKey(key: string): boolean {
  return key === HUB_KEY || !key.includes('/');
}

/** The keys of a namespace: podman, skopeo and kubelet read them besides the host's. */
export function findNamespaceKeys(host: string, namespace: string): string[] {
  return findHostKeys(host)
    .filter((key) => key !== HUB_KEY)
    .map((key) => `${key}/${namespace}`);
}

/** The login that a key belongs to: one for all keys of a host, or of a namespace. */
export function loginName(key: string): string {
  if (key === HUB_KEY) return HUB_HOST;
  const slash = key.indexOf('/');
  const host = slash < 0 ? key : key.slice(0, slash);
  const name = HUB_NAMES.has(host) || isHub(host) ? HUB_HOST : withoutPort(host);
  return slash < 0 ? name : name + key.slice(slash);
}

export function splitName(name: string): { host: string; namespace: string | undefined } {
  const slash = name.indexOf('/');
  if (slash < 0) return { host: name, namespace: undefined };
  return { host: name.slice(0, slash), namespace: name.slice(slash + 1) };
}

const HUB_KEYS = [...new Set([HUB_KEY, HUB_HOST, ...ALIASES, ...HUB_LITERAL_NAMES])];

/** Every key that a login may have, in any spelling of its host, with helpers' aliases. */
export function findAllKeys(name: string): readonly string[] {
  const { host, namespace } = splitName(name);
  const hasPort = host.includes(':') && /:\d+$/.test(host);
  const keys = host === HUB_HOST ? HUB_KEYS : hasPort ? [host] : [host, `${host}:443`];
  if (namespace === undefined) return keys;
  return keys.filter((key) => key !== HUB_KEY).map((key) => `${key}/${namespace}`);
}

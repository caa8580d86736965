import { HUB_HOST } from './keys.ts';
import { isNameableHost, NAMESPACE, parseServer } from './server.ts';

/** An image reference as docker reads it. */
export type Reference = {
  /** `host` or `host:port` as given; `docker.io` if there is none, or for its old name. */
  readonly host: string;
  /** On Docker Hub with `library/`, which official images leave out. */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
};

export type Address = Partial<Reference> & Pick<Reference, 'host'>;

type NoReference = { readonly what: string };

const DOMAIN =
  /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::\d+)?$/i;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const MAX_NAME_LENGTH = 255;

/** Parses `host/path:tag@digest` by docker's rules (distribution's reference grammar). */
export function parseReference(text: string): Reference | NoReference {
  if (/^[0-9a-f]{64}$/.test(text))
    return { what: 'is the ID of an image, which names no registry' };
  const { host, rest } = splitHost(text);
  const [named = '', digest, ...more] = rest.split('@');
  const [path = '', ...tags] = named.split(':');
  const tag = tags.length > 0 ? tags.join(':') : undefined;
  if (path.toLowerCase() !== path)
    return { what: 'has capital letters in the name of the repository' };
  if (!DOMAIN.test(host)) return { what: 'has a host that an image reference cannot contain' };
  if (!NAMESPACE.test(path)) return { what: 'has a path that an image name cannot have' };
  if (!TAG.test(tag ?? 'latest')) return { what: 'has an invalid tag' };
  const isDigest = digest === undefined || DIGEST.test(digest);
  if (!isDigest || more.length > 0) return { what: 'has an invalid digest' };
  const repository = host === HUB_HOST && !path.includes('/') ? `library/${path}` : path;
  if (host.length + repository.length >= MAX_NAME_LENGTH) return { what: 'is too long' };
  return { host, repository, ...(tag ? { tag } : {}), ...(digest ? { digest } : {}) };
}

/** A host has a dot, a port or capitals, or is `localhost`; anything else is a Docker Hub user. */
function splitHost(text: string): { host: string; rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(0, slash));
  const isHost = slash > 0 && (isNameableHost(first) || first.toLowerCase() !== first);
  if (!isHost) return { host: HUB_HOST, rest: text };
  const host = first === 'index.docker.io' ? HUB_HOST : first;
  return { host, rest: text.slice(slash + 1) };
}

/**
 * Parses a registry as in SERVER (`ghcr.io`, `localhost:5000`, `https://…`) or an image from the
 * command line. Without a slash only a dot, brackets or `localhost` make a host: `redis:7` is an
 * image, as it is for docker.
 */
export function parseAddress(text: string): Address | NoReference {
  const isUrl = /^https?:\/\//i.test(text);
  const [name = '', ...path] = text.split('/');
  if (!isUrl && !(path.join('/') === '' && isRegistry(name))) return parseReference(text);
  const parsed = parseServer(text);
  return 'server' in parsed ? { host: parsed.server.host } : { what: parsed.what };
}

/** In parts, because one pattern would search back from each dot. */
function isRegistry(name: string): boolean {
  if (name.startsWith('[')) return true;
  const [host = '', port, ...more] = name.split(':');
  const isHost = host === 'localhost' || host.includes('.');
  return isHost && (port === undefined || /^\d+$/.test(port)) && more.length === 0;
}

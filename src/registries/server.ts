import { INVISIBLE } from '../secrets/clean.ts';
import { HUB_HOST, HUB_LITERAL_NAMES, HUB_NAMES, HUB_SITES, withoutPort } from './keys.ts';

/** The registry in SERVER, under which clients look up a credential. */
export type Server = {
  /** `host` or `host:port`, lower case, as an image reference spells it. */
  readonly host: string;
  /** The path on the host that the credential is for: `team`, `project/repository`. */
  readonly namespace?: string | undefined;
  /** Parts that were removed from the given text, for a notice. */
  readonly dropped: readonly string[];
  /** Whether a user name, and maybe a password, stood before the host. */
  readonly hasUser: boolean;
  /** Whether it is on Docker Hub because it names no host: `acme/app`. */
  readonly lacksHost: boolean;
};

export type ServerResult = { readonly server: Server } | Wrong;

const HOST =
  /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)$/;
/** A path as in image references (distribution reference grammar). */
export const NAMESPACE =
  /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*$/;

const EXAMPLE = 'use only host[:port], for example registry.example.com';

export type Wrong = { readonly what: string; readonly fix: string };

/** In `dropped`. */
export const MISTYPED = 'a mistyped scheme';

/** Schemes of web addresses and OCI tools, also mistyped. */
const SCHEME = /^(?:https?|oci|docker)(?::\/+|\/\/)/i;

/** Parses SERVER in any usual form (docs/clients.md, SERVER to keys): trimmed, not empty. */
export function parseServer(text: string): ServerResult {
  // Some programs read it as a slash, and would use another host.
  if (text.includes('\\')) return { what: 'contains a backslash', fix: EXAMPLE };
  const dropped: string[] = [];
  const rest = withoutScheme(text, dropped);
  if (rest === undefined) return { what: 'starts with a scheme that is not https', fix: EXAMPLE };
  const hasQuery = rest.includes('?') || rest.includes('#');
  const beforeQuery = hasQuery ? rest.slice(0, rest.search(/[?#]/)) : rest;
  if (hasQuery) dropped.push('a query or fragment');
  const slash = beforeQuery.indexOf('/');
  const authority = slash < 0 ? beforeQuery : beforeQuery.slice(0, slash);
  const path = slash < 0 ? '' : beforeQuery.slice(slash);
  const at = authority.lastIndexOf('@');
  if (at >= 0) dropped.push('user information');
  const host = parseHost(authority.slice(at + 1).toLowerCase());
  if ('what' in host) return host;
  const hub = rest === text ? onHub(host.host, path) : undefined;
  const { host: name, namespace } = hub ?? withNamespace(host.host, path, dropped);
  const lacksHost = hub !== undefined;
  return { server: { host: name, namespace, dropped, hasUser: at >= 0, lacksHost } };
}

/** Adds to `dropped`. Undefined for any other scheme. */
function withoutScheme(text: string, dropped: string[]): string | undefined {
  // Most have none and skip the pattern.
  if (!text.includes('//') && !text.includes(':/')) return text;
  let rest = text;
  for (let given = SCHEME.exec(rest); given; given = SCHEME.exec(rest)) {
    if (rest !== text || !given[0].endsWith('://')) dropped.push(MISTYPED);
    rest = rest.slice(given[0].length);
  }
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(rest) ? undefined : rest;
}

/** Without a host it is a repository on Docker Hub, as it is for docker: `acme/app`. */
function onHub(host: string, path: string): Pick<Server, 'host' | 'namespace'> | undefined {
  if (isNameableHost(host) || /^\/(?:v[12]\/?)?$/.test(path) || path === '') return undefined;
  const namespace = withoutTag(`${host}${path}`.toLowerCase().replace(/\/+$/, ''));
  return NAMESPACE.test(namespace) ? { host: HUB_HOST, namespace } : undefined;
}

function parseHost(authority: string): { host: string } | Wrong {
  // An address in brackets contains colons.
  const colon = authority.indexOf(':', authority.startsWith('[') ? authority.indexOf(']') : 0);
  const name = colon < 0 ? authority : authority.slice(0, colon);
  const port = colon < 0 ? undefined : authority.slice(colon + 1);
  // A name may end in a dot, an address may not.
  const host = name.endsWith('.') && !name.endsWith('].') ? name.slice(0, -1) : name;
  const isAddress = !host.startsWith('[') || URL.canParse(`http://${host}/`);
  const isHost = host.length <= 253 && HOST.test(host) && isAddress;
  if (isHost && port === undefined) return { host };
  const isPort = /^\d{1,5}$/.test(port ?? '') && Number(port) >= 1 && Number(port) <= 65_535;
  if (isHost && isPort) return { host: `${host}:${Number(port)}` };
  const what = isHost ? 'has a port that is not a number from 1 to 65535' : 'is not a host name';
  return findStrange(authority) ?? { what, fix: EXAMPLE };
}

/** Quotes, dashes, dots and slashes that an editor or another keyboard inserts. */
const LOOK_ALIKE =
  /[\u00ab\u00bb\u2010-\u2015\u2018-\u201f\u2024\u2044\u2212\u3002\uff0e\uff0f\uff1a\uff61]/;

const AGAIN = 'type the host name again, instead of pasting it';

/** Names what is hard to see in an invalid host. Repeats no part of the text. */
function findStrange(authority: string): Wrong | undefined {
  if (authority === '') return { what: 'has no host name', fix: EXAMPLE };
  const several = authority.split(/[\s,;]+/);
  if (several.length > 1 && several.every((one) => one.includes('.') && HOST.test(one)))
    return { what: 'names several registries', fix: 'set three secrets for each registry' };
  if (/[<>*]|\$\{|\{\{|^[$%]/.test(authority))
    return { what: 'holds a placeholder', fix: `put the real host there: ${EXAMPLE}` };
  if (/\s/.test(authority)) return { what: 'contains white space', fix: EXAMPLE };
  const [invisible] = authority.match(INVISIBLE) ?? [];
  if (invisible)
    return { what: `contains an invisible character, ${nameOf(invisible)}`, fix: AGAIN };
  const [alike] = LOOK_ALIKE.exec(authority) ?? [];
  if (alike)
    return { what: `contains a character that looks like another, ${nameOf(alike)}`, fix: AGAIN };
  if (/[^ -~]/.test(authority)) {
    const what = 'contains characters that are not ASCII';
    return { what, fix: 'write the host name in its xn-- form' };
  }
  if (authority.includes('_')) {
    const what = 'has an underscore in its host, which an image name cannot have';
    return { what, fix: 'use the host that your image names begin with' };
  }
  const isAddress = /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/.test(authority);
  const what = 'is an IPv6 address without brackets';
  return isAddress ? { what, fix: 'write it in brackets, for example [::1]:5000' } : undefined;
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Adds to `dropped`. */
function withNamespace(
  host: string,
  path: string,
  dropped: string[],
): Pick<Server, 'host' | 'namespace'> {
  const bare = withoutPort(host);
  if (HUB_SITES.has(bare)) {
    dropped.push(`the website's address, which is not the registry's`);
    return { host: HUB_HOST };
  }
  const canonical = HUB_NAMES.has(bare) ? HUB_HOST : HUB_LITERAL_NAMES.has(bare) ? bare : host;
  if (path === '') return { host: canonical };
  const name = path
    .toLowerCase()
    .replace(/\/{2,}/g, '/')
    .replace(/^\/(?:v[12](?=\/|$))?\/?/, '')
    .replace(/\/$/, '');
  const namespace = withoutTag(name);
  if (NAMESPACE.test(namespace)) return { host: canonical, namespace };
  if (namespace !== '') dropped.push('a path that an image name cannot have');
  return { host: canonical };
}

/** Removes tag and digest, which come after the last slash. */
function withoutTag(name: string): string {
  const last = name.lastIndexOf('/') + 1;
  const length = name.slice(last).search(/[@:]/);
  return length < 0 ? name : name.slice(0, last + length);
}

/** In an image reference anything else is a user of Docker Hub. */
export function isNameableHost(host: string): boolean {
  const isMarked = host.includes('.') || host.includes(':') || host.includes('[');
  return isMarked || host === 'localhost';
}

import { findProduct, type Product } from './products.ts';
import type { CheckResult } from './result.ts';

export type RegistryApi = {
  readonly host: string;
  readonly isPlain: boolean;
  readonly tokenHosts?: readonly string[] | undefined;
};

/**
 * Judges the address to which a registry directs the password, because a registry, or a server
 * in its place, can name any. It must be https, on the registry's own host or on a known token
 * host, so numeric and private addresses need no rule. The same parser reads it when we send the
 * request.
 */
export function judgeRealm(realm: string, api: RegistryApi): URL | CheckResult {
  const { host, isPlain, tokenHosts } = api;
  const unsafe = (because: string, where?: string) =>
    ({ outcome: 'unsafe-realm', because, host: where }) as const;
  // URL parsers drop or change these in different ways.
  if (/[^!-~]|\\/.test(realm) || !URL.canParse(realm)) return unsafe('which is not a URL');
  const url = new URL(realm);
  const { protocol, hostname } = url;
  if (protocol !== 'https:' && protocol !== 'http:') return unsafe('which is not an https URL');
  if (/^[^/?#]*\/\/[^/?#]*@/.test(realm) || url.username !== '' || url.password !== '')
    return unsafe('with user information in the URL', hostname);
  const isOwn = hostname === hostnameOf(host);
  if (protocol === 'http:' && !(isPlain && isOwn && isLoopback(hostname)))
    return unsafe('which is not https', hostname);
  return isOwn || tokenHosts?.includes(url.host) ? url : unsafe('which is another host', hostname);
}

/** Whether a name or an address, as a URL spells it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** The name or address of a `host[:port]`, as a URL spells it. */
export function hostnameOf(host: string): string {
  return new URL(`https://${host}`).hostname;
}

export type BearerScheme = {
  readonly scheme: 'bearer';
  readonly realm: URL;
  readonly service: string | undefined;
};

export type AuthScheme =
  | { readonly scheme: 'basic'; readonly product: Product | undefined }
  | BearerScheme;

/** The scheme to use from WWW-Authenticate, or why there is none. */
export function findScheme(challenge: string, api: RegistryApi): AuthScheme | CheckResult {
  const challenges = parseChallenges(challenge);
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')?.parameters;
  const basic = challenges.find(({ scheme }) => scheme === 'basic')?.parameters;
  if (bearer) {
    const realm = judgeRealm(bearer.get('realm') ?? '', api);
    return 'outcome' in realm ? realm : { scheme: 'bearer', realm, service: bearer.get('service') };
  }
  if (basic) return { scheme: 'basic', product: findProduct(basic.get('realm') ?? '') };
  const because = 'it asks for a login in a way that no registry uses';
  return { outcome: 'not-a-registry', status: 401, because };
}

/** A scheme, or a parameter with its quoted or bare value; the text's end closes a quote. */
const PART = /([^\s,="]+)(?:[\t ]*=[\t ]*(?:"((?:[^"\\]|\\.)*)(?:\\?$|")|([^\s,"]*)))?/gs;

/**
 * The challenges in a WWW-Authenticate header (RFC 9110, 11.6.1), all names in lower case; the
 * first of two parameters with one name wins. Never throws; runs in linear time.
 */
export function parseChallenges(text: string) {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, word = '', quoted, bare] of text.matchAll(PART)) {
    const name = word.toLowerCase();
    const value = quoted?.replace(/\\(.)/gs, '$1') ?? bare;
    const parameters = challenges.at(-1)?.parameters;
    if (value === undefined) challenges.push({ scheme: name, parameters: new Map() });
    else if (parameters && !parameters.has(name)) parameters.set(name, value);
  }
  return challenges;
}

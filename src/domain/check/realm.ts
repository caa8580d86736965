import { HUB_HOST, loginName, withoutPort } from '../registries/keys.ts';

/** Where a registry's own API is asked. */
export type Base = { readonly host: string; readonly isPlain: boolean };

/** Where a credential may be sent to, or why it may not. */
export type Realm = { readonly url: URL } | { readonly why: string; readonly host?: string };

/**
 * Hosts that hand out tokens for a registry on another one, each for that one alone (clients.md
 * 9.2).
 */
const TOKEN_HOSTS: readonly (readonly [isServed: (host: string) => boolean, token: string])[] = [
  [(host) => loginName(host) === HUB_HOST, 'auth.docker.io'],
  [(host) => withoutPort(host) === 'registry.gitlab.com', 'gitlab.com'],
  [(host) => withoutPort(host) === 'registry.digitalocean.com', 'api.digitalocean.com'],
];

/**
 * Judges the address at which a registry wants the password: a registry, or whoever answers in its
 * place, names any. It must be https on the registry's own host or on one that is known to serve
 * it. No other rule is needed for addresses in numbers, private ones or not: an address that is not
 * the registry's own is another host, in whatever form it is written, because the one parser that
 * understands it here is the one that is asked later.
 */
export function judgeRealm(realm: string, { host, isPlain }: Base): Realm {
  // Parsers drop or change these, each in its own way.
  if (/[^!-~]|\\/.test(realm) || !URL.canParse(realm)) return { why: 'which is no URL' };
  const url = new URL(realm);
  const own = new URL(`https://${host}`).hostname;
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { why: 'which is no https URL' };
  if (/^[^/?#]*\/\/[^/?#]*@/.test(realm) || url.username !== '' || url.password !== '')
    return { why: 'with user information in the URL', host: url.hostname };
  const isOwn = url.hostname === own;
  if (url.protocol === 'http:' && !(isPlain && isOwn && isLoopback(own)))
    return { why: 'which is not https', host: url.hostname };
  if (isOwn) return { url };
  const isKnown = TOKEN_HOSTS.some(([isServed, token]) => isServed(host) && url.host === token);
  return isKnown ? { url } : { why: 'which is another host', host: url.hostname };
}

/** Whether a name or an address, as a URL spells it, is this machine itself. */
export function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

/** The name or address of a `host[:port]`, as a URL spells it. */
export function hostnameOf(host: string): string {
  return new URL(`https://${host}`).hostname;
}

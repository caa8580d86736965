import type { Problem } from '../problem.ts';
import { type Triple, variableName } from '../triples/triple.ts';
import { GITHUB_TOKEN_ID } from './github.ts';
import { findAliases, findHostKeys, findLoginKey, findNamespaceKeys } from './keys.ts';
import type { Named, Registry } from './registry.ts';

/**
 * One key that a triple's credential is wanted under. An `explicit` claim is a triple for this host
 * or this namespace; a `yielding` one (GITHUB_TOKEN, and a host's key that a namespace's triple
 * fills only because nobody else does) gives way to anybody's login.
 */
export type Claim = Named & {
  readonly key: string;
  readonly rank: 'explicit' | 'yielding';
  /**
   * Clients ask credential helpers for hosts, by an `alias` too, and read namespaces in `auths`.
   */
  readonly use: 'host' | 'namespace' | 'alias';
};

export type Claims = { readonly claims: readonly Claim[]; readonly problems: readonly Problem[] };

/**
 * Decides who gets which key, in the order given: a host's keys go to the first triple without a
 * namespace, else to the first with one; an env file's triple gets only what no triple of the
 * environment wants. Two triples with different credentials for one host, or one namespace, are a
 * problem, and the first wins. The claims are in the order of their IDs.
 */
export function findClaims(all: readonly Named[]): Claims {
  const claims = new Map<string, Claim>();
  const owners = new Map<string, Named>();
  const problems = new Map<string, Problem>();
  const claim = (wish: Wish) => {
    const owner = owners.get(wish.login) ?? wish.named;
    const { triple } = wish.named;
    if (!isSameCredential(owner.triple, triple)) {
      if (wish.rank === 'explicit')
        problems.set(triple.id, claimedTwice(owner.triple.id, triple.id));
      return;
    }
    owners.set(wish.login, owner);
    for (const one of wish.claims) if (!claims.has(one.key)) claims.set(one.key, one);
  };
  for (const source of new Set(all.map(({ triple }) => triple.file))) {
    const ours = all.filter(({ triple }) => triple.file === source);
    const inNamespaces = ours.filter(({ registry }) => registry.namespace);
    for (const named of ours) if (!named.registry.namespace) claim(hostWish(named));
    for (const named of inNamespaces) claim(hostWish(named));
    for (const named of inNamespaces) claim(namespaceWish(named));
  }
  return { claims: [...claims.values()].sort(byId), problems: [...problems.values()] };
}

/** All keys of one host, or of one namespace, for one triple. */
type Wish = Pick<Claim, 'rank'> & {
  readonly named: Named;
  readonly login: string;
  readonly claims: readonly Claim[];
};

function hostWish(named: Named): Wish {
  const { host, namespace } = named.registry;
  const isYielding = namespace !== undefined || named.triple.id === GITHUB_TOKEN_ID;
  const rank = isYielding ? 'yielding' : 'explicit';
  const claims = claimsOf(named, findHostKeys(host), { rank, use: 'host' });
  const aliases = findAliases(host);
  if (aliases.length > 0) claims.push(...claimsOf(named, aliases, { rank, use: 'alias' }));
  return { named, login: findLoginKey(host), rank, claims };
}

function namespaceWish(named: Named): Wish {
  const { host, namespace = '' } = named.registry;
  const keys = findNamespaceKeys(host, namespace);
  const rank = 'explicit';
  const claims = claimsOf(named, keys, { rank, use: 'namespace' });
  return { named, login: findLoginKey(keys[0] ?? host), rank, claims };
}

function claimsOf(
  { triple, registry }: Named,
  keys: readonly string[],
  { rank, use }: Pick<Claim, 'rank' | 'use'>,
): Claim[] {
  return keys.map((key) => ({ triple, registry, key, rank, use }));
}

function byId(a: Claim, b: Claim): number {
  if (a.triple.id === b.triple.id) return 0;
  return a.triple.id < b.triple.id ? -1 : 1;
}

/** Whether two triples are one for every registry. */
export function isSameCredential(a: Triple, b: Triple): boolean {
  return (
    a.user === b.user &&
    a.password === b.password &&
    a.sessionToken === b.sessionToken &&
    a.roleArn === b.roleArn &&
    a.externalId === b.externalId
  );
}

function claimedTwice(winner: string, loser: string): Problem {
  const [subject, other] = [loser, winner].map((id) => variableName(id, 'SERVER'));
  const verdict = `${winner} is used, ${loser} is not`;
  const what = `names the same registry as ${other}, with another credential; ${verdict}`;
  const fix = `remove ${loser} or ${winner}, or give each a namespace of its own`;
  return { code: 'REGISTRY_CLAIMED_TWICE', subject: subject ?? loser, what, fix };
}

/** The host keys of a registry, of which the first is what docker looks up. */
export function findHostKey({ host }: Registry): string {
  return findHostKeys(host)[0] ?? host;
}

import { isAccessKeyId } from './ecr-failure.ts';
import { decodeGoogleKey } from './google-key.ts';
import type { Notice, Problem } from './problem.ts';
import { findProvider, type Provider } from './provider.ts';
import { findHostKeys, findNamespaceKeys, HUB_KEY, isNameableHost, parseServer } from './server.ts';
import type { Triple } from './triple.ts';
import { variableName } from './variable.ts';

/** A triple whose server is understood. */
export type Registry = {
  readonly triple: Triple;
  readonly host: string;
  readonly namespace?: string;
  readonly provider: Provider;
};

/** One key that a triple's credential is wanted under. */
export type Claim = {
  readonly key: string;
  readonly registry: Registry;
  /** Clients ask credential helpers for hosts only, so only these keys can have a `credHelpers` entry. */
  readonly isHostKey: boolean;
};

type Found<T> = {
  readonly found: readonly T[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/** Understands each triple's server and user; a triple that can't be understood becomes a problem and costs no other. */
export function findRegistries(triples: readonly Triple[]): Found<Registry> {
  const results = triples.map(findRegistry);
  return {
    found: results.flatMap(({ registry }) => registry ?? []),
    problems: results.flatMap(({ problem }) => problem ?? []),
    notices: results.flatMap(({ notices }) => notices ?? []),
  };
}

type Result = {
  readonly registry?: Registry;
  readonly problem?: Problem;
  readonly notices?: readonly Notice[];
};

function findRegistry(given: Triple): Result {
  const subject = variableName(given.id, 'SERVER');
  const parsed = parseServer(given.server);
  if ('what' in parsed) return { problem: { code: 'SERVER_INVALID', subject, ...parsed } };
  const { host, namespace, dropped } = parsed.server;
  const provider = findProvider(host);
  if (isNearlyEcr(host, provider, given.user)) return { problem: nearlyEcr(subject) };
  const decoded = decodeGoogleKey(given);
  if ('problem' in decoded) return decoded;
  const named = hasNamespaces(provider) && namespace ? { namespace } : {};
  return {
    registry: { triple: decoded.triple, host, provider, ...named },
    notices: [
      ...(dropped.length > 0 ? [simplified(subject, dropped)] : []),
      ...(isNameableHost(host) ? [] : [hasNoDot(subject)]),
      ...(decoded.notice ? [decoded.notice] : []),
    ],
  };
}

function simplified(subject: string, dropped: readonly string[]): Notice {
  return {
    code: 'SERVER_SIMPLIFIED',
    subject,
    what: `contains ${dropped.join(' and ')}; used without it`,
  };
}

/** AWS keys for a host that is none of ECR's, by a digit or a letter: they must not be written as a password. */
function isNearlyEcr(host: string, provider: Provider, user: string): boolean {
  return !provider.startsWith('ecr') && isAccessKeyId(user) && /ecr|aws/.test(host);
}

function nearlyEcr(subject: string): Problem {
  return {
    code: 'SERVER_INVALID',
    subject,
    what: 'is no registry of Amazon ECR, although USER is an AWS access key id; not written',
    fix: "use ACCOUNT.dkr.ecr.REGION.amazonaws.com with the account's 12 digits, or public.ecr.aws",
  };
}

/** An ECR token is for the whole account, and the helper that renews it is asked by host: a repository in the URL says nothing more. */
function hasNamespaces(provider: Provider): boolean {
  return provider !== 'ecr' && provider !== 'ecr-public';
}

function hasNoDot(subject: string): Notice {
  return {
    code: 'SERVER_HAS_NO_DOT',
    subject,
    what: 'has neither a dot nor a port, so image names that start with it mean Docker Hub',
    fix: 'use the whole host name, for example mycompany.azurecr.io',
  };
}

/**
 * Decides which registry each key belongs to. A host's keys go to the triple without a namespace, else to the first by ID;
 * two triples with different credentials for one key are a problem, and the first by ID wins.
 */
export function findClaims(registries: readonly Registry[]): Found<Claim> {
  const claims = new Map<string, Claim>();
  const problems = new Map<string, Problem>();
  const claim = (key: string, isHostKey: boolean, registry: Registry, isContested: boolean) => {
    const first = claims.get(key)?.registry;
    if (first === undefined) claims.set(key, { key, registry, isHostKey });
    else if (isContested && !isSameCredential(first.triple, registry.triple)) {
      problems.set(registry.triple.id, claimedTwice(first.triple.id, registry.triple.id));
    }
  };
  for (const registry of registries.filter(({ namespace }) => namespace === undefined)) {
    for (const key of findHostKeys(registry.host)) claim(key, true, registry, true);
  }
  for (const registry of registries) {
    if (registry.namespace === undefined) continue;
    for (const key of findHostKeys(registry.host)) claim(key, true, registry, false);
    for (const key of findNamespaceKeys(registry.host, registry.namespace))
      claim(key, false, registry, true);
  }
  return {
    found: [...claims.values()].sort(byIdThenKey),
    problems: [...problems.values()],
    notices: [],
  };
}

function byIdThenKey(a: Claim, b: Claim): number {
  if (a.registry.triple.id !== b.registry.triple.id)
    return a.registry.triple.id < b.registry.triple.id ? -1 : 1;
  return 0;
}

function isSameCredential(a: Triple, b: Triple): boolean {
  return a.user === b.user && a.password === b.password && a.sessionToken === b.sessionToken;
}

function claimedTwice(winner: string, loser: string): Problem {
  return {
    code: 'REGISTRY_CLAIMED_TWICE',
    subject: variableName(loser, 'SERVER'),
    what: `names the same registry as ${variableName(winner, 'SERVER')}, with another credential; ${winner} is used, ${loser} is not`,
    fix: `remove ${loser} or ${winner}, or give each a namespace of its own`,
  };
}

/** The key under which a login made through our helper is remembered: one for all spellings of a host, and each namespace its own. */
export function findLoginKey(key: string): string {
  const keys = findHostKeys(key);
  return key === HUB_KEY || keys.includes(HUB_KEY) ? HUB_KEY : (keys.at(-1) ?? key);
}

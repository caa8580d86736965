import { encodeAuth } from './auth.ts';
import { fingerprint, type Ledger } from './ledger.ts';
import type { Claim, Registry } from './registry.ts';
import { ENVIRONMENT, type Triple } from './triple.ts';

/** What one key should hold. */
export type Wanted = {
  readonly key: string;
  readonly id: string;
  readonly provider: string;
  /** Fingerprint of the triple; absent in a prebuild. */
  readonly triple?: string;
  /** The value of `auth`; `none` where no secret may rest; `keep` where no token could be had this time. */
  readonly entry: { readonly auth: string } | 'none' | 'keep';
  /** Whether docker must ask our helper: a credsStore is set, the credential expires, or no secret may rest. */
  readonly helper: boolean;
  /** Helpers are asked for hosts only. */
  readonly isHostKey: boolean;
  /** From GITHUB_TOKEN alone: gives way to anybody's entry. */
  readonly isWeak: boolean;
  readonly expiresAt?: number;
  /** Whether an entry is one that GitHub writes by itself, again and again: no statement of the user's. */
  readonly isAutomatic: (entry: { user: string; password: string } | undefined) => boolean;
};

/** User name and secret that the registry accepts, and when it stops to. */
export type Credential = {
  readonly user: string;
  readonly password: string;
  readonly expiresAt?: number;
};

/** What became of a registry whose credential must be exchanged. */
export type Exchanged = Credential | 'unavailable';

/** Where secrets may rest: in `config.json`, or nowhere, so that our helper answers from the environment. */
export type CredentialsMode = 'file' | 'helper';

export type WantedContext = {
  readonly ledger: Ledger;
  readonly mode: CredentialsMode;
  readonly hasCredsStore: boolean;
  /** A snapshot must hold nothing derived from a secret. */
  readonly isPrebuild: boolean;
  /** By ID, for the registries that need an exchange. */
  readonly exchanged: ReadonlyMap<string, Exchanged>;
  /** The environment's GITHUB_TOKEN. */
  readonly githubToken?: string | undefined;
};

/** The ID under which GitHub's own token appears in messages and in the ledger. */
export const GITHUB_TOKEN_ID = 'GITHUB_TOKEN';

/** What each claimed key should hold. */
export function findWanted(claims: readonly Claim[], context: WantedContext): Wanted[] {
  return claims.flatMap(({ key, registry, isHostKey }) => {
    const { triple, provider } = registry;
    const expires = needsExchange(registry);
    const helper = context.hasCredsStore || expires || context.mode === 'helper';
    const entry = findEntry(registry, context);
    const expiresAt = expires ? findExpiry(context.exchanged.get(triple.id)) : undefined;
    return {
      key,
      id: triple.id,
      provider,
      ...(context.isPrebuild ? {} : { triple: fingerprintTriple(context.ledger, triple) }),
      entry,
      helper,
      isHostKey,
      isWeak: triple.id === GITHUB_TOKEN_ID,
      isAutomatic: (found) => isAutomatic(found, registry, context.githubToken),
      ...(entry !== 'none' && expiresAt !== undefined ? { expiresAt } : {}),
    };
  });
}

function findEntry(
  { triple, provider }: Registry,
  { mode, exchanged }: WantedContext,
): Wanted['entry'] {
  if (mode === 'helper') return 'none';
  if (!needsExchange({ triple, provider }))
    return { auth: encodeAuth(triple.user, triple.password) };
  const credential = exchanged.get(triple.id);
  return credential === undefined || credential === 'unavailable'
    ? 'keep'
    : { auth: encodeAuth(credential.user, credential.password) };
}

/**
 * Codespaces writes entries of its own: a token exchanged from the same AWS keys, GITHUB_TOKEN, and a Docker Hub account of GitHub's (codespaces.md 1.1
 * and 1.5). They may come back at any start, and are no reason to keep a triple out.
 */
function isAutomatic(
  entry: { user: string; password: string } | undefined,
  registry: Registry,
  githubToken: string | undefined,
): boolean {
  if (entry === undefined) return false;
  if (needsExchange(registry)) return entry.user === ECR_TOKEN_USER;
  if (registry.provider === 'docker-hub') return entry.user === 'codespacesdev';
  return registry.provider === 'ghcr' && Boolean(githubToken) && entry.password === githubToken;
}

function findExpiry(exchanged: Exchanged | undefined): number | undefined {
  return typeof exchanged === 'object' ? exchanged.expiresAt : undefined;
}

/** The user name that ECR's own tokens have: such a triple holds a token already. */
export const ECR_TOKEN_USER = 'AWS';

/** Whether the triple holds AWS keys, which no registry accepts as they are. */
export function needsExchange({
  triple,
  provider,
}: Pick<Registry, 'triple' | 'provider'>): boolean {
  return (provider === 'ecr' || provider === 'ecr-public') && triple.user !== ECR_TOKEN_USER;
}

export function fingerprintTriple(
  ledger: Ledger,
  { user, password, sessionToken }: Triple,
): string {
  return fingerprint(ledger, user, password, sessionToken);
}

/** GitHub's own token for its container registry, where the codespace has one and no triple names that registry. */
export function findGithubTriple(
  env: Readonly<Record<string, string | undefined>>,
  registries: readonly Registry[],
): Triple | undefined {
  const { CODESPACES: codespaces, GITHUB_TOKEN: password, GITHUB_USER: user } = env;
  if (codespaces !== 'true' || !password || !user) return undefined;
  if (registries.some(({ host }) => host === 'ghcr.io' || host === 'ghcr.io:443')) return undefined;
  return { id: GITHUB_TOKEN_ID, server: 'ghcr.io', user, password, source: ENVIRONMENT };
}

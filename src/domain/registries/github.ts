import type { Credential } from '../../dockerconfig/auth-entry.ts';
import { ECR_TOKEN_USER, needsExchange } from '../ecr/keys.ts';
import { ENVIRONMENT, type Triple } from '../triples/triple.ts';
import type { Registry } from './registry.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The ID under which GitHub's own token appears in messages and in the ledger. */
export const GITHUB_TOKEN_ID = 'GITHUB_TOKEN';

/** Whom GitHub's own token belongs to. */
export type GithubUser = { readonly user: string; readonly token: string };

/** Of github.com: another GitHub's token is none for ghcr.io. */
export function findGithubUser(env: Environment): GithubUser | undefined {
  const { GITHUB_TOKEN: token, GITHUB_USER: user, GITHUB_SERVER_URL: server } = env;
  const isGithubCom = !server || /^https:\/\/github\.com\/?$/.test(server);
  return token && user && isGithubCom ? { token, user } : undefined;
}

/**
 * GitHub's own token for its container registry, where the codespace has one and no triple names
 * that registry.
 */
export function findGithubTriple(
  env: Environment,
  registries: readonly Registry[],
): Triple | undefined {
  const github = findGithubUser(env);
  if (env.CODESPACES !== 'true' || !github) return undefined;
  if (registries.some(({ host }) => host === 'ghcr.io' || host === 'ghcr.io:443')) return undefined;
  const { user, token: password } = github;
  return { id: GITHUB_TOKEN_ID, server: 'ghcr.io', user, password, source: ENVIRONMENT };
}

/**
 * Whether Codespaces writes such a credential by itself, at any start, so that it is no statement
 * of the user's: `lasting` where it would still be of use later, `expiring` where it would be dead.
 * A token exchanged from the same AWS keys, GITHUB_TOKEN or one like it, and a Docker Hub account
 * of GitHub's (codespaces.md 1.1 and 1.5).
 */
export function isGithubsOwn(
  { user, secret }: Credential,
  { registry, triple }: { readonly registry: Registry; readonly triple: Triple },
  github: GithubUser | undefined,
): 'lasting' | 'expiring' | undefined {
  if (needsExchange(registry, triple)) return user === ECR_TOKEN_USER ? 'expiring' : undefined;
  if (registry.provider === 'docker-hub') return user === 'codespacesdev' ? 'lasting' : undefined;
  if (registry.provider !== 'ghcr' || github === undefined) return undefined;
  return secret === github.token || (user === github.user && TOKEN_OF_GITHUB.test(secret))
    ? 'expiring'
    : undefined;
}

/**
 * What GitHub gives to its own programs, never to a person: installation (s) and user-to-server (u)
 * tokens.
 */
const TOKEN_OF_GITHUB = /^gh[su]_\w+$/;

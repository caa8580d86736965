import { ENVIRONMENT } from '../secrets/triple.ts';
import { type Environment, forCheck, forPasted, type Provider } from './provider.ts';

/** GitHub's container registry, which accepts the token that every codespace has. */
export const ghcr: Provider = {
  name: 'ghcr',
  matches: (host) => host === 'ghcr.io',
  usualSecrets: ['gh'],
  secrets: forPasted([
    { begins: 'ghp_', kind: 'a GitHub classic token' },
    {
      begins: 'github_pat_',
      kind: 'a GitHub fine-grained token',
      unfit: {
        why: "which GitHub's container registry does not accept",
        fix: 'use a classic token with read:packages',
      },
    },
    { begins: 'gho_', kind: 'a GitHub OAuth app token' },
    { begins: 'ghu_', kind: 'a GitHub App user token' },
    { begins: 'ghs_', kind: 'a GitHub App token' },
    {
      begins: 'ghr_',
      kind: 'a GitHub refresh token',
      unfit: {
        why: 'which no registry accepts',
        fix: 'use a classic token with read:packages',
      },
    },
  ]),
  sites: forPasted([
    {
      host: /^(?:(?:www\.)?github\.com|containers\.pkg\.github\.com|(?:www\.|docker\.|containers\.)ghcr\.io)$/,
      server: (path) => ['ghcr.io', ...findOwner(path)].join('/'),
      is: "GitHub's website",
    },
    {
      host: /^docker\.pkg\.github\.com$/,
      what: 'is a registry that GitHub has shut down',
      fix: 'use ghcr.io, where GitHub moved its images',
    },
    {
      host: /^(?:[a-z]+\.)*pkg\.github\.com$/,
      what: "is GitHub's registry for packages other than images",
      fix: 'use ghcr.io, which holds images',
    },
    {
      host: /^(?:[a-z]+\.)*(?:github\.com|github\.io|githubusercontent\.com|github)$/,
      what: 'is a GitHub host without images',
      fix: 'use ghcr.io',
    },
  ]),
  given: {
    id: 'GITHUB_TOKEN',
    find: (environment) => {
      const github = environment.CODESPACES === 'true' ? findUser(environment) : undefined;
      if (!github) return undefined;
      const { user, token: password } = github;
      const whole = { id: 'GITHUB_TOKEN', server: 'ghcr.io', user, password, source: ENVIRONMENT };
      return { ...whole, isGiven: true };
    },
  },
  // GITHUB_TOKEN, or one like it (docs/clients.md, Codespaces).
  writtenByCodespaces: ({ user, secret }, _triple, environment) => {
    const github = findUser(environment);
    if (!github) return undefined;
    const isOld = user === github.user && TOKEN_OF_GITHUB.test(secret);
    return secret === github.token || isOld ? 'expiring' : undefined;
  },
  advice: forCheck({
    rejected: ({ isGiven }) =>
      isGiven
        ? 'stop and start the codespace, which renews GITHUB_TOKEN'
        : 'use a classic token with read:packages that has not expired: ghcr.io accepts no other kind',
    denied: ({ isGiven }) =>
      isGiven
        ? 'grant the package to this repository, under Manage Codespaces access in its settings'
        : 'ghcr.io gives this answer for a classic token without read:packages, ' +
          'for one that is not authorized for single sign-on, ' +
          'and for a package that is not granted to the user or the repository',
  }),
};

/** The owner of the token, on github.com only: ghcr.io accepts no other GitHub's token. */
function findUser(environment: Environment): { user: string; token: string } | undefined {
  const { GITHUB_TOKEN: token, GITHUB_USER: user, GITHUB_SERVER_URL: server } = environment;
  const isGithubCom = !server || /^https:\/\/github\.com\/?$/.test(server);
  return token && user && isGithubCom ? { token, user } : undefined;
}

/** Tokens that only programs get: installation (s) and user-to-server (u). */
const TOKEN_OF_GITHUB = /^gh[su]_\w+$/;

/** The owner in a page's path: also in `orgs/OWNER/packages`, `users/OWNER/…`. */
function findOwner([first, second]: readonly string[]): string[] {
  const owner = /^(?:orgs|users|organizations)$/.test(first ?? '') ? second : first;
  return owner ? [owner] : [];
}

import { ENVIRONMENT } from '../domain/triples/triple.ts';
import { type Environment, forCheck, type Provider } from './provider.ts';

/** GitHub's container registry, which takes the token that every codespace has. */
export const ghcr: Provider = {
  name: 'ghcr',
  matches: (host) => host === 'ghcr.io',
  given: {
    id: 'GITHUB_TOKEN',
    find: (environment) => {
      const github = environment.CODESPACES === 'true' ? findUser(environment) : undefined;
      if (!github) return undefined;
      const { user, token: password } = github;
      return { id: 'GITHUB_TOKEN', server: 'ghcr.io', user, password, source: ENVIRONMENT };
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
        : 'use a classic token with read:packages that has not expired: ghcr.io takes no other kind',
    denied: ({ isGiven }) =>
      isGiven
        ? 'grant the package to this repository, under Manage Codespaces access in its settings'
        : 'ghcr.io answers so for a classic token without read:packages, ' +
          'for one that is not authorized for single sign-on, ' +
          'and for a package that is not granted to the user or the repository',
  }),
};

/** Whom GitHub's own token belongs to. Of github.com: another GitHub's is none for ghcr.io. */
function findUser(environment: Environment): { user: string; token: string } | undefined {
  const { GITHUB_TOKEN: token, GITHUB_USER: user, GITHUB_SERVER_URL: server } = environment;
  const isGithubCom = !server || /^https:\/\/github\.com\/?$/.test(server);
  return token && user && isGithubCom ? { token, user } : undefined;
}

/** What GitHub gives to programs alone: installation (s) and user-to-server (u) tokens. */
const TOKEN_OF_GITHUB = /^gh[su]_\w+$/;

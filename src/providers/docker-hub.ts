import { isHub } from '../domain/registries/keys.ts';
import { forCheck, type Provider } from './provider.ts';

/** Its names and keys are in registries/keys.ts, because clients treat them apart. */
export const dockerHub: Provider = {
  name: 'docker-hub',
  matches: isHub,
  apiHost: 'registry-1.docker.io',
  tokenHosts: ['auth.docker.io'],
  // An account of GitHub's, for more pulls (docs/clients.md, Codespaces).
  writtenByCodespaces: ({ user }) => (user === 'codespacesdev' ? 'lasting' : undefined),
  advice: forCheck({
    rejected:
      'use a personal access token, because with two-factor authentication Docker Hub takes no password, ' +
      'and the user name, not an e-mail address',
    denied: 'let this user read the repository, and the token more than public ones',
  }),
};

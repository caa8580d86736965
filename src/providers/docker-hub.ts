import { isHub } from '../registries/keys.ts';
import { forCheck, forPasted, type Provider } from './provider.ts';

/** Its names and keys are in registries/keys.ts, because clients treat them specially. */
export const dockerHub: Provider = {
  name: 'docker-hub',
  matches: isHub,
  apiHost: 'registry-1.docker.io',
  tokenHosts: ['auth.docker.io'],
  usualSecrets: ['dckr_pat_'],
  secrets: forPasted([
    { begins: 'dckr_pat_', kind: 'a Docker Hub personal access token' },
    {
      begins: 'dckr_oat_',
      kind: 'a Docker Hub organization access token',
      unfit: {
        why: "which works only with the organization's name as USER",
        fix: "set USER to the organization's name, not to a person's",
      },
    },
    { begins: /^dckr_[a-z]+_/, kind: 'a Docker Hub token' },
  ]),
  sites: forPasted([
    {
      host: /^(?:(?:[a-z0-9-]+\.)?docker\.(?:com|io)|docker[ _-]?hub(?:\.(?:com|io))?|hub\.docker)$/,
      server: () => 'docker.io',
      is: "Docker's website",
    },
  ]),
  // GitHub's account, which raises the pull limit (docs/clients.md, Codespaces).
  writtenByCodespaces: ({ user }) => (user === 'codespacesdev' ? 'lasting' : undefined),
  advice: forCheck({
    rejected:
      'use a personal access token, because Docker Hub accepts no password with two-factor authentication, ' +
      'and the user name, not an e-mail address',
    denied:
      'give this user read access to the repository, and the token access to more than public ones',
  }),
};

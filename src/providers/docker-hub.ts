import { isHub } from '../registries/keys.ts';
import { forCheck, forPasted, type Provider } from './provider.ts';
import { mayBeSecret } from './secrets.ts';

/** Its names and keys are in registries/keys.ts, because clients treat them apart. */
export const dockerHub: Provider = {
  name: 'docker-hub',
  matches: isHub,
  apiHost: 'registry-1.docker.io',
  tokenHosts: ['auth.docker.io'],
  isUsual: ({ password }) => password.startsWith('dckr_pat_') || !mayBeSecret(password),
  secrets: forPasted([
    { begins: 'dckr_pat_', kind: 'a personal access token of Docker Hub' },
    {
      begins: 'dckr_oat_',
      kind: "an organization's access token of Docker Hub",
      unfit: {
        why: "which works only with the organization's name as USER",
        fix: "set USER to the organization's name, not to a person's",
      },
    },
    { begins: /^dckr_[a-z]+_/, kind: 'a token of Docker Hub' },
  ]),
  sites: forPasted([
    {
      host: /^(?:(?:[a-z0-9-]+\.)?docker\.(?:com|io)|docker[ _-]?hub(?:\.(?:com|io))?|hub\.docker)$/,
      server: () => 'docker.io',
      is: "Docker's web site",
    },
  ]),
  // An account of GitHub's, for more pulls (docs/clients.md, Codespaces).
  writtenByCodespaces: ({ user }) => (user === 'codespacesdev' ? 'lasting' : undefined),
  advice: forCheck({
    rejected:
      'use a personal access token, because with two-factor authentication Docker Hub takes no password, ' +
      'and the user name, not an e-mail address',
    denied: 'let this user read the repository, and the token more than public ones',
  }),
};

import { forCheck, type Provider } from './provider.ts';

/** For a host whose name does not show who runs it. */
export const other: Provider = {
  name: 'other',
  matches: () => false,
  advice: forCheck({
    rejected: 'check that the user name is the one that belongs to it',
    denied: 'let the user read the repository',
  }),
};

/** Of these only the host and the token service are special. */
export const others: readonly Provider[] = [
  {
    ...other,
    matches: (host) => host === 'registry.digitalocean.com',
    tokenHosts: ['api.digitalocean.com'],
  },
];

import { forCheck, type Provider } from './provider.ts';

/** Whoever runs a registry that is not told by its host. */
export const other: Provider = {
  name: 'other',
  matches: () => false,
  advice: forCheck({
    rejected: 'check that the user name is the one that belongs to it',
    denied: 'let the user read the repository',
  }),
};

/** What differs from that, of providers about which there is nothing else to know. */
type Row = Pick<Provider, 'tokenHosts'> & { readonly host: string };

const ROWS: readonly Row[] = [
  { host: 'registry.digitalocean.com', tokenHosts: ['api.digitalocean.com'] },
];

export const others: readonly Provider[] = ROWS.map(({ host, ...row }) => ({
  ...other,
  ...row,
  matches: (asked) => asked === host,
}));

import { forCheck, forPasted, type Provider, type Site } from './provider.ts';

export const quay: Provider = {
  name: 'quay',
  matches: (host) => host === 'quay.io',
  sites: forPasted<Site[]>([
    {
      host: /^(?:www|app|docs|status)\.quay\.io$|^quay\.com$/,
      server: () => 'quay.io',
      is: "Quay's web site",
    },
  ]),
  advice: forCheck({
    rejected: "use the robot account's whole name, such as team+robot, and its token",
    denied: 'give the robot account the permission Read for the repository',
  }),
};

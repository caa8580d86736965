import { forCheck, type Provider } from './provider.ts';

export const quay: Provider = {
  name: 'quay',
  matches: (host) => host === 'quay.io',
  advice: forCheck({
    rejected: "use the robot account's whole name, such as team+robot, and its token",
    denied: 'give the robot account the permission Read for the repository',
  }),
};

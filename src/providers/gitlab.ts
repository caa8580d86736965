import { forCheck, type Provider } from './provider.ts';

/** GitLab.com; the host of any other GitLab does not show that it is one. */
export const gitlab: Provider = {
  name: 'gitlab',
  matches: (host) => host === 'registry.gitlab.com',
  tokenHosts: ['gitlab.com'],
  advice: forCheck({
    rejected:
      'use a deploy token or a personal access token with the scope read_registry ' +
      'that has not expired, and the user name that belongs to it',
    denied:
      'give the deploy token the scope read_registry in the project or group of the image, ' +
      'or make the user a member of it',
  }),
};

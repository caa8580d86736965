import { forCheck, type Provider } from './provider.ts';

/** Azure Container Registry. */
export const acr: Provider = {
  name: 'acr',
  // What it contains is looked for first, which takes far less.
  matches: (host) =>
    host.includes('.azurecr.') && /^[a-z0-9-]+\.azurecr\.(?:io|cn|us|de)$/.test(host),
  advice: forCheck({
    rejected: ({ user, host }) =>
      user === host.split('.')[0]
        ? 'this is the admin user, which is disabled in a new registry: ' +
          'enable it, or better use a token or a service principal with the role AcrPull'
        : 'use a password of the token or a secret of the service principal that has not ended',
    denied: 'name the repository in the scope map of the token, or assign the role AcrPull',
  }),
};

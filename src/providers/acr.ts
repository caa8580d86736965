import { forCheck, forPasted, type Provider } from './provider.ts';

export const acr: Provider = {
  name: 'acr',
  // The cheap search comes first.
  matches: (host) =>
    host.includes('.azurecr.') && /^[a-z0-9-]+(?:\.geo)?\.azurecr\.(?:io|cn|us|de)$/.test(host),
  takesZeroGuid: true,
  secrets: forPasted([
    { begins: /^[\w.~-]{3}[78]Q~[\w.~-]{31,}$/, kind: 'an Azure client secret' },
  ]),
  sites: forPasted([
    {
      host: /^(?:(?:www\.|geo\.)?azurecr\.(?:io|cn|us|de)|(?:(?:www|portal|ms\.portal|preview\.portal|management|dev|learn|containers|login)\.)?azure\.(?:com|cn|us)|login\.(?:microsoftonline\.(?:com|us)|microsoft\.com|windows\.net)|(?:entra|admin)\.microsoft\.com|azure)$/,
      what: 'is an Azure host that has none of your images',
      fix: 'use the login server of your registry, NAME.azurecr.io',
    },
  ]),
  advice: forCheck({
    rejected: ({ user, host }) =>
      isAdmin(user, host)
        ? 'this is the admin user, which is disabled in a new registry: ' +
          'enable it, or better use a token or a service principal with the role AcrPull'
        : 'use a password of the token or a secret of the service principal that has not expired',
    denied: 'name the repository in the scope map of the token, or assign the role AcrPull',
  }),
};

/** The admin's name is the registry's; a domain name label adds a hash to it in the host. */
function isAdmin(user: string, host: string): boolean {
  const [label = ''] = host.split('.');
  const name = user.toLowerCase();
  return name === label || (label.startsWith(`${name}-`) && /^[a-z0-9]+$/.test(name));
}

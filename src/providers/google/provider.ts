import { parseJson } from '../../json.ts';
import { forCheck, forPasted, type Provider } from '../provider.ts';
import { judgeGoogleKey } from './key.ts';

const COMMON = {
  isUsual: ({ user, password, command }) => {
    if (user === 'oauth2accesstoken') return command !== undefined || password.startsWith('ya29.');
    return user === '_json_key' && (command !== undefined || isWholeKey(password));
  },
  secrets: forPasted([
    { begins: 'ya29.', kind: 'a Google access token' },
    {
      begins: 'AIza',
      kind: 'a Google API key',
      unfit: {
        why: 'which no Google registry accepts',
        fix: 'set USER to _json_key, and PASSWORD to the JSON key of a service account',
      },
    },
  ]),
  advice: forCheck({
    rejected: ({ user }) => {
      if (/^_json_key(?:_base64)?$/.test(user))
        return 'the key of the service account was disabled or deleted: make a new one';
      if (user === 'oauth2accesstoken')
        return 'an access token lives for one hour: use the key of a service account';
      return 'use the user _json_key, and as the password the key of a service account';
    },
    denied: 'give the service account the role Artifact Registry Reader for the repository',
  }),
} as const satisfies Partial<Provider>;

export const google: readonly Provider[] = [
  {
    ...COMMON,
    name: 'gcr',
    // The cheap search comes first.
    matches: (host) =>
      host === 'gcr.io' || (host.includes('.gcr.io') && /^[a-z]+\.gcr\.io$/.test(host)),
    // For both providers.
    judge: globalThis.WITHOUT_PASTED ? undefined : judgeGoogleKey,
    sites: forPasted([
      {
        host: /^(?:[a-z0-9-]+-)?(?:npm|maven|python|apt|yum|go|generic|kfp|googet)\.pkg\.dev$/,
        what: 'is a Google registry for packages other than images',
        fix: 'use LOCATION-docker.pkg.dev, as image names begin',
      },
      {
        host: /^(?:(?:www\.|docker\.|[a-z]+(?:-[a-z]+\d*)?\.)?pkg\.dev|(?:(?:www|accounts|console|cloud|console\.cloud|artifactregistry|containerregistry)\.)?google\.com|(?:[a-z0-9-]+\.)?googleapis\.com|gcr\.com)$/,
        what: 'is a Google host that has none of your images',
        fix: 'use LOCATION-docker.pkg.dev or gcr.io, as image names begin',
      },
    ]),
  },
  {
    ...COMMON,
    name: 'gar',
    matches: (host) =>
      host.includes('.pkg.dev') &&
      /^(?:[a-z0-9-]+-docker|docker\.[a-z0-9-]+\.rep)\.pkg\.dev$/.test(host),
  },
];

/** A service-account key exactly as Google's console issues it. */
function isWholeKey(text: string): boolean {
  const { type, client_email: email, private_key: key } = Object(parseJson(text));
  const isKey = typeof key === 'string' && /^-----BEGIN [A-Z ]+-----\n[^\\\r]+$/.test(key);
  return type === 'service_account' && typeof email === 'string' && isKey;
}

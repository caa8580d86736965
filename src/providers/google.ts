import { parseJson } from '../domain/json.ts';
import { type Triple, variableName } from '../domain/triples/triple.ts';
import { forCheck, type Judged, type Provider } from './provider.ts';

/** The user name under which Google's registries take a service-account key as the password. */
const JSON_KEY_USER = '_json_key';

const ADVICE = forCheck({
  rejected: ({ user }) => {
    if (/^_json_key(?:_base64)?$/.test(user))
      return 'the key of the service account was disabled or deleted: make a new one';
    if (user === 'oauth2accesstoken')
      return 'an access token lives for one hour: use the key of a service account';
    return 'use the user _json_key, and as the password the key of a service account';
  },
  denied: 'give the service account the role Artifact Registry Reader for the repository',
});

/** Google Container Registry and Artifact Registry. */
export const google: readonly Provider[] = [
  {
    name: 'gcr',
    // What it contains is looked for first, which takes far less.
    matches: (host) =>
      host === 'gcr.io' || (host.includes('.gcr.io') && /^[a-z]+\.gcr\.io$/.test(host)),
    // For both.
    judge: decodeGoogleKey,
    advice: ADVICE,
  },
  {
    name: 'gar',
    matches: (host) =>
      host.includes('.pkg.dev') &&
      /^(?:[a-z0-9-]+-docker|docker\.[a-z0-9-]+\.rep)\.pkg\.dev$/.test(host),
    advice: ADVICE,
  },
];

/**
 * A `_json_key` triple with its key as plain JSON, also from base64 or a quoted string. Without a
 * service-account key it is a problem: Google would only answer "denied".
 */
export function decodeGoogleKey(triple: Triple): Judged {
  if (triple.user !== JSON_KEY_USER || isServiceAccountKey(triple.password)) return { triple };
  const subject = variableName(triple.id, 'PASSWORD');
  for (const [form, decode] of DECODERS) {
    const password = decode(triple.password);
    if (typeof password !== 'string' || !isServiceAccountKey(password)) continue;
    const what = `holds the service-account key ${form}; used decoded`;
    const notice = { code: 'GOOGLE_KEY_DECODED', subject, what } as const;
    return { triple: { ...triple, password }, notice };
  }
  const what = 'is no service-account key, which the user _json_key needs';
  const fix = 'store the whole JSON key file, as it is or as base64';
  return { problem: { code: 'GOOGLE_KEY_INVALID', subject, what, fix } };
}

const DECODERS: readonly (readonly [form: string, decode: (text: string) => unknown])[] = [
  ['in quotes', (text) => /^\s*(["'])(.*)\1\s*$/s.exec(text)?.[2]],
  ['as a JSON string', parseJson],
  ['as base64', (text) => /^[\w+/=\s-]+$/.test(text) && Buffer.from(text, 'base64').toString()],
];

function isServiceAccountKey(text: string): boolean {
  const { type, private_key: privateKey, client_email: email } = Object(parseJson(text));
  return type === 'service_account' && typeof privateKey === 'string' && typeof email === 'string';
}

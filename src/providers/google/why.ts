import { parseJson } from '../../json.ts';

const STORE = 'store the whole JSON key file of a service account, as it is or as base64';

/** Why a text is no service-account key, by what it is instead. Repeats no part of it. */
export function whyNoKey(given: string, texts: readonly { readonly text: string }[]) {
  for (const { text } of texts) {
    const what = whyJson(parseJson(text)) ?? whyText(text.trim());
    if (what) return { what, fix: what === ACCESS_TOKEN ? USE_ITS_USER : STORE };
  }
  const what = /^\s*MII[\w+/=\s]+$/.test(given)
    ? 'is a private key or a P12 file, not a service-account key in JSON'
    : 'is not a service-account key, which the user _json_key needs';
  return { what, fix: STORE };
}

const ACCESS_TOKEN = 'is an access token, which needs the user oauth2accesstoken';
const USE_ITS_USER = 'set USER to oauth2accesstoken; the token ends after an hour, a key does not';

function whyJson(json: unknown): string | undefined {
  const { type, web, installed, private_key: key, privateKeyType } = Object(json);
  const isNot = 'not a service-account key';
  if (type === 'authorized_user') return `is your own login of gcloud (authorized_user), ${isNot}`;
  if (type === 'external_account')
    return `is a configuration for workload identity (external_account), ${isNot}`;
  if (type === 'impersonated_service_account')
    return `is a configuration that impersonates a service account, ${isNot}`;
  if (web || installed) return `is an OAuth client's JSON, ${isNot}`;
  if (privateKeyType) return `is a key in the P12 format, ${isNot} in JSON`;
  if (type === 'service_account' && typeof key !== 'string')
    return 'describes a service account, but has no private_key';
  if (type === 'service_account') return 'is a service-account key that lacks client_email';
  return undefined;
}

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^-----BEGIN [A-Z ]*PRIVATE KEY/, 'is only the private key of a service-account key'],
  [/^-----BEGIN CERT/, 'is a certificate, not a service-account key'],
  [
    /^(?:~|\.{0,2})\/[^\n{]*$|^[A-Za-z]:\\[^\n{]*$|^[^\s{]+\.(?:json|p12)$|^@\S+$/,
    'is the path of a file, not its content',
  ],
  [/^[0-9a-f]{40}$/, 'is the ID of a key, not the key'],
  [/^[\w.-]+@[\w.-]+$/, "is a service account's e-mail address, not its key"],
  [/^ya29\./, ACCESS_TOKEN],
  [/^AIza/, 'is an API key, which no registry accepts'],
  [/^\{\s*[a-z_]+\s*:/, 'is a service-account key that has lost its quotation marks'],
];

function whyText(text: string): string | undefined {
  const isKey = text.includes('service_account') || text.includes('private_key');
  if (text.startsWith('{') && !text.endsWith('}') && isKey)
    return 'is a service-account key that is cut off';
  return KINDS.find(([pattern]) => pattern.test(text))?.[1];
}

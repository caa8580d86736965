import type { Notice, Problem } from '../problem.ts';
import { type Triple, variableName } from './triple.ts';

/** The user name under which Google's registries take a service-account key as the password. */
const JSON_KEY_USER = '_json_key';

export type GoogleKey =
  | { readonly triple: Triple; readonly notice?: Notice }
  | { readonly problem: Problem };

/**
 * A `_json_key` triple with its key as plain JSON, also when it was stored as base64 or as a quoted
 * string; any other triple as it is. A `_json_key` password that holds no service-account key is a
 * problem: Google would only answer "denied".
 */
export function decodeGoogleKey(triple: Triple): GoogleKey {
  if (triple.user !== JSON_KEY_USER || isServiceAccountKey(triple.password)) return { triple };
  const subject = variableName(triple.id, 'PASSWORD');
  for (const [form, decode] of DECODERS) {
    const password = decode(triple.password);
    if (password === undefined || !isServiceAccountKey(password)) continue;
    const what = `holds the service-account key ${form}; used decoded`;
    const notice = { code: 'GOOGLE_KEY_DECODED', subject, what } as const;
    return { triple: { ...triple, password }, notice };
  }
  const what = 'is no service-account key, which the user _json_key needs';
  const fix = 'store the whole JSON key file, as it is or as base64';
  return { problem: { code: 'GOOGLE_KEY_INVALID', subject, what, fix } };
}

const DECODERS: readonly (readonly [string, (text: string) => string | undefined])[] = [
  ['in quotes', (text) => /^\s*(["'])(.*)\1\s*$/s.exec(text)?.[2]],
  [
    'as a JSON string',
    (text) => parse(text, (value) => (typeof value === 'string' ? value : undefined)),
  ],
  [
    'as base64',
    (text) =>
      /^[A-Za-z0-9+/=_\s-]+$/.test(text) ? Buffer.from(text, 'base64').toString('utf8') : undefined,
  ],
];

function isServiceAccountKey(text: string): boolean {
  return parse(text, isKeyObject) ?? false;
}

function isKeyObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { type, private_key: privateKey, client_email: email } = value as Record<string, unknown>;
  return type === 'service_account' && typeof privateKey === 'string' && typeof email === 'string';
}

function parse<T>(text: string, use: (value: unknown) => T): T | undefined {
  try {
    return use(JSON.parse(text));
  } catch {
    return undefined;
  }
}

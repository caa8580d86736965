import { parseJson } from '../../json.ts';
import { type Triple, variableName } from '../../secrets/triple.ts';
import type { Judged } from '../provider.ts';
import { whyNoKey } from './why.ts';

/** The user names for a service-account key, as JSON or base64, at Google's registries. */
const JSON_USER = '_json_key';
const BASE64_USER = '_json_key_base64';

const HOST = /(?:^|\.)(?:gcr\.io|pkg\.dev)(?::443)?$/;

/** Both user names, and variants that you may type: `_json_keyfile`, `json_key`. */
const NEAR_USER = /^_*json[-_]*(?:key)?[-_]*(?:file)?(?<base64>[-_]*(?:base64|b64))?$/i;

/** Converts a pasted key to the form that its user name requires. Repeats no part of it. */
export function judgeGoogleKey(triple: Triple, host: string): Judged {
  const { id, user, password, command } = triple;
  const isExact = user === JSON_USER || user === BASE64_USER;
  // A command has not made its secret yet.
  if (command !== undefined || !(isExact || HOST.test(host))) return { triple };
  const near = NEAR_USER.exec(user);
  const key = findKey(password);
  const subject = variableName(id, 'PASSWORD');
  if (!key) {
    if (!near) return { triple };
    const { what, fix } = whyNoKey(password, findTexts(password));
    return { problem: { code: 'GOOGLE_KEY_INVALID', subject, what, fix } };
  }
  const isBase64 = near?.groups?.base64 !== undefined;
  const wanted = isBase64 ? BASE64_USER : JSON_USER;
  const used = isBase64 ? toBase64(password, key.text) : key.text;
  const how = [
    ...(used === password ? [] : [isBase64 ? 'as one line of base64' : 'decoded']),
    ...(user === wanted ? [] : [`with the user ${wanted}`]),
  ].join(' and ');
  if (how === '') return { triple };
  const form = used === password ? '' : ` ${key.form}`;
  const what = `holds the service-account key${form}; used ${how}`;
  const notice = { code: 'GOOGLE_KEY_DECODED', subject, what } as const;
  return { triple: { ...triple, user: wanted, password: used }, notice };
}

/** Keeps the given text if it is base64 in one line. */
function toBase64(given: string, text: string): string {
  const isOneLine = /^[A-Za-z0-9+/]+={0,2}$/.test(given) && given.length % 4 === 0;
  const decoded = isOneLine ? Buffer.from(given, 'base64').toString() : '';
  return decoded === text ? given : Buffer.from(text).toString('base64');
}

/** The key as plain JSON, with the first correction that it needed. */
function findKey(password: string): { readonly text: string; readonly form: string } | undefined {
  for (const { text, form } of findTexts(password)) {
    const parsed = parseJson(text);
    if (isServiceAccountKey(parsed)) {
      const mended = withPem(parsed);
      if (mended === parsed) return { text, form: form ?? 'as JSON' };
      return {
        text: JSON.stringify(mended),
        form: form ?? 'with wrong line breaks in private_key',
      };
    }
    // The API's response for a new key has it in base64.
    const { privateKeyData } = Object(parsed);
    if (typeof privateKeyData !== 'string') continue;
    const inner = findKey(privateKeyData);
    if (inner) return { text: inner.text, form: "within the API's answer" };
  }
  return undefined;
}

type Candidate = { readonly text: string; readonly form?: string; readonly depth: number };

/** The deepest nesting of forms: base64 of base64 in quotes. */
const DEPTH = 4;

/** All decodings of a text, itself first. */
function findTexts(given: string): Candidate[] {
  const all = new Map<string, Candidate>([[given, { text: given, depth: 0 }]]);
  // This also visits what is added meanwhile.
  for (const { text, form, depth } of all.values()) {
    if (depth === DEPTH) break;
    for (const [name, undo] of FORMS) {
      const undone = undo(text);
      if (typeof undone === 'string' && undone !== '' && !all.has(undone))
        all.set(undone, { text: undone, form: form ?? name, depth: depth + 1 });
    }
  }
  return [...all.values()];
}

const FORMS: readonly (readonly [form: string, undo: (text: string) => unknown])[] = [
  ['with a byte order mark', (text) => /^\s*\ufeff(.*)$/s.exec(text)?.[1]],
  ['in quotes', (text) => /^\s*(["'`])(.*)\1\s*$/s.exec(text)?.[2]],
  ['as a JSON string', (text) => (/^\s*"/.test(text) ? parseJson(text) : undefined)],
  ['as base64', decode64],
  ['with escaped quotes', withoutEscapes],
  ['with line breaks or a comma that JSON does not allow', repair],
];

/** Also accepts line breaks, url-safe base64, missing padding and UTF-16. */
function decode64(text: string): string | undefined {
  if (text.length < 40 || !/^[\w+/=\s-]+$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const [first, second] = bytes;
  const isBigEndian = (first === 0xfe && second === 0xff) || (first === 0 && second === 0x7b);
  if (isBigEndian) bytes.subarray(0, bytes.length - (bytes.length % 2)).swap16();
  const isUtf16 = isBigEndian || (first === 0xff && second === 0xfe) || second === 0;
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8');
}

/** `{\"type\": …}`, as in a JSON string or in a shell's quotes. */
function withoutEscapes(text: string): unknown {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.includes('\\"')) return undefined;
  return parseJson(`"${trimmed.replace(/\r?\n/g, '\\n')}"`) ?? trimmed.replaceAll('\\"', '"');
}

const ESCAPED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '', '\t': '\\t' };

/** Escapes line breaks in strings and removes commas before a closing bracket. */
function repair(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  const mend = (string: string) => string.replace(/\\.|[\n\r\t]/gs, (one) => ESCAPED[one] ?? one);
  // An unclosed string matches to the end of the text, so that matching stays linear.
  const part = /"(?:[^"\\]|\\.)*"?|,(?=\s*[}\]])/gs;
  return text.replace(part, (one) => (one === ',' ? '' : mend(one)));
}

type ServiceAccountKey = { readonly [member: string]: unknown; readonly private_key: string };

function isServiceAccountKey(parsed: unknown): parsed is ServiceAccountKey {
  const { type, private_key: privateKey, client_email: email } = Object(parsed);
  return type === 'service_account' && typeof privateKey === 'string' && typeof email === 'string';
}

const PEM = /^-----BEGIN ([A-Z ]*?) ?PRIVATE KEY-----([\w+/= ]+)-----END [A-Z ]*PRIVATE KEY-----$/;

/** The key with the private key's line breaks restored; the same object if they are right. */
function withPem(key: ServiceAccountKey): ServiceAccountKey {
  const { private_key: given } = key;
  const isRight =
    /^-----BEGIN [A-Z ]*PRIVATE KEY-----\n(?:[\w+/=]+\n)+-----END [A-Z ]+-----\n*$/.test(given);
  const isWhole = ([name, value]: [string, unknown]) =>
    name === 'private_key' || !`${value}`.includes('\n');
  if (isRight && Object.entries(key).every(isWhole)) return key;
  const [, kind = '', body] = PEM.exec(given.replace(/\\{1,4}[rnt]|[\r\n\t]/g, '').trim()) ?? [];
  if (body === undefined) return key;
  const label = `${kind ? `${kind} ` : ''}PRIVATE KEY`;
  const lines = body.replaceAll(' ', '').match(/.{1,64}/g) ?? [];
  const pem = [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
  const others = Object.entries(key).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replace(/[\r\n]+/g, '') : value,
  ]);
  return { ...Object.fromEntries(others), private_key: pem };
}

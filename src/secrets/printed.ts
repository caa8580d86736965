import { memberOf, parseJson, toTime } from '../json.ts';
import { withoutLineEnd } from './clean.ts';

/** The secret that a command printed, or why there is none. No message repeats the output. */
export function parsePrinted(
  output: Buffer,
): { readonly secret: string } | { readonly what: string } {
  const secret = withoutLineEnd(output.toString('utf8'));
  if (secret.trim() === '') return { what: 'prints nothing' };
  if (secret.includes('\ufffd')) return { what: 'prints something other than UTF-8 text' };
  if (secret.includes('\0')) return { what: 'prints a NUL character' };
  // Only a service-account key has several lines.
  if (/[\r\n]/.test(secret) && memberOf(parseJson(secret), 'private_key') === undefined)
    return { what: 'prints several lines, but a secret is one line' };
  return { secret };
}

/** When a JWT expires, in milliseconds since the epoch; undefined for any other text. */
export function findJwtEnd(secret: string): number | undefined {
  const [, payload, ...rest] = secret.split('.');
  if (payload === undefined || rest.length !== 1) return undefined;
  const end = memberOf(parseJson(Buffer.from(payload, 'base64url').toString('utf8')), 'exp');
  return typeof end === 'number' ? toTime(end * 1000) : undefined;
}

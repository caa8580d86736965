import { memberOf, membersOf, parseJson } from '../json.ts';

/** Shorter lines of a secret, such as `{` or `}`, reveal nothing, and would mask half of a log. */
const SHORTEST_LINE = 8;

/** Every form of a secret that a step may print: a log is masked line by line. */
export function findMasks(secret: string, user: string): string[] {
  const lines = secret.split(/[\r\n]+/).map((line) => line.trim());
  const isOneLine = lines.filter((line) => line !== '').length < 2;
  const telling = lines.filter((line) => line.length >= SHORTEST_LINE);
  const bytes = Buffer.from(secret);
  const forms = [
    ...(isOneLine ? [secret, secret.trim()] : telling),
    ...[bytes, Buffer.from(`${user}:${secret}`)].flatMap(encodeBytes),
    encodeURIComponent(bytes.toString()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
  ];
  return [...new Set(forms)].filter((form) => form.trim() !== '');
}

function encodeBytes(bytes: Buffer): string[] {
  return (['base64', 'base64url', 'hex'] as const).map((encoding) => bytes.toString(encoding));
}

/** The forms of every entry that a run has put into config.json, also of fresh tokens. */
export function findEntryMasks(before: string, after: string): string[] {
  const entries = membersOf(memberOf(parseJson(after), 'auths'));
  return entries.flatMap(([, entry]) => {
    const auth = memberOf(entry, 'auth');
    if (typeof auth !== 'string' || auth === '' || before.includes(auth)) return [];
    const [, user = '', secret = ''] = /^(.*?):(.*)$/s.exec(`${Buffer.from(auth, 'base64')}`) ?? [];
    return [auth, ...findMasks(secret, user)];
  });
}

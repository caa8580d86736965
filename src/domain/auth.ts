/** The one form of a credential that every client reads (clients.md 10.3). */
export function encodeAuth(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
}

/** User and password of an entry's JSON text, as far as it has them. */
export function decodeEntry(
  raw: string | undefined,
): { user: string; password: string } | undefined {
  const { auth } = Object(JSON.parse(raw ?? '{}')) as { auth?: unknown };
  return typeof auth === 'string' ? decodeAuth(auth) : undefined;
}

/** User and password of an `auth` value by docker's rules: standard base64 with padding, split at the first colon, a user that is not empty. */
export function decodeAuth(auth: string): { user: string; password: string } | undefined {
  const compact = auth.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  const text = Buffer.from(compact, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

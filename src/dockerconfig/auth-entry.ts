/**
 * User name and secret that the registry accepts, and when it stops to (milliseconds since the
 * epoch).
 */
export type Credential = {
  readonly user: string;
  readonly secret: string;
  readonly expiresAt?: number;
};

/**
 * The user name that marks an identity token in the helper protocol (docker-credential-helpers).
 */
export const IDENTITY_TOKEN_USER = '<token>';

/** The user name that Azure takes with a token. */
const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/**
 * The entry of a credential, in the one form that every client reads. An identity token has a field
 * of its own, and podman reads it only beside an `auth` (docs/clients.md, Entries).
 */
export function makeEntry({ user, secret }: Credential): { auth: string; identitytoken?: string } {
  if (user !== IDENTITY_TOKEN_USER) return { auth: encodeAuth(user, secret) };
  return { auth: encodeAuth(ZERO_GUID, ''), identitytoken: secret };
}

function encodeAuth(user: string, secret: string): string {
  return Buffer.from(`${user}:${secret}`, 'utf8').toString('base64');
}

/** The credential in an entry's JSON text, as far as it has one. */
export function readEntry(raw: string | undefined): Credential | undefined {
  const { auth, identitytoken } = Object(JSON.parse(raw ?? '{}')) as Record<string, unknown>;
  if (typeof identitytoken === 'string' && identitytoken !== '')
    return { user: IDENTITY_TOKEN_USER, secret: identitytoken };
  return typeof auth === 'string' ? decodeAuth(auth) : undefined;
}

/**
 * User and secret of an `auth` value by docker's rules: standard base64 with padding, split at the
 * first colon, a user that is not empty.
 */
export function decodeAuth(auth: string): Credential | undefined {
  const isOneLine = !auth.includes('\n') && !auth.includes('\r');
  const compact = isOneLine ? auth : auth.replace(/[\r\n]/g, '');
  if (compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  const text = Buffer.from(compact, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { user: text.slice(0, colon), secret: text.slice(colon + 1) };
}

/** What is in an entry, whatever the order, spacing and other members that docker gives it. */
export function meaningOf(raw: string): string {
  const { auth, identitytoken, username, password, registrytoken } = membersOf(raw);
  const { user = textOf(username), secret = textOf(password) } =
    (textOf(auth) && decodeAuth(textOf(auth))) || {};
  return [user, secret, textOf(identitytoken), textOf(registrytoken)].join('\0');
}

/** The same of the entry that would be written for a credential. */
export function meaningOfCredential({ user, secret }: Credential): string {
  if (user !== IDENTITY_TOKEN_USER) return `${user}\0${secret}\0\0`;
  return `${ZERO_GUID}\0\0${secret}\0`;
}

/** The meaning of an entry that names nobody: docker leaves `{}` where a helper has the login. */
export const NOBODY = '\0\0\0';

function membersOf(raw: string): Record<string, unknown> {
  return Object(JSON.parse(raw));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

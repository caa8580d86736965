/**
 * A user name and secret that a registry accepts, and until when (milliseconds since the epoch).
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

/** The user name that Azure accepts with a token. */
const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/**
 * The entry of a credential, in the one form that every client reads. An identity token has its own
 * field, which podman reads only beside an `auth`. Clients that ignore the field send the `auth`
 * (docs/clients.md, Entries).
 */
export function makeEntry({ user, secret }: Credential): { auth: string; identitytoken?: string } {
  if (user !== IDENTITY_TOKEN_USER) return { auth: encodeAuth(user, secret) };
  return { auth: encodeAuth(ZERO_GUID, secret), identitytoken: secret };
}

function encodeAuth(user: string, secret: string): string {
  return Buffer.from(`${user}:${secret}`, 'utf8').toString('base64');
}

/** An auth entry, as docker reads it. */
export type AuthEntry = {
  /** The credential in it, if it has one. */
  readonly credential: Credential | undefined;
  /** Equal for two entries that log in alike, whatever their order, spacing and other members. */
  readonly meaning: string;
  /** Whether docker can decode its `auth`; otherwise it decodes nothing in the file. */
  readonly isSound: boolean;
  /** Its JSON text, found when needed. */
  readonly text: string;
};

/** An entry from its members, decoded as ENTRY. */
export function toEntry(members: unknown, findText: () => string): AuthEntry {
  const fields: Readonly<Record<string, string | undefined>> = Object(members);
  const { auth, username = '', password = '', identitytoken: token, registrytoken = '' } = fields;
  const plain = auth ? decodeAuth(auth) : undefined;
  const { user, secret } = plain ?? { user: username, secret: password };
  return {
    credential: token ? { user: IDENTITY_TOKEN_USER, secret: token } : plain,
    meaning: `${user}\0${secret}\0${token ?? ''}\0${registrytoken}`,
    isSound: !auth || plain !== undefined,
    get text() {
      return findText();
    },
  };
}

/** User and secret of an `auth` value by docker's rules: the user must not be empty. */
function decodeAuth(auth: string): Credential | undefined {
  const split = splitAuth(auth);
  return typeof split === 'string' || split.user === '' ? undefined : split;
}

/**
 * User and secret of an `auth` value, or why there are none: standard base64 with padding, split at
 * the first colon.
 */
export function splitAuth(auth: string): Credential | 'no base64' | 'no colon' {
  const isOneLine = !auth.includes('\n') && !auth.includes('\r');
  const compact = isOneLine ? auth : auth.replace(/[\r\n]/g, '');
  const bytes = Buffer.from(compact, 'base64');
  // Nearly every entry is as we would write it, and a pattern's first use is slow.
  if (bytes.toString('base64') !== compact && !isBase64(compact)) return 'no base64';
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return 'no colon';
  const secret = text.slice(colon + 1);
  const trimmed = secret.includes('\0') ? secret.replace(/^\0+|\0+$/g, '') : secret;
  return { user: text.slice(0, colon), secret: trimmed };
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** The meaning of the entry that we would write for a credential. */
export function meaningOfCredential({ user, secret }: Credential): string {
  if (user !== IDENTITY_TOKEN_USER) return `${user}\0${secret}\0\0`;
  return `${ZERO_GUID}\0${secret}\0${secret}\0`;
}

/** The meaning of an entry without a user: docker leaves `{}` if a helper has the login. */
export const BLANK = '\0\0\0';

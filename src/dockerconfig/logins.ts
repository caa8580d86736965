import { isObject, parseJson } from '../json.ts';

/**
 * A `docker login` that docker sent to our helper; without a user a `docker logout`, which we keep
 * until the next apply.
 */
export type StoredLogin = {
  readonly user?: string | undefined;
  readonly secret?: string | undefined;
  /** Short checksum of the triple at that time: a different one is newer. */
  readonly triple?: string | undefined;
};

export type StoredLogins = ReadonlyMap<string, StoredLogin>;

/** Undefined if the file is not ours. */
export function parseLogins(text: string | undefined): StoredLogins | undefined {
  if (text === undefined) return new Map();
  const logins = new Map<string, StoredLogin>();
  const members = parseJson(text);
  if (!isObject(members)) return undefined;
  for (const [name, value] of Object.entries(members)) {
    if (!isStoredLogin(value)) return undefined;
    const { user, secret, triple } = value;
    logins.set(name, { user, secret, triple });
  }
  return logins;
}

/** Not zod: it is half of the helper's size limit. */
function isStoredLogin(value: unknown): value is StoredLogin {
  if (!isObject(value)) return false;
  const { user, secret, triple } = value;
  const isWhole = typeof user === 'string' && user !== '' && typeof secret === 'string';
  const isLogout = user === undefined && secret === undefined;
  return (isWhole || isLogout) && (triple === undefined || /^[0-9a-f]{4}$/.test(`${triple}`));
}

/** The file's text; undefined if there is no login, and so no file. */
export function renderLogins(
  logins: Iterable<readonly [name: string, login: StoredLogin | undefined]>,
): string | undefined {
  const shown = [...logins]
    .filter(([, login]) => login !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { user, secret, triple } = {}]) => {
      return `  ${JSON.stringify(name)}: ${JSON.stringify({ user, secret, triple })}`;
    });
  return shown.length > 0 ? `{\n${shown.join(',\n')}\n}\n` : undefined;
}

import { encodeAuth } from './auth.ts';
import type { Edit } from './config-edit.ts';
import { ecrTokenExpiry } from './ecr-failure.ts';
import { fingerprintEntry, type Ledger, type Login, type Row } from './ledger.ts';
import { ECR_TOKEN_USER, type Wanted } from './wanted.ts';

/** Our name in `credHelpers`: docker runs `docker-credential-registry-auth` for it. */
export const HELPER = 'registry-auth';

/** The two places of one key, `auths` and `credHelpers`, and what we remember of them. */
export type Place = {
  readonly ledger: Ledger;
  /** JSON text of the entry. */
  readonly entry: string | undefined;
  readonly helper: string | undefined;
  readonly row: Row | undefined;
  readonly login: Login | undefined;
};

/** The changes at a place, and what the ledger's row says of it afterwards. */
export type PlacePlan = { readonly edits: readonly Edit[]; readonly row: Partial<Row> };

const AS_IS: PlacePlan = { edits: [], row: {} };

/** Whether the entry is as we wrote it. */
export function isOurs({ ledger, entry, row }: Place): boolean {
  if (entry === undefined || row?.entry === undefined) return false;
  return fingerprintEntry(ledger, entry) === row.entry;
}

/** Whether an entry is there that is neither ours nor what we want, nor what we were about to replace when something stopped us. */
export function isForeign(want: Wanted, place: Place): boolean {
  const { entry, row } = place;
  return (
    entry !== undefined &&
    !isEqual(want, entry) &&
    !(row?.pending && entry === row.replacedEntry) &&
    !isOurs(place)
  );
}

export function hasForeignHelper({ helper }: Place): boolean {
  return helper !== undefined && helper !== HELPER;
}

function isEqual({ entry: wanted }: Wanted, raw: string): boolean {
  return (
    typeof wanted === 'object' &&
    JSON.stringify(JSON.parse(raw)) === JSON.stringify({ auth: wanted.auth })
  );
}

/** What becomes of the entry in `auths`. */
export function planEntry(want: Wanted, place: Place, now: number): PlacePlan {
  if (want.entry === 'none') return takeEntryBack(want.key, place);
  if (want.entry === 'keep') {
    const isAlive = (place.row?.expiresAt ?? 0) > now;
    return isAlive && isOurs(place)
      ? { edits: [], row: { ...entryOf(place.row), expiresAt: place.row?.expiresAt ?? 0 } }
      : takeEntryBack(want.key, place);
  }
  const json = { auth: want.entry.auth };
  const written = { entry: fingerprintEntry(place.ledger, JSON.stringify(json)) };
  if (place.entry !== undefined && isEqual(want, place.entry)) {
    const isAdopted = place.row?.entry === undefined;
    const kept = isAdopted ? { adopted: true, replacedEntry: place.entry } : entryOf(place.row);
    return { edits: [], row: { ...kept, ...written } };
  }
  const replaced = isForeign(want, place)
    ? { replacedEntry: place.entry as string }
    : entryOf(place.row);
  return {
    edits: [{ section: 'auths', key: want.key, value: { json } }],
    row: { ...replaced, ...written },
  };
}

function takeEntryBack(key: string, place: Place): PlacePlan {
  return isOurs(place)
    ? { edits: putBack('auths', key, place.row?.replacedEntry, place.entry), row: {} }
    : AS_IS;
}

/** What a row says of the entry that we wrote. */
export function entryOf(row: Row | undefined): Partial<Row> {
  if (row === undefined) return {};
  const names = ['entry', 'replacedEntry', 'adopted'] as const;
  return Object.fromEntries(
    names.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]])),
  );
}

/** What becomes of our name in `credHelpers`: there exactly as long as there is a reason for it, somebody's helper that would answer instead of us included. */
export function planHelper(
  want: Wanted,
  place: Place,
  canUseHelper: boolean,
): PlacePlan & { readonly lacksHelper: boolean } {
  const { helper, row } = place;
  const replaced = hasForeignHelper(place) ? JSON.stringify(helper) : row?.replacedHelper;
  const isNeeded = want.isHostKey && (want.helper || replaced !== undefined);
  if (!isNeeded || !canUseHelper) {
    return { edits: takeHelperBack(want.key, place), row: {}, lacksHelper: isNeeded };
  }
  const edit: Edit = { section: 'credHelpers', key: want.key, value: { json: HELPER } };
  const part = { helper: true, ...(replaced === undefined ? {} : { replacedHelper: replaced }) };
  return { edits: helper === HELPER ? [] : [edit], row: part, lacksHelper: false };
}

/** Takes our name away, and gives the place back to the helper that it replaced. */
export function takeHelperBack(key: string, { helper, row }: Place): readonly Edit[] {
  return helper === HELPER
    ? putBack('credHelpers', key, row?.replacedHelper, JSON.stringify(HELPER))
    : [];
}

export function putBack(
  section: Edit['section'],
  key: string,
  replaced: string | undefined,
  current: string | undefined,
): readonly Edit[] {
  if (replaced === current) return [];
  return [{ section, key, value: replaced === undefined ? undefined : { raw: replaced } }];
}

/** The user name that marks an identity token in the helper protocol (docker-credential-helpers). */
export const IDENTITY_TOKEN_USER = '<token>';

/** Whether a login is an ECR token that has died: no statement of anybody's any more. */
export function isExpiredLogin({ user, secret }: Login, now: number): boolean {
  const expiry = user === ECR_TOKEN_USER ? ecrTokenExpiry(secret ?? '') : undefined;
  return expiry !== undefined && expiry <= now;
}

/** Moves a login that our helper holds to where docker looks once the helper is gone. */
export function moveLogin(key: string, { user = '', secret = '' }: Login): Edit {
  return { section: 'auths', key, value: { json: loginEntry(user, secret) } };
}

/** An identity token has a field of its own, and podman reads it only beside an `auth` (clients.md 3.4). */
function loginEntry(user: string, secret: string): Record<string, string> {
  if (user !== IDENTITY_TOKEN_USER) return { auth: encodeAuth(user, secret) };
  return { auth: encodeAuth('00000000-0000-0000-0000-000000000000', ''), identitytoken: secret };
}

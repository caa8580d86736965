import { type Credential, makeEntry, readEntry } from '../config/auth.ts';
import { isExpiredToken, needsExchange } from '../ecr/keys.ts';
import type { Claim } from '../registries/claims.ts';
import { isGithubsOwn } from '../registries/github.ts';
import type { Row } from './ledger.ts';
import type { Context } from './request.ts';
import { EMPTIED, type Standing, type Target } from './slot.ts';

/** Our name in `credHelpers`: docker runs `docker-credential-registry-auth` for it. */
export const HELPER = 'registry-auth';
export const HELPER_TEXT = JSON.stringify(HELPER);

/** One key: what is wanted there, what stands in its two slots, and what we remember of them. */
export type Place = {
  readonly key: string;
  readonly row?: Row | undefined;
  readonly entry: EntryStanding;
  readonly helper: HelperStanding;
};
export type Claimed = Place & { readonly claim: Claim; readonly wish: Wish };

/** What a claim wants at its key. */
export type Wish = {
  /** `stay`: no token could be had this time, so an old one of ours stays while it lives. */
  readonly entry: Target | 'stay';
  /**
   * Whether docker must ask us: a credsStore is set, the credential expires, or no secret may rest.
   */
  readonly helper: boolean;
  readonly expiresAt?: number | undefined;
};

export type EntryStanding = Standing & {
  readonly owner: 'nobody' | 'ours' | 'theirs';
  /** Whether a credential of ours is in it. */
  readonly isFilled: boolean;
};

/** Our name is nobody else's, whatever the ledger says. */
export type HelperStanding = Standing & { readonly isForeign: boolean };

export function findPlace(key: string, context: Context): Place {
  const row = context.ledger.rows[key];
  return { key, row, entry: judgeEntry(key, context), helper: judgeHelper(key, context) };
}

export function findClaimed(claim: Claim, context: Context): Claimed {
  const { key } = claim;
  const wish = findWish(claim, context);
  const entry = judgeEntry(key, context, { claim, wish });
  return {
    key,
    row: context.ledger.rows[key],
    claim,
    wish,
    entry,
    helper: judgeHelper(key, context),
  };
}

function findWish(claim: Claim, { config, request }: Context): Wish {
  const { triple, registry, use } = claim;
  const { mode, credentials } = request;
  const expires = needsExchange(registry, triple);
  const hasReason = expires || mode === 'helper' || config.credsStore !== undefined;
  const helper = use !== 'namespace' && hasReason;
  if (use === 'alias') return { entry: 'before', helper };
  if (mode === 'helper') return { entry: 'absent', helper };
  const credential: Credential | 'unavailable' = expires
    ? (credentials.get(triple.id) ?? 'unavailable')
    : { user: triple.user, secret: triple.password };
  if (credential === 'unavailable') return { entry: 'stay', helper };
  const entry = { json: makeEntry(credential) };
  return { entry, helper, expiresAt: credential.expiresAt };
}

/** What an entry is, for whoever wants or leaves its key. */
type Kind =
  | ('nothing' | 'blank' | 'expired' | 'theirs' | 'emptied' | 'wanted' | 'ours')
  /** What GitHub writes by itself. */
  | ('lasting' | 'expiring');

const FILLED: ReadonlySet<Kind> = new Set(['wanted', 'lasting', 'expiring', 'ours']);

type Wanting = { readonly claim: Claim; readonly wish: Wish };

/** Whose entry stands at a key, and what to remember once it is replaced (design.md section 7). */
function judgeEntry(key: string, context: Context, wanting?: Wanting): EntryStanding {
  const text = context.config.auths.get(key);
  const row = context.ledger.rows[key];
  const kind = kindOf(text, row, context, wanting);
  const before = row?.entry?.before;
  const isKept = kind === 'blank' || kind === 'lasting';
  const isFilled = FILLED.has(kind);
  const isOurs = isFilled || kind === 'emptied';
  return {
    text,
    isWanted: kind === 'wanted',
    isOurs,
    isFilled,
    owner: kind === 'theirs' ? 'theirs' : isOurs ? 'ours' : 'nobody',
    keepsake: kind === 'theirs' ? text : isKept ? (before ?? text) : before,
  };
}

/** Whether GitHub writes such an entry by itself, where that counts as ours. */
function ownOf(text: string | undefined, { request }: Context, wanting: Wanting | undefined) {
  if (!wanting || wanting.claim.use === 'alias') return undefined;
  const credential = readEntry(text);
  return credential && isGithubsOwn(credential, wanting.claim, request.github);
}

function kindOf(
  text: string | undefined,
  row: Row | undefined,
  context: Context,
  wanting: Wanting | undefined,
): Kind {
  const { marks, request } = context;
  const target = wanting?.wish.entry;
  if (text !== undefined && typeof target === 'object' && isSameJson(text, target.json))
    return 'wanted';
  const isEmptied = row?.entry?.ours.at(-1) === EMPTIED && row.theirs !== true;
  if (text === undefined) return isEmptied ? 'emptied' : 'nothing';
  if (isBlank(text)) return isEmptied ? 'emptied' : 'blank';
  const own = ownOf(text, context, wanting);
  if (own) return own;
  const json: unknown = JSON.parse(text);
  if (row?.entry?.ours.some((mark) => marks.entries.matches(mark, json))) return 'ours';
  const { user = '', secret = '' } = readEntry(text) ?? {};
  return isExpiredToken(user, secret, request.now) ? 'expired' : 'theirs';
}

function isSameJson(text: string, json: unknown): boolean {
  const compact = JSON.stringify(json);
  return text === compact || JSON.stringify(JSON.parse(text)) === compact;
}

/** Docker leaves an empty entry where a helper holds the login: nobody's statement. */
function isBlank(entry: string): boolean {
  const value = Object(JSON.parse(entry)) as Record<string, unknown>;
  return !['auth', 'identitytoken', 'registrytoken', 'username', 'password'].some(
    (name) => typeof value[name] === 'string' && value[name] !== '',
  );
}

function judgeHelper(key: string, { config, ledger }: Context): HelperStanding {
  const text = config.credHelpers.get(key);
  const isOurs = text === HELPER_TEXT;
  const isForeign = text !== undefined && !isOurs;
  const keepsake = isForeign ? text : ledger.rows[key]?.helper?.before;
  return { text, isWanted: isOurs, isOurs, isForeign, keepsake };
}

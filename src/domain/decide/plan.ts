import type { Claim } from '../registries/claims.ts';
import { GITHUB_TOKEN_ID } from '../registries/github.ts';
import { findLoginKey } from '../registries/keys.ts';
import { decide, type Owner } from './decide.ts';
import { tripleText } from './fingerprint.ts';
import { emptyRecord, isAlive, type Ledger, type Login, type Row } from './ledger.ts';
import { type Claimed, findClaimed, findPlace } from './place.ts';
import type { Context, Request } from './request.ts';
import { keep, leave, release, type Step, type Unclaimed, write } from './step.ts';

export type Steps = {
  /** Claims in their order, then rows that nothing claims. */
  readonly steps: readonly Step[];
  readonly logins: Ledger['logins'];
};

/** All keys of one host, or of one namespace: they are one login. */
type Group = {
  readonly login: Login | undefined;
  readonly claimed: readonly Claimed[];
  readonly unclaimed: readonly Unclaimed[];
};

/** Decides, login by login, what becomes of each key: the most recent explicit statement wins. */
export function planSteps(context: Context): Steps {
  const { request, ledger } = context;
  const steps = new Map<string, Step>();
  const logins = Object.assign(emptyRecord<Login>(), ledger.logins);
  request.forgottenLogins.forEach((key) => {
    delete logins[key];
  });
  groupKeys(request, ledger).forEach((keys, loginKey) => {
    const planned = planGroup(findGroup(loginKey, keys, context), context);
    for (const step of planned.steps) steps.set(step.key, step);
    if (loginKey in logins && !planned.keepsLogin) delete logins[loginKey];
  });
  const order = new Set([...request.claims.map(({ key }) => key), ...Object.keys(ledger.rows)]);
  return { steps: [...order].flatMap((key) => steps.get(key) ?? []), logins };
}

type Keys = { readonly claims: Claim[]; readonly others: string[] };

function groupKeys({ claims }: Request, { rows }: Ledger): Map<string, Keys> {
  const groups = new Map<string, Keys>();
  const claimed = new Set<string>();
  for (const claim of claims) {
    claimed.add(claim.key);
    groupOf(claim.key, groups).claims.push(claim);
  }
  for (const key of Object.keys(rows)) if (!claimed.has(key)) groupOf(key, groups).others.push(key);
  return groups;
}

function groupOf(key: string, groups: Map<string, Keys>): Keys {
  const loginKey = findLoginKey(key);
  const known = groups.get(loginKey);
  if (known) return known;
  const group: Keys = { claims: [], others: [] };
  groups.set(loginKey, group);
  return group;
}

function findGroup(loginKey: string, { claims, others }: Keys, context: Context): Group {
  const isOutOfTurn = claims.some((claim) => isTooEarly(claim, context));
  const left = isOutOfTurn ? [...claims.map(({ key }) => key), ...others] : others;
  return {
    login: context.ledger.logins[loginKey],
    claimed: isOutOfTurn ? [] : claims.map((claim) => findClaimed(claim, context)),
    unclaimed: left.flatMap((key) => {
      const row = context.ledger.rows[key];
      return row ? { ...findPlace(key, context), row } : [];
    }),
  };
}

/**
 * Whether something that yields would take a key over from another triple. Only once that is known
 * to be gone, and left nobody's login behind; GITHUB_TOKEN comes and goes with what it yields to.
 */
function isTooEarly({ key, rank, triple }: Claim, { ledger, request }: Context): boolean {
  const row = ledger.rows[key];
  if (rank !== 'yielding' || !row || [triple.id, GITHUB_TOKEN_ID].includes(row.id)) return false;
  const hasBefore = row.entry?.before !== undefined || row.helper?.before !== undefined;
  return hasBefore || !mayRemove(key, row, request);
}

function mayRemove(key: string, { id }: Row, { removal }: Request): boolean {
  if (removal === 'none') return false;
  return 'keys' in removal ? removal.keys.has(key) : !removal.exceptIds.has(id);
}

type GroupPlan = { readonly steps: readonly Step[]; readonly keepsLogin: boolean };

function planGroup(group: Group, context: Context): GroupPlan {
  const { claimed, unclaimed } = group;
  const owner = findOwner(group, context);
  // Without a row, a login that stays is nothing that we have to do with.
  const hasRow = claimed.some(({ row }) => row !== undefined);
  const mine = claimed.map((place): Step => {
    const isKept = decide(place.claim.rank, owner) === 'keep';
    if (!isKept) return write(place, { login: liveLogin(group, context), owner }, context);
    return keep(place, { login: group.login, owner, hasRow }, context);
  });
  const others = unclaimed.map((place): Step => {
    const wanted = mayRemove(place.key, place.row, context.request) ? 'gone' : 'unknown';
    if (decide(wanted, place.entry.owner) === 'leave') return leave(place);
    return release(place, claimed.length > 0 ? undefined : group.login, context);
  });
  const stays = ({ outcome, row }: Step) => outcome === 'kept' && (!hasRow || row?.helper);
  const keepsLogin =
    claimed.length > 0 ? mine.some(stays) : others.some(({ row }) => row !== undefined);
  return { steps: mine.concat(others), keepsLogin };
}

/**
 * Theirs at one key of a login is theirs at all. What is ours is as good as nobody's to a claim.
 */
function findOwner({ claimed, login }: Group, context: Context): Owner {
  const isTheirs =
    claimed.some(isForeign) || (login !== undefined && isAlive(login, context.request.now));
  if (!isTheirs) return 'nobody';
  return isNewer(claimed, context) ? 'outdated' : 'theirs';
}

function isForeign({ claim, entry, helper }: Claimed): boolean {
  return claim.use !== 'alias' && (helper.isForeign || entry.owner === 'theirs');
}

/**
 * Whether the triple is a newer statement than a login beside it: a file's never is (design.md 5).
 */
function isNewer(claimed: readonly Claimed[], { request, marks }: Context): boolean {
  const [first] = claimed;
  if (first === undefined || request.force) return true;
  const { triple } = first.claim;
  if (triple.file !== undefined) return false;
  const text = tripleText(triple);
  return !claimed.some(({ row }) => row?.triple && marks.matches(row.triple, text));
}

function liveLogin({ login }: Group, { request }: Context): Login | undefined {
  return login && isAlive(login, request.now) ? login : undefined;
}

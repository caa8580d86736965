import type { Ledger } from '../decide/ledger.ts';
import type { Problem } from '../problem.ts';
import type { Claim } from '../registries/claims.ts';
import {
  findHostKeys,
  findLoginKey,
  HUB_HOST,
  HUB_KEY,
  isAlias,
  isHostKey,
} from '../registries/keys.ts';
import { findProvider, type Provider } from '../registries/provider.ts';
import {
  parseAddress,
  parseReference,
  type Reference,
  repeatable,
} from '../registries/reference.ts';

/** One registry, or one image of it, that is to be checked. */
export type CheckTarget = {
  /** Of the triple that wants the key, or that we wrote it for. */
  readonly id?: string;
  /** Absent where this shell has no triple that wants the key. */
  readonly claim?: Claim;
  readonly provider: Provider;
  readonly host: string;
  /** What docker looks up; for a namespace that docker cannot tell apart, what podman does. */
  readonly key: string;
  readonly image?: Image;
};

export type Image = {
  /** As it was typed. */
  readonly text: string;
  readonly name: string;
  readonly reference: string;
};

export type Targets = {
  readonly targets: readonly CheckTarget[];
  readonly problems: readonly Problem[];
};

/** What a word on the command line can be measured by. */
export type Known = {
  readonly claims: readonly Claim[];
  /** IDs of triples that cannot be used. */
  readonly brokenIds: ReadonlySet<string>;
  /** Every key that Docker's configuration, or our record of it, knows. */
  readonly keys: readonly string[];
  readonly rows: Ledger['rows'];
};

/** What the words name: IDs, hosts and images; without any word, whatever has a triple. */
export function findTargets(words: readonly string[], known: Known): Targets {
  if (words.length === 0) return { targets: findAll(known), problems: [] };
  const found = words.map((word) => findOne(word, known));
  const targets = new Map(
    found.flatMap((one) => ('targets' in one ? one.targets : [])).map(byName),
  );
  return {
    targets: [...targets.values()],
    problems: found.flatMap((one) => ('code' in one ? one : [])),
  };
}

/** The same thing may be named twice. */
function byName(target: CheckTarget): [string, CheckTarget] {
  return [`${target.key} ${target.image?.text ?? ''}`, target];
}

/** What has a triple, and what we wrote for one that is not in this shell. */
function findAll(known: Known): CheckTarget[] {
  const claimed = findClaimed(known.claims);
  const logins = new Set(known.claims.map(({ key }) => findLoginKey(key)));
  const written = Object.entries(known.rows).filter(
    ([key]) => isHostKey(key) && !isAlias(key) && !logins.has(findLoginKey(key)),
  );
  const others = written.map(([key, { id }]) => ({ ...targetOf(hostOf(key), known), id }));
  return [...claimed, ...new Map(others.map(byName)).values()];
}

function hostOf(key: string): string {
  return findLoginKey(key) === HUB_KEY ? HUB_HOST : key;
}

/** One for each host; and for each namespace whose triple docker has no use for. */
function findClaimed(claims: readonly Claim[]): CheckTarget[] {
  return claims.flatMap((claim) => {
    const { host, provider, namespace } = claim.registry;
    const [first] = findHostKeys(host);
    if (claim.use === 'host')
      return claim.key === first ? { id: claim.triple.id, claim, provider, host, key: first } : [];
    const isOwner = claims.find(({ key }) => key === first)?.triple.id === claim.triple.id;
    if (claim.use === 'alias' || isOwner || !isFirstOf(claim, namespace)) return [];
    return { id: claim.triple.id, claim, provider, host, key: claim.key };
  });
}

/** Docker Hub and port 443 have several keys for one namespace. */
function isFirstOf({ key, registry }: Claim, namespace = ''): boolean {
  const [first] = findHostKeys(registry.host).filter((one) => one !== HUB_KEY);
  return key === `${first}/${namespace}`;
}

type Result = { readonly targets: readonly CheckTarget[] } | Problem;

function findOne(word: string, known: Known): Result {
  const targets = findAll(known).filter(({ id }) => id === word);
  if (targets.length > 0) return { targets };
  if (known.brokenIds.has(word)) return { targets: [] };
  if (/^\w+$/.test(word) && !isKnownHost(word, known)) return unknown(word, 'is no ID of a triple');
  const address = isKnownHost(word, known) ? { host: word.toLowerCase() } : parseAddress(word);
  if ('what' in address) return unknown(word, address.what);
  if (address.repository !== undefined)
    return { targets: [targetOf(address.host, known, imageOf(word))] };
  return isKnownHost(address.host, known)
    ? { targets: [targetOf(address.host, known)] }
    : unknown(word, 'is a host that neither a triple nor Docker has a credential for');
}

function isKnownHost(host: string, { claims, keys }: Known): boolean {
  const wanted = findLoginKey(host.toLowerCase());
  return [...claims.map(({ key }) => key), ...keys]
    .filter(isHostKey)
    .some((key) => findLoginKey(key) === wanted);
}

function targetOf(host: string, { claims, rows }: Known, image?: Image): CheckTarget {
  const key = host === HUB_HOST ? HUB_KEY : host;
  const claim = claims.find((one) => one.key === key && one.use !== 'namespace');
  const id = claim?.triple.id ?? rows[key]?.id;
  return {
    provider: findProvider(host).provider,
    host,
    key,
    ...(id ? { id } : {}),
    ...(claim ? { claim } : {}),
    ...(image ? { image } : {}),
  };
}

/** What docker pulls where neither a tag nor a digest is named. */
const DEFAULT_TAG = 'latest';

function imageOf(text: string): Image {
  // The word was understood already.
  const { repository, tag, digest } = parseReference(text) as Reference;
  return { text, name: repository, reference: digest ?? tag ?? DEFAULT_TAG };
}

function unknown(word: string, what: string): Problem {
  const subject = repeatable(word, 'check');
  const fix = 'name an ID, a host or an image; registry-auth status shows what there is';
  return { code: 'USAGE', subject, what, fix };
}

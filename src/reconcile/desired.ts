import { meaningOfTriple } from '../dockerconfig/checksum.ts';
import type { Problem } from '../problem.ts';
import type { Named, Registry } from '../providers/provider.ts';
import { findHostKeys, findNamespaceKeys, loginName } from '../registries/keys.ts';
import { type Triple, variableName } from '../secrets/triple.ts';

/** The login that triples describe: all keys of one host, or of one namespace. */
export type Desired = {
  readonly name: string;
  /** The IDs with this credential for this login; the first is the triple's. */
  readonly ids: readonly string[];
  readonly triple: Triple;
  readonly registry: Registry;
  /** Never replaces a foreign login: GITHUB_TOKEN, or a namespace's triple for the whole host. */
  readonly isFallback: boolean;
  readonly isNamespace: boolean;
  /** Keys of `auths`, and of `credHelpers` if we need our helper. */
  readonly keys: readonly string[];
};

export type Wanted = {
  /** Sorted by ID. */
  readonly desired: readonly Desired[];
  /** IDs whose login went to an ID with another credential. */
  readonly clashing: ReadonlySet<string>;
  readonly problems: readonly Problem[];
};

/**
 * A host gets the first triple without a namespace, else the first with one. A triple of an env
 * file gets only what the environment's triples leave. Two credentials for one login are a problem,
 * and the first wins.
 */
export function findDesired(all: readonly Named[]): Wanted {
  const logins = new Map<string, Desired>();
  const problems = new Map<string, Problem>();
  const want = (named: Named, isNamespace = false) => {
    const login = toDesired(named, isNamespace);
    const first = logins.get(login.name);
    if (first === undefined) logins.set(login.name, login);
    else if (isSameCredential(first.triple, login.triple))
      logins.set(login.name, join(first, login));
    else if (!login.isFallback)
      problems.set(login.triple.id, claimedTwice(first.triple.id, login.triple.id));
  };
  for (const source of new Set(all.map(({ triple }) => triple.file))) {
    const ours = all.filter(({ triple }) => triple.file === source);
    const inNamespaces = ours.filter(({ registry }) => registry.namespace);
    for (const named of ours) if (!named.registry.namespace) want(named);
    for (const named of inNamespaces) want(named);
    for (const named of inNamespaces) want(named, true);
  }
  const desired = [...logins.values()].sort(byId);
  return { desired, clashing: new Set(problems.keys()), problems: [...problems.values()] };
}

/** The login of a triple at its host, or in its namespace there. */
function toDesired({ triple, registry }: Named, isNamespace: boolean): Desired {
  const { host, namespace } = registry;
  return {
    name: loginName(isNamespace ? `${host}/${namespace}` : host),
    ids: [triple.id],
    triple,
    registry,
    isFallback: !isNamespace && (namespace !== undefined || triple.isGiven === true),
    isNamespace,
    keys: isNamespace ? findNamespaceKeys(host, namespace ?? '') : findHostKeys(host),
  };
}

/** One login for two triples with one credential. */
function join(first: Desired, other: Desired): Desired {
  const keys = [...new Set([...first.keys, ...other.keys])];
  const isAnother = first.isFallback === other.isFallback && !first.ids.includes(other.triple.id);
  return { ...first, keys, ids: isAnother ? [...first.ids, other.triple.id] : first.ids };
}

function byId({ triple: a }: Desired, { triple: b }: Desired): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

export function isSameCredential(a: Triple, b: Triple): boolean {
  return meaningOfTriple(a) === meaningOfTriple(b);
}

function claimedTwice(winner: string, loser: string): Problem {
  const [subject, other] = [variableName(loser, 'SERVER'), variableName(winner, 'SERVER')];
  const what = `names the same registry as ${other}, with another credential; ${winner} is used, ${loser} is not`;
  const fix = `remove ${loser} or ${winner}, or give each a namespace of its own`;
  return { code: 'REGISTRY_CLAIMED_TWICE', subject, what, fix, id: loser };
}

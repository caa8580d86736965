import type { Managed } from '../dockerconfig/managed.ts';
import type { Problem } from '../problem.ts';
import { findProvider } from '../providers/find.ts';
import type { Provider } from '../providers/provider.ts';
import type { Desired } from '../reconcile/desired.ts';
import { HUB_HOST, HUB_KEY, isHostKey, loginName } from '../registries/keys.ts';
import { unknownName } from '../registries/named.ts';
import { type Address, parseAddress } from '../registries/reference.ts';

export type CheckTarget = {
  /** The ID of the triple for the key, or of the one that we wrote it for. */
  readonly id?: string | undefined;
  /** Absent if this shell has no triple for the key. */
  readonly desired?: Desired | undefined;
  /** Found here: the registry's own may come from a bundle without advice. */
  readonly provider: Provider;
  readonly host: string;
  /** The key that docker looks up; for a namespace, which docker ignores, podman's. */
  readonly key: string;
  readonly image?: Image | undefined;
};

type Image = {
  readonly text: string;
  readonly name: string;
  readonly reference: string;
  readonly isLatest: boolean;
};

type Checkable = {
  readonly desired: readonly Desired[];
  /** IDs of unusable triples. */
  readonly brokenIds: ReadonlySet<string>;
  /** Every key in Docker's configuration and in our record of it. */
  readonly keys: readonly string[];
  readonly managed: ReadonlyMap<string, Managed>;
};

/** What the words name: IDs, hosts and images; without words, everything that has a triple. */
export function findTargets(words: readonly string[], known: Checkable) {
  const problems: Problem[] = [];
  if (words.length === 0) return { targets: findAll(known), problems };
  const targets = new Map<string, CheckTarget>();
  for (const word of words) {
    const found = findNamed(word, known);
    if ('code' in found) problems.push(found);
    // Two words may name one target.
    else for (const one of found) targets.set(`${one.key} ${one.image?.text ?? ''}`, one);
  }
  return { targets: [...targets.values()], problems };
}

/** Everything with a triple, and entries of ours whose triple is not set in this shell. */
function findAll(known: Checkable): CheckTarget[] {
  const names = new Set(known.desired.map(({ name }) => name));
  const written = [...known.managed.keys()].filter((name) => isHostKey(name) && !names.has(name));
  const others = written.map((name) => targetOf(name, known));
  return [...findWanted(known.desired), ...others.filter(({ id }) => id !== undefined)];
}

/** One for each host, and for each namespace whose triple docker does not use. */
function findWanted(all: readonly Desired[]): CheckTarget[] {
  return all.flatMap((desired) => {
    const { triple, registry, isNamespace, keys } = desired;
    const { host } = registry;
    const owner = all.find(({ name }) => name === loginName(host));
    if (isNamespace && owner?.triple.id === triple.id) return [];
    return { id: triple.id, desired, provider: findProvider(host), host, key: keys[0] ?? host };
  });
}

function findNamed(word: string, known: Checkable): readonly CheckTarget[] | Problem {
  const all = findAll(known);
  const isOf = ({ desired, key }: CheckTarget) =>
    desired?.ids.includes(word) || known.managed.get(loginName(key))?.ids.includes(word);
  // If several IDs share one credential, each may name it.
  const targets = all.filter(isOf).map((target) => ({ ...target, id: word }));
  if (targets.length > 0 || known.brokenIds.has(word)) return targets;
  const isHost = isKnownHost(word, known);
  const names = [
    ...known.brokenIds,
    ...all.flatMap(({ id = '', desired }) => [id, ...(desired?.ids ?? [])]),
    ...known.keys.filter(isHostKey).map(loginName),
  ];
  const unknown = (what: string) => unknownName(word, what, names, 'check');
  if (/^\w+$/.test(word) && !isHost) return unknown('is not the ID of a triple');
  const address = isHost ? { host: word.toLowerCase() } : parseAddress(word);
  if ('what' in address) return unknown(address.what);
  if (address.repository) return [targetOf(address.host, known, imageOf(word, address))];
  if (isKnownHost(address.host, known)) return [targetOf(address.host, known)];
  return unknown('has no triple, and Docker has no credential for it');
}

function isKnownHost(host: string, { desired, keys }: Checkable): boolean {
  const wanted = loginName(host.toLowerCase());
  const hosts = keys.filter(isHostKey).map(loginName);
  return hosts.includes(wanted) || desired.some(({ name }) => name === wanted);
}

function targetOf(host: string, { desired: all, managed }: Checkable, image?: Image): CheckTarget {
  const key = host === HUB_HOST ? HUB_KEY : host;
  const name = loginName(host);
  const desired = all.find((one) => one.name === name && one.keys.includes(key));
  const id = desired?.triple.id ?? managed.get(name)?.ids[0];
  return { provider: findProvider(host), host, key, id, desired, image };
}

/** The image in a word; without tag and digest docker pulls `latest`. */
function imageOf(text: string, { repository: name = '', tag, digest }: Address): Image {
  return { text, name, reference: digest ?? tag ?? 'latest', isLatest: !digest && !tag };
}

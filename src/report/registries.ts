import type { Messages } from '../problem.ts';
import { findProvider } from '../providers/find.ts';
import type { Next, NextKey } from '../reconcile/next.ts';
import { HELPER, isAsItWas, isForeign, isOurs, type Login } from '../reconcile/ownership.ts';
import type { Change } from '../reconcile/plan.ts';
import { findHostKeys, splitName } from '../registries/keys.ts';
import { findBlock, type KeyState } from './ready.ts';

/** What one run of apply found and did; never contains a secret. */
export type Summary = Messages & {
  /** The path of config.json as shown to you. */
  readonly config: string;
  readonly dryRun: boolean;
  /** Where credentials are: in the file, or only in our helper. */
  readonly mode: 'file' | 'helper';
  /** Whether anything was (in a dry run: would be) written. */
  readonly changed: boolean;
  readonly registries: readonly SummaryRegistry[];
};

export type SummaryRegistry = {
  readonly id: string;
  readonly provider: string;
  /** Undefined if the ID is in our record but in no source. */
  readonly source?: string | undefined;
  /**
   * Whether clients have this ID's credential now: false if AWS returned no token, if the entry is
   * gone, or if a foreign login is kept.
   */
  readonly ready: boolean;
  /** Why it is not ready although it is written: a state as in status. */
  readonly state?: KeyState;
  readonly keys: readonly KeyOutcome[];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
};

type KeyOutcome = { readonly key: string; readonly outcome: Outcome };

export type Outcome = 'written' | 'unchanged' | 'kept' | 'removed' | 'restored';

/** What a change did to each key of one login. */
export type LoginOutcome = Pick<Login, 'name' | 'desired'> &
  Pick<Next, 'managed'> & {
    /** The triple's ID, or the record's first. */
    readonly id: string;
    readonly provider: string;
    readonly keys: readonly KeyOutcome[];
    /** Why its credential is not ready, wherever it is written. */
    readonly block: KeyState | undefined;
    /** Whether a foreign login is kept although the triple is new. */
    readonly isNews: boolean;
  };

export const NOTHING_DONE: Summary = {
  config: '',
  dryRun: false,
  mode: 'file',
  changed: false,
  registries: [],
  problems: [],
  notices: [],
};

/** One registry for each ID, with the outcome of its keys. */
export function summarise(changes: readonly LoginOutcome[]): SummaryRegistry[] {
  const sources = new Map(
    changes.map(({ desired }) => [desired?.triple.id, desired?.triple.source]),
  );
  const byId = new Map<string, LoginOutcome[]>();
  for (const change of changes.filter(isOfOurs)) {
    const same = byId.get(change.id) ?? [];
    same.push(change);
    byId.set(change.id, same);
  }
  return Array.from(byId.values(), (ours) => {
    const { id, provider } = ours[0] as LoginOutcome;
    const keys = ours.flatMap((change) => change.keys);
    const isLeft = ours.some(isKept);
    const isDone = keys.some(({ outcome }) => outcome === 'written' || outcome === 'unchanged');
    const blocks = isLeft ? [] : ours.map(({ block }) => block);
    const block = blocks.includes('no-helper') ? 'no-helper' : blocks[0];
    return {
      id,
      provider,
      source: sources.get(id),
      ready: block === undefined && isDone && !isLeft,
      ...(block ? { state: block } : {}),
      keys,
      expiresAt: ours.find(({ managed }) => managed?.expiresAt !== undefined)?.managed?.expiresAt,
    };
  });
}

/** Whether a foreign login is kept at one of its keys. */
export function isKept({ keys }: Pick<LoginOutcome, 'keys'>): boolean {
  return keys.some(({ outcome }) => outcome === 'kept');
}

/** Whether anything here was or is ours. */
function isOfOurs({ id, managed, keys }: LoginOutcome): boolean {
  const isChanged = keys.some(({ outcome }) => outcome !== 'unchanged');
  return id !== '' && (managed !== undefined || isChanged);
}

export function findOutcome({ login, next }: Change): LoginOutcome {
  const { name, desired, managed: before } = login;
  const { decision, keys, managed, lacksHelper } = next;
  const id = desired?.ids[0] ?? before?.ids[0] ?? '';
  // What was foreign before and stays is kept, too.
  const isLeft = decision === 'leave' && desired !== undefined && isForeign(login);
  const isKept = decision === 'keep' || isLeft;
  const isGone = before !== undefined && managed === undefined;
  const ours = keys.filter(isConcerned);
  // Otherwise the keys that docker looks up.
  const isCanonical = ({ key }: NextKey) => findHostKeys(name).includes(key.key);
  const shown = ours.length > 0 ? ours : keys.filter(isCanonical);
  return {
    name,
    desired,
    managed,
    id,
    provider: (desired?.registry.provider ?? findProvider(splitName(name).host)).name,
    keys: shown.map((one) => ({
      key: one.key.key,
      outcome: isKept ? 'kept' : findKeyOutcome(one, isGone),
    })),
    block: lacksHelper ? 'no-helper' : findBlock(id, login),
    isNews: isKept && !isAsItWas(login),
  };
}

/** Whether a key is ours, before or after the change. */
function isConcerned(one: NextKey): boolean {
  const { key } = one;
  return key.use === 'entry' || isOurs(key) || key.helper === HELPER || isChanged(one);
}

function isChanged({ key, after }: NextKey): boolean {
  return key.entry !== after.entry || key.helper !== after.helper;
}

function findKeyOutcome(one: NextKey, isGone: boolean): Outcome {
  const { key, after } = one;
  if (!isGone) return isChanged(one) ? 'written' : 'unchanged';
  if (!isChanged(one)) return key.owner === 'foreign' ? 'kept' : 'removed';
  const isBack = (what: 'entry' | 'helper') => after[what] && after[what] !== key[what];
  return isBack('entry') || isBack('helper') ? 'restored' : 'removed';
}

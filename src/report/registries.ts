import type { Messages } from '../problem.ts';
import type { Desired } from '../reconcile/desired.ts';
import type { LoginOutcome, Outcome } from './outcomes.ts';
import { ALL_HAVE_TOKENS, findBlock, type KeyState, type Tokenless } from './ready.ts';

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
  readonly keys: readonly { readonly key: string; readonly outcome: Outcome }[];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
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

/** One registry for each ID, with the outcome of its keys. Without triples nothing is ready. */
export function summarise(
  changes: readonly LoginOutcome[],
  desired: readonly Desired[],
  tokenless: Tokenless = ALL_HAVE_TOKENS,
): SummaryRegistry[] {
  const sources = new Map(desired.map(({ triple }) => [triple.id, triple.source]));
  const byId = new Map<string, LoginOutcome[]>();
  for (const change of changes.filter(isOfOurs)) {
    const same = byId.get(change.id) ?? [];
    same.push(change);
    byId.set(change.id, same);
  }
  return Array.from(byId.values(), (ours) => {
    const { id, provider } = ours[0] as LoginOutcome;
    const keys = ours.flatMap((change) => change.keys);
    const isKept = keys.some(({ outcome }) => outcome === 'kept');
    const isDone = keys.some(({ outcome }) => outcome === 'written' || outcome === 'unchanged');
    const lacksHelper = ours.some((change) => change.lacksHelper);
    const block = isKept ? undefined : findBlock(id, tokenless, lacksHelper);
    return {
      id,
      provider,
      source: sources.get(id),
      ready: block === undefined && isDone && !isKept,
      ...(block ? { state: block } : {}),
      keys,
      expiresAt: ours.find(({ managed }) => managed?.expiresAt !== undefined)?.managed?.expiresAt,
    };
  });
}

/** Whether anything here was or is ours. */
function isOfOurs({ id, managed, keys }: LoginOutcome): boolean {
  const isChanged = keys.some(({ outcome }) => outcome !== 'unchanged');
  return id !== '' && (managed !== undefined || isChanged);
}

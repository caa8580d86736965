import type { Outcome, Step } from '../decide/step.ts';
import type { Notice, Problem } from '../problem.ts';
import type { Claim } from '../registries/claims.ts';

/** What one run of apply found and did; never holds a secret. */
export type Summary = {
  /** How the user knows the path of config.json. */
  readonly config: string;
  readonly dryRun: boolean;
  /** Where credentials are: in the file, or with our helper alone. */
  readonly mode: 'file' | 'helper';
  /** Whether anything was (in a dry run: would be) written. */
  readonly changed: boolean;
  readonly registries: readonly SummaryRegistry[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

export type SummaryRegistry = {
  readonly id: string;
  readonly provider: string;
  /** Undefined for what is in the ledger but in no source. */
  readonly source?: string | undefined;
  /**
   * Whether clients have this ID's credential now: false where AWS gave no token, where the entry
   * is gone, and where somebody's own login is kept.
   */
  readonly ready: boolean;
  readonly keys: readonly { readonly key: string; readonly outcome: Outcome }[];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
};

/** A summary of nothing. */
export const NOTHING_DONE: Summary = {
  config: '',
  dryRun: false,
  mode: 'file',
  changed: false,
  registries: [],
  problems: [],
  notices: [],
};

/** One registry for each ID, with what became of its keys. Without claims nothing is ready. */
export function summarise(
  steps: readonly Step[],
  claims: readonly Claim[],
  unavailable: ReadonlySet<string>,
): SummaryRegistry[] {
  const sources = new Map<string, string>();
  for (const { triple } of claims) sources.set(triple.id, triple.source);
  const byId = new Map<string, Step[]>();
  for (const step of steps.filter(isWorthAWord)) {
    const others = byId.get(step.id);
    if (others) others.push(step);
    else byId.set(step.id, [step]);
  }
  return Array.from(byId.values(), (ours) => {
    const { id, provider } = ours[0] as Step;
    return {
      id,
      provider,
      source: sources.get(id),
      ready: !unavailable.has(id) && isReady(ours),
      keys: ours.map(({ key, outcome }) => ({ key, outcome })),
      expiresAt: ours.find(expires)?.row?.expiresAt,
    };
  });
}

function isReady(steps: readonly Step[]): boolean {
  return steps.some(isDone) && !steps.some(isKept);
}

function isDone({ outcome }: Step): boolean {
  return outcome === 'written' || outcome === 'unchanged';
}

function isKept({ outcome }: Step): boolean {
  return outcome === 'kept';
}

function expires({ row }: Step): boolean {
  return row?.expiresAt !== undefined;
}

function isWorthAWord({ row, outcome }: Step): boolean {
  return row !== undefined || outcome !== 'unchanged';
}

import type { Notice, Problem } from './problem.ts';
import type { Outcome } from './reconcile.ts';

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
  readonly source?: string;
  /** Whether clients have a credential now: false where AWS gave no token, or where the entry is gone. */
  readonly ready: boolean;
  readonly keys: readonly { readonly key: string; readonly outcome: Outcome }[];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
};

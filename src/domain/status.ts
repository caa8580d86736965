import type { Notice, Problem } from './problem.ts';

/** One key, as the file has it and as the sources want it. */
export type StatusKey = {
  readonly key: string;
  readonly id: string;
  readonly provider: string;
  /** Where the triple is now; undefined when no source of this shell has it. */
  readonly source?: string;
  /** Who answers docker: the file, our helper, somebody's own login, or nobody yet. */
  readonly state: 'file' | 'helper' | 'login' | 'logged-out' | 'expired' | 'missing';
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
};

export type Status = {
  readonly config: string;
  readonly credsStore?: string;
  readonly keys: readonly StatusKey[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

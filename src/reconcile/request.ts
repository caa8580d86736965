import type { Credentials, Environment } from '../providers/provider.ts';
import type { Desired } from './desired.ts';
import type { State } from './state.ts';

/** Where secrets may rest: in `config.json`, or nowhere, so that our helper answers. */
export type CredentialsMode = 'file' | 'helper';

/** Triples that are there and can't be used: their logins are neither desired nor gone. */
export type Broken = {
  readonly ids: ReadonlySet<string>;
  readonly logins: ReadonlySet<string>;
  /** IDs that lost their login to another ID. */
  readonly clashing: ReadonlySet<string>;
  /** Env files that cannot be read just now, as records name them. */
  readonly files: ReadonlySet<string>;
};

export type Request = {
  readonly desired: readonly Desired[];
  readonly broken: Broken;
  readonly credentials: Credentials;
  readonly mode: CredentialsMode;
  readonly isPrebuild: boolean;
  /** Whether a postCreate hook runs, or has run, so that it never will again. */
  readonly isPostCreated: boolean;
  readonly isCodespace: boolean;
  readonly force: boolean;
  /** Which logins that are not desired may go: none, all, or those of some names. */
  readonly removal: 'none' | 'all' | ReadonlySet<string>;
  readonly canUseHelper: boolean;
  readonly environment: Environment;
  /** Env files that others could change, or that are gone: records forget them. */
  readonly unfitFiles: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** All that a decision looks at. */
export type Context = { readonly state: State; readonly request: Request };

import type { State } from '../dockerconfig/state.ts';
import type { Credentials, Environment } from '../providers/provider.ts';
import type { Desired } from './desired.ts';

/** Where secrets may be kept: in `config.json`, or nowhere, so that our helper answers. */
export type CredentialsMode = 'file' | 'helper';

/** Triples that are set but unusable: their logins are neither desired nor removed. */
export type Broken = {
  readonly ids: ReadonlySet<string>;
  readonly logins: ReadonlySet<string>;
  /** IDs that lost their login to another ID. */
  readonly clashing: ReadonlySet<string>;
  /** Env files that cannot be read now, named as in the records. */
  readonly files: ReadonlySet<string>;
};

export type Request = {
  /** By name. */
  readonly desired: ReadonlyMap<string, Desired>;
  readonly broken: Broken;
  readonly credentials: Credentials;
  readonly mode: CredentialsMode;
  readonly isPrebuild: boolean;
  /** Whether postCreate runs now or has run; it runs only once. */
  readonly isPostCreated: boolean;
  readonly isCodespace: boolean;
  readonly force: boolean;
  /** Which logins that are not desired may be removed: none, all, or those named. */
  readonly removal: 'none' | 'all' | ReadonlySet<string>;
  readonly canUseHelper: boolean;
  readonly environment: Environment;
  /** Env files that another user could change, or that are gone: not recorded. */
  readonly unfitFiles: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
};

/** Everything a decision needs. */
export type Context = { readonly state: State; readonly request: Request };

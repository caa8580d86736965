import type { Credential } from '../config/auth.ts';
import type { DockerConfig } from '../config/docker-config.ts';
import type { Claim } from '../registries/claims.ts';
import type { GithubUser } from '../registries/github.ts';
import type { Fingerprints } from './fingerprint.ts';
import type { Ledger } from './ledger.ts';

/**
 * Where secrets may rest: in `config.json`, or nowhere, so that our helper answers from the
 * environment.
 */
export type CredentialsMode = 'file' | 'helper';

/**
 * By ID, the credential of each registry whose keys had to be exchanged; or that none was to be
 * had.
 */
export type Credentials = ReadonlyMap<string, Credential | 'unavailable'>;

/**
 * Which rows that nothing wants any more may go: all but some IDs', those of some keys, or none.
 */
export type Removal =
  | 'none'
  | { readonly exceptIds: ReadonlySet<string> }
  | { readonly keys: ReadonlySet<string> };

/**
 * Env files that gave a triple. Others that the ledger names stay where they may be out of sight,
 * but not those that are unfit: gone, or open to other users.
 */
export type EnvFileMemory = {
  readonly used: readonly string[];
  readonly keepsOthers: boolean;
  readonly unfit: readonly string[];
};

/** What a command wants of config.json and ledger. */
export type Request = {
  readonly claims: readonly Claim[];
  readonly credentials: Credentials;
  readonly mode: CredentialsMode;
  /** What is written ends in a snapshot. */
  readonly isPrebuild: boolean;
  /** Whether a postCreate hook runs, or has run, so that it never will again. */
  readonly isPostCreated: boolean;
  /** Write over a login that somebody made since. */
  readonly force: boolean;
  readonly removal: Removal;
  /** The login keys of what our helper holds and should hold no more. */
  readonly forgottenLogins: ReadonlySet<string>;
  /** Whether docker would find our helper on PATH. */
  readonly canUseHelper: boolean;
  readonly github: GithubUser | undefined;
  readonly envFiles: EnvFileMemory;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** For a ledger that has no key yet. */
  readonly newKey: string;
};

/** All that a decision looks at. */
export type Context = {
  readonly config: DockerConfig;
  readonly ledger: Ledger;
  readonly request: Request;
  readonly marks: Fingerprints;
};

/** Whether nothing may rest that is derived from a secret. */
export function isSilent({ isPrebuild, mode }: Request): boolean {
  return isPrebuild && mode === 'helper';
}

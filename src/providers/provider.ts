import type { Credential } from '../dockerconfig/auth-entry.ts';
import type { Notice, Problem } from '../problem.ts';
import type { Source, Triple } from '../secrets/triple.ts';

/** Who runs a registry, and all that is special about it: one file, and its line in list.ts. */
export type Provider = {
  /** Every command shows it; stable in JSON. */
  readonly name: string;
  /** Whether it runs the registry on a host: in lower case, without the port 443. */
  readonly matches: (host: string) => boolean;
  /** The host of its API, if image references name another one. */
  readonly apiHost?: string;
  /** Hosts of token services that may get the password, besides the registry's own. */
  readonly tokenHosts?: readonly string[];
  /** False if one credential is for everything on a host: a path in SERVER is ignored. */
  readonly hasNamespaces?: false;
  /** The user name of an exchanged credential, if its triples may hold keys to exchange. */
  readonly exchangedUser?: string;
  /** Whether the user that is a GUID of zeros may have an identity token as password. */
  readonly takesZeroGuid?: true;
  /**
   * Whether a triple is usual, so that `judge` need not be loaded. By default it is if neither its
   * user name nor its password looks like a secret of another kind.
   */
  readonly isUsual?: (triple: Triple) => boolean;
  /** How its usual secrets begin, which would be unusual elsewhere. */
  readonly usualSecrets?: readonly string[];
  /**
   * Examines every unusual triple, also one for another provider's host, to which its secrets must
   * not be sent: corrects secrets stored in a known other form, and refuses what cannot work.
   */
  readonly judge?: ((triple: Triple, host: string) => Judged) | undefined;
  readonly secrets?: readonly Secret[] | undefined;
  /** Its hosts that serve no images. */
  readonly sites?: readonly Site[] | undefined;
  /** When a credential that contains its expiry expires, in milliseconds since the epoch. */
  readonly findExpiry?: (credential: Credential) => number | undefined;
  /** A credential that an environment may hold without a triple. */
  readonly given?: {
    /** Its ID in messages and in our record: the variable's name. */
    readonly id: string;
    readonly find: (environment: Environment) => Triple | undefined;
  };
  /**
   * Whether Codespaces writes a credential by itself, at any start, so that it is not your login:
   * `lasting` if it still works later, `expiring` if not.
   */
  readonly writtenByCodespaces?: (
    credential: Credential,
    triple: Triple,
    environment: Environment,
  ) => 'lasting' | 'expiring' | undefined;
  /** Absent from all bundles but check's. */
  readonly advice: Advice | undefined;
};

/** The registry that SERVER names. */
export type Registry = {
  /** `host` or `host:port`, lower case. */
  readonly host: string;
  readonly namespace?: string | undefined;
  readonly provider: Provider;
};

/** A triple with the registry in its SERVER. */
export type Named = { readonly triple: Triple; readonly registry: Registry };

export type Secret = {
  readonly begins: string | RegExp;
  /** Such as `a GitHub classic token`. */
  readonly kind: string;
  /** Why the provider's own registry does not accept it, and what to use instead. */
  readonly unfit?: { readonly why: string; readonly fix: string };
  /** Whether it works at any provider's registry, or as USER at the provider's own. */
  readonly isAnywhere?: true;
  readonly mayBeUser?: (host: string) => boolean;
};

/** A host that is no registry: what to use as SERVER instead, or why it cannot work. */
export type Site = { readonly host: RegExp } & (
  | { readonly server: (path: readonly string[]) => string; readonly is: string }
  | { readonly what: string; readonly fix: string | ((host: string) => string) }
);

export type Environment = Source['variables'];

/** The corrected triple, or why it cannot work; with both, our helper shows why at a pull. */
export type Judged =
  | { readonly triple: Triple; readonly notice?: Notice; readonly problem?: Problem }
  | { readonly problem: Problem };

/** By ID, the credential that its keys were exchanged for, or `unavailable`. */
export type Credentials = ReadonlyMap<string, Credential | 'unavailable'>;

/** What to do if a credential is rejected or a pull denied, in one imperative sentence. */
export type Advice = Readonly<
  Record<'rejected' | 'denied', string | ((refused: Refused) => string)>
>;

type Refused = {
  readonly host: string;
  readonly user: string;
  readonly isExchanged: boolean;
  /** Whether it is the provider's `given` credential. */
  readonly isGiven: boolean;
};

declare global {
  /** scripts/build.js defines it for every bundle but check's. */
  var WITHOUT_ADVICE: true | undefined;
  /** Likewise for every bundle but that of pasted.ts. */
  var WITHOUT_PASTED: true | undefined;
}

/**
 * Keeps a part for unusual triples in the bundle of pasted.ts alone. A part that has a name needs
 * the condition where it is used: esbuild keeps what the argument of a call names.
 */
export function forPasted<Part>(part: Part): Part | undefined {
  return globalThis.WITHOUT_PASTED ? undefined : part;
}

/** Keeps advice in check's bundle alone: esbuild drops it from the others. */
export function forCheck(advice: Advice): Advice | undefined {
  return globalThis.WITHOUT_ADVICE ? undefined : advice;
}

/** Whether a command makes the secret, or keys, which no registry accepts. */
export function needsExchange({ registry, triple: { user, command } }: Named): boolean {
  const { exchangedUser } = registry.provider;
  return command !== undefined || (exchangedUser !== undefined && user !== exchangedUser);
}

/** Whether PASSWORD is a token that has expired. */
export function isDead(
  { provider: { findExpiry } }: { readonly provider: Provider },
  { user, password: secret }: Triple,
  now: number,
): boolean {
  return (findExpiry?.({ user, secret }) ?? Number.POSITIVE_INFINITY) <= now;
}

/** The user name of a credential whose secret is not made yet. */
export function findMadeUser({ registry, triple }: Named): string {
  return registry.provider.exchangedUser ?? triple.user;
}

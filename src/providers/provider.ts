import type { Credential } from '../dockerconfig/auth-entry.ts';
import type { Notice, Problem } from '../problem.ts';
import type { Source, Triple } from '../secrets/triple.ts';

/** Who runs a registry, and all that is special about it: one file, and its line in list.ts. */
export type Provider = {
  /** Shown by every command, and stable in its JSON. */
  readonly name: string;
  /** Whether it runs the registry on a host: in lower case, without the port 443. */
  readonly matches: (host: string) => boolean;
  /** Where its API is, if not on the host that image references name. */
  readonly apiHost?: string;
  /** Hosts besides the registry's own at which a token service may get the password. */
  readonly tokenHosts?: readonly string[];
  /** False where one credential is for everything on a host: a path in SERVER is ignored. */
  readonly hasNamespaces?: false;
  /** Where triples may hold keys to exchange: the user name of a credential that was exchanged. */
  readonly exchangedUser?: string;
  /** Whether it takes an identity token as a password, of the user that is a GUID of zeros. */
  readonly takesZeroGuid?: true;
  /** Whether a triple for it looks as it should, so that `judge` need not be loaded. */
  readonly isUsual?: (triple: Triple) => boolean;
  /** The user names that most of its triples have, where these look like keys. */
  readonly usualUser?: RegExp;
  /**
   * Looks at every unusual triple, also at one for another provider's host, where its secrets must
   * not be sent: mends what is known to be stored in another form, and refuses what cannot work.
   */
  readonly judge?: ((triple: Triple, host: string) => Judged) | undefined;
  readonly secrets?: readonly Secret[] | undefined;
  /** Hosts of it that no image name begins with. */
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
   * Whether Codespaces writes a credential by itself, at any start, so that it is no login of the
   * user's: `lasting` where it still works later, `expiring` where it does not.
   */
  readonly writtenByCodespaces?: (
    credential: Credential,
    triple: Triple,
    environment: Environment,
  ) => 'lasting' | 'expiring' | undefined;
  /** Absent from all bundles but check's. */
  readonly advice: Advice | undefined;
};

export type Secret = {
  readonly begins: string | RegExp;
  /** Such as `a GitHub classic token`. */
  readonly kind: string;
  /** Why it can't be used at the provider's own registry, and what can. */
  readonly unfit?: { readonly why: string; readonly fix: string };
  /** Whether it may be used at any provider's registry, or as USER at the provider's own. */
  readonly isAnywhere?: true;
  readonly mayBeUser?: (host: string) => boolean;
};

/** A host that is none of a registry's: what SERVER is used as, or why it can't be. */
export type Site = { readonly host: RegExp } & (
  | { readonly server: (path: readonly string[]) => string; readonly is: string }
  | { readonly what: string; readonly fix: string | ((host: string) => string) }
);

export type Environment = Source['variables'];

/** A triple as mended, or why it cannot work; with both, our helper tells why at a pull. */
export type Judged =
  | { readonly triple: Triple; readonly notice?: Notice; readonly problem?: Problem }
  | { readonly problem: Problem };

/** By ID, the credential that the keys were exchanged for; or that none was to be had. */
export type Credentials = ReadonlyMap<string, Credential | 'unavailable'>;

/** What to do, in one imperative sentence: after what to renew, and where a pull is denied. */
export type Advice = Readonly<
  Record<'rejected' | 'denied', string | ((refused: Refused) => string)>
>;

type Refused = {
  readonly host: string;
  readonly user: string;
  readonly isExchanged: boolean;
  /** Whether it is a provider's `given` one. */
  readonly isGiven: boolean;
};

declare global {
  /** Defined by scripts/build.js, for every bundle but check's. */
  var WITHOUT_ADVICE: true | undefined;
  /** And for every bundle but that of pasted.ts. */
  var WITHOUT_PASTED: true | undefined;
}

/** What is looked at closely, in the bundle of pasted.ts alone. */
export function forPasted<Part>(part: Part): Part | undefined {
  return globalThis.WITHOUT_PASTED ? undefined : part;
}

/** The advice, in check's bundle alone: esbuild leaves its text out of the others. */
export function forCheck(advice: Advice): Advice | undefined {
  return globalThis.WITHOUT_ADVICE ? undefined : advice;
}

/** Whether the secret is made first: by a command, or of keys, which no registry accepts. */
export function needsExchange(
  { provider: { exchangedUser } }: { readonly provider: Provider },
  { user, command }: Triple,
): boolean {
  return command !== undefined || (exchangedUser !== undefined && user !== exchangedUser);
}

/** Whom a client comes as, whose secret is still to be made. */
export function findMadeUser({ registry, triple }: Made): string {
  return registry.provider.exchangedUser ?? triple.user;
}

type Made = { readonly registry: { readonly provider: Provider }; readonly triple: Triple };

import type { Credential } from '../dockerconfig/auth-entry.ts';

/** All of a machine that a client reads to find a login. Plain data, collected by io. */
export type Machine = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** The text of each existing file, by path; `findFiles` lists the paths. */
  readonly files: ReadonlyMap<string, string>;
  /** Programs on PATH whose names begin with `docker-credential-`, and `pass`. */
  readonly programs: ReadonlySet<string>;
};

/** A login in a file or variable, which ends the search. */
type FoundEntry = {
  readonly kind: 'entry';
  readonly source: 'auths' | 'variable';
  /** The path of the file, or the name of the variable. */
  readonly where: string;
  readonly key: string;
  readonly credential: Credential;
};

/** A helper; the search goes on only if it reports that it has no such login. */
export type Helper = {
  readonly kind: 'helper';
  /** The file that names it. */
  readonly where: string;
  readonly program: string;
  readonly serverUrl: string;
  /** What a missing or failing helper does: end the search, or count as no login. */
  readonly failure: 'ends' | 'passes';
};

/** What the client cannot read, so that it stops. */
export type Fault = {
  readonly kind: 'fault';
  readonly where: string;
  readonly why: string;
  /** Whether it only warns, and goes on without a login. */
  readonly isWarning?: true;
};

export type Lookup = FoundEntry | Helper | Fault;

/**
 * How a helper reports that it has no such login: a wire string of docker-credential-helpers, which
 * clients compare byte by byte, on stdout (docs/clients.md, Credential helpers).
 */
export const NOT_FOUND = 'credentials not found in native keychain';

/** A helper's reply; `unasked` if it was not run. */
export type Reply = Credential | 'not-found' | 'failed' | 'unasked';

export type ResolvedLogin =
  | { readonly source: 'nothing' }
  /** With `nothing` the client warns, and goes on without a login. */
  | { readonly source: 'nothing' | 'error'; readonly where: string; readonly why: string }
  | Omit<FoundEntry, 'kind'>
  /** Without a credential if the helper was not run. */
  | (Omit<Helper, 'kind' | 'failure'> & {
      readonly source: 'helper';
      readonly credential?: Credential;
    });

/** The first login that the lookups find; `ask` replies for the helpers on PATH. */
export function resolveLogin(
  lookups: readonly Lookup[],
  { programs }: Pick<Machine, 'programs'>,
  ask: (helper: Helper) => Reply,
): ResolvedLogin {
  for (const lookup of lookups) {
    const { where } = lookup;
    if (lookup.kind === 'fault')
      return { source: lookup.isWarning ? 'nothing' : 'error', where, why: lookup.why };
    if (lookup.kind === 'entry') {
      const { source, key, credential } = lookup;
      return { source, where, key, credential };
    }
    const login = resolveHelper(lookup, programs.has(lookup.program) ? ask(lookup) : 'missing');
    if (login) return login;
  }
  return { source: 'nothing' };
}

/** Undefined if the search goes on. */
function resolveHelper(
  { where, program, serverUrl, failure }: Helper,
  reply: Reply | 'missing',
): ResolvedLogin | undefined {
  const found = { source: 'helper', where, program, serverUrl } as const;
  if (reply === 'unasked') return found;
  if (typeof reply === 'object') return { ...found, credential: reply };
  if (reply === 'not-found' || failure === 'passes') return undefined;
  const why = `${program} ${reply === 'missing' ? 'is not on PATH' : 'fails'}`;
  return { source: 'error', where, why };
}

import type { Credential } from '../dockerconfig/auth-entry.ts';

/** All of a machine that a client looks at to find a login. Plain data, which io gathers. */
export type Machine = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** The text of each file that is there, by its path; `findFiles` lists the paths. */
  readonly files: ReadonlyMap<string, string>;
  /** The programs on PATH whose names begin with `docker-credential-`; and `pass`. */
  readonly programs: ReadonlySet<string>;
};

/** A login in a file or variable, which ends the search. */
type FoundEntry = {
  readonly kind: 'entry';
  /** The path of the file, or the name of the variable. */
  readonly where: string;
  readonly key: string;
  readonly credential: Credential;
  readonly isVariable?: true;
};

/** A helper, which decides; the search goes on where it reports that it has no such login. */
export type Helper = {
  readonly kind: 'helper';
  /** The file that names it. */
  readonly where: string;
  readonly program: string;
  readonly serverUrl: string;
  /** What an error of the helper's, or its absence, does: end all, or count as no login. */
  readonly failure: 'ends' | 'passes';
};

/** What the client cannot read, which ends its work. */
export type Fault = {
  readonly kind: 'fault';
  readonly where: string;
  readonly why: string;
  /** Whether it only warns, and goes on without a login. */
  readonly isWarning?: true;
};

export type Lookup = FoundEntry | Helper | Fault;

/** What a helper answers; `unasked` where it was not run. */
export type Reply = Credential | 'not-found' | 'failed' | 'unasked';

export type ResolvedLogin =
  | { readonly source: 'nothing' }
  /** With nothing the client warns, and goes on without a login. */
  | { readonly source: 'nothing' | 'error'; readonly where: string; readonly why: string }
  | ({ readonly source: 'auths' | 'variable' } & Pick<FoundEntry, 'where' | 'key' | 'credential'>)
  | ({
      readonly source: 'helper';
      /** Undefined where the helper was not asked. */
      readonly credential?: Credential;
    } & Pick<Helper, 'where' | 'program' | 'serverUrl'>);

/** The first login that the lookups lead to; `ask` answers for the helpers that are on PATH. */
export function resolveLogin(
  lookups: readonly Lookup[],
  { programs }: Pick<Machine, 'programs'>,
  ask: (helper: Helper) => Reply,
): ResolvedLogin {
  const askIfThere = (helper: Helper) => (programs.has(helper.program) ? ask(helper) : 'missing');
  for (const lookup of lookups) {
    const login = resolveOne(lookup, askIfThere);
    if (login) return login;
  }
  return { source: 'nothing' };
}

/** Undefined where the search goes on. */
function resolveOne(
  lookup: Lookup,
  ask: (helper: Helper) => Reply | 'missing',
): ResolvedLogin | undefined {
  const { where } = lookup;
  if (lookup.kind === 'fault')
    return { source: lookup.isWarning ? 'nothing' : 'error', where, why: lookup.why };
  if (lookup.kind === 'entry') {
    const { key, credential, isVariable } = lookup;
    return { source: isVariable ? 'variable' : 'auths', where, key, credential };
  }
  const { program, serverUrl, failure } = lookup;
  const reply = ask(lookup);
  const found = { source: 'helper', where, program, serverUrl } as const;
  if (reply === 'unasked') return found;
  if (typeof reply === 'object') return { ...found, credential: reply };
  if (reply === 'not-found' || failure === 'passes') return undefined;
  const why = `${program} ${reply === 'missing' ? 'is not on PATH' : 'fails'}`;
  return { source: 'error', where, why };
}

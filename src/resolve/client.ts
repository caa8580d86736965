import type { Credential } from '../dockerconfig/auth-entry.ts';

/** All of a machine that a client looks at to find a login. Plain data, which io gathers. */
export type Machine = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** The text of each file that is there, by its path; `findPaths` says which are asked for. */
  readonly files: ReadonlyMap<string, string>;
  /** The programs on PATH whose names begin with `docker-credential-`; and `pass`. */
  readonly programs: ReadonlySet<string>;
};

/** One place in which a client looks. */
export type Stop =
  /** A login in a file or variable, which ends the search. */
  | {
      readonly kind: 'entry';
      /** The path of the file, or the name of the variable. */
      readonly where: string;
      readonly key: string;
      readonly credential: Credential;
      readonly isVariable?: true;
    }
  /** A helper, which decides; the search goes on where it says that it knows no such login. */
  | {
      readonly kind: 'helper';
      /** The file that names it. */
      readonly where: string;
      readonly program: string;
      readonly serverUrl: string;
      /** What an error of the helper's, or its absence, does: end all, or count as no login. */
      readonly failure: 'ends' | 'passes';
    }
  /** What the client cannot read, which ends its work. */
  | { readonly kind: 'fault'; readonly where: string; readonly why: string };

export type Helper = Extract<Stop, { kind: 'helper' }>;

/** What a helper answers; `unasked` where nobody ran it. */
export type Reply = Credential | 'not-found' | 'failed' | 'unasked';

/** Where a client takes its login from. */
export type ClientAnswer =
  | { readonly source: 'nothing' }
  | {
      readonly source: 'auths' | 'variable';
      readonly where: string;
      readonly key: string;
      readonly credential: Credential;
    }
  | {
      readonly source: 'helper';
      readonly where: string;
      readonly program: string;
      readonly serverUrl: string;
      /** Undefined where the helper was not asked. */
      readonly credential?: Credential;
    }
  | { readonly source: 'error'; readonly where: string; readonly why: string };

/** Follows the stops of a client to its login; `ask` answers for the helpers that are on PATH. */
export function follow(
  stops: readonly Stop[],
  { programs }: Pick<Machine, 'programs'>,
  ask: (helper: Helper) => Reply,
): ClientAnswer {
  for (const stop of stops) {
    const isHelper = stop.kind === 'helper';
    const login = isHelper ? askHelper(stop, programs.has(stop.program), ask) : toLogin(stop);
    if (login) return login;
  }
  return { source: 'nothing' };
}

function toLogin(stop: Exclude<Stop, Helper>): ClientAnswer {
  if (stop.kind === 'fault') return { source: 'error', where: stop.where, why: stop.why };
  const { where, key, credential, isVariable } = stop;
  return { source: isVariable ? 'variable' : 'auths', where, key, credential };
}

/** Undefined where the search goes on. */
function askHelper(helper: Helper, isThere: boolean, ask: (helper: Helper) => Reply) {
  const { where, program, serverUrl, failure } = helper;
  const reply = isThere ? ask(helper) : 'failed';
  const found = { source: 'helper', where, program, serverUrl } as const;
  if (reply === 'unasked') return found;
  if (typeof reply === 'object') return { ...found, credential: reply };
  if (reply === 'not-found' || failure === 'passes') return undefined;
  const why = isThere ? `${program} fails` : `${program} is not on PATH`;
  return { source: 'error', where, why } as const;
}

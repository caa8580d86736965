import type { Problem } from '../problem.ts';
import { HELPER } from '../reconcile/ownership.ts';
import type { Address } from '../registries/reference.ts';
import {
  type Helper,
  type Machine,
  type Reply,
  type ResolvedLogin,
  resolveLogin,
} from '../resolve/client.ts';
import { CLIENTS, type Client, lookUp, programsOf } from '../resolve/look-up.ts';

export const OUR_PROGRAM = `docker-credential-${HELPER}`;

export type ClientLogin = { readonly client: Client; readonly login: ResolvedLogin };

/**
 * The login of each client. Only our own helper is used, in this process: another one may open a
 * window or a connection.
 */
export function findClientLogins(
  address: Address,
  machine: Machine,
  askOurs: (serverUrl: string) => Reply,
): ClientLogin[] {
  const { HOME: home } = machine.env;
  const show = (path: string) =>
    home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
  const ask = ({ program, serverUrl }: Helper) =>
    program === OUR_PROGRAM ? askOurs(serverUrl) : 'unasked';
  return CLIENTS.map((client) => {
    const login = resolveLogin(lookUp(client, address, machine), machine, ask);
    return { client, login: 'where' in login ? { ...login, where: show(login.where) } : login };
  });
}

/** One problem for each reason why clients fail. */
export function findClientProblems(logins: readonly ClientLogin[]): Problem[] {
  const failures = logins.flatMap(({ client, login }) =>
    login.source === 'error' ? { client, subject: login.where, why: login.why } : [],
  );
  const reasons = new Map(failures.map((one) => [one.subject + one.why, one]));
  return Array.from(reasons.values(), ({ subject, why }) => {
    const same = failures.filter((one) => one.subject === subject && one.why === why);
    const programs = same.flatMap(({ client }) => programsOf(client));
    const what = `${why}, so this fails: ${programs.join(', ')}`;
    return { code: 'CLIENT_FAILS', subject, what, fix: 'correct the file' };
  });
}

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
import { CLIENTS } from '../resolve/look-up.ts';

export const OUR_PROGRAM = `docker-credential-${HELPER}`;

export type ClientLogin = {
  readonly client: string;
  readonly programs: readonly string[];
  readonly login: ResolvedLogin;
};

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
  return Object.entries(CLIENTS).map(([client, { find, programs }]) => {
    const found = resolveLogin(find(address, machine), machine, ask);
    const login = 'where' in found ? { ...found, where: show(found.where) } : found;
    return { client, programs, login };
  });
}

/** One problem for each reason why clients fail. */
export function findClientProblems(logins: readonly ClientLogin[]): Problem[] {
  const failures = logins.flatMap(({ programs, login }) =>
    login.source === 'error' ? { programs, subject: login.where, why: login.why } : [],
  );
  const reasons = new Map(failures.map((one) => [one.subject + one.why, one]));
  return Array.from(reasons.values(), ({ subject, why }) => {
    const same = failures.filter((one) => one.subject === subject && one.why === why);
    const failing = same.flatMap(({ programs }) => programs);
    const what = `${why}, so this fails: ${failing.join(', ')}`;
    return { code: 'CLIENT_FAILS', subject, what, fix: 'correct the file' };
  });
}

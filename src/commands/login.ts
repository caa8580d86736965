import { updateConfig } from '../dockerconfig/file.ts';
import { renderLogins, type StoredLogin } from '../dockerconfig/logins.ts';
import type { State } from '../dockerconfig/state.ts';
import { parseJson } from '../json.ts';
import type { Problem } from '../problem.ts';
import { parseQuestion, type Question } from '../registries/question.ts';
import type { Report } from '../report/text.ts';
import { recordLogin } from '../resolve/helper.ts';
import type { World } from '../world.ts';
import { fail, inOneLine, NO_SERVER, ok } from './credential-helper.ts';

/** Handles a `docker login` that docker sends to our helper. */
export async function store(text: string, world: World): Promise<Report> {
  const given = parseJson(text);
  if (typeof given !== 'object' || given === null)
    return fail('standard input is no JSON credential');
  const { ServerURL: server, Username: user, Secret: secret } = given as Record<string, unknown>;
  if (typeof server !== 'string' || server.trim() === '') return fail(NO_SERVER);
  // Fixed by the protocol, like NO_SERVER.
  if (typeof user !== 'string' || user === '') return fail('no credentials username');
  if (typeof secret !== 'string') return fail('no credentials secret');
  const question = parseQuestion(server.trim());
  if (question === undefined) return fail('the server URL names no host');
  return remember(world, question, { user, secret });
}

/** Handles a `docker logout`. */
export async function erase(text: string, world: World): Promise<Report> {
  const server = text.trim();
  if (server === '') return fail(NO_SERVER);
  const question = parseQuestion(server);
  return question ? remember(world, question, {}) : ok();
}

/** Stores a login, or a logout if there is something to log out of. */
async function remember(
  { place, now, mode, options, state, found }: World,
  question: Question,
  login: StoredLogin,
): Promise<Report> {
  if ('problem' in place) return fail(inOneLine(place.problem));
  // Other users get the snapshot, with everything that is written before it.
  const isPrebuild = mode.isPrebuild && options.prebuild !== 'file';
  const isRefused = isPrebuild && login.user !== undefined;
  // Nothing is added to an unreadable file, because that would lose the rest.
  const damaged = state.notices.find(({ code }) => code === 'LOGINS_DAMAGED');
  const problem = damaged ?? (isRefused ? REFUSED_IN_PREBUILD : undefined);
  if (problem) return fail(inOneLine(problem));
  const plan = (current: State) => {
    const known = { found, state: current };
    const text = renderLogins(recordLogin(question, login, known, isPrebuild));
    const isSame = text === renderLogins(current.logins);
    return { writes: isSame ? [] : [{ file: 'logins', text } as const] };
  };
  const done = await updateConfig(place.dir, state, plan, now);
  return 'problem' in done ? fail(inOneLine(done.problem)) : ok();
}

const REFUSED_IN_PREBUILD: Problem = {
  code: 'PREBUILD_LOGIN_REFUSED',
  subject: 'login',
  what: 'is not stored during a prebuild, because everyone who uses its snapshot could read it',
  fix: 'use secrets of the repository, or log in once the codespace is created',
};

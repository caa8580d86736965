import { updateConfig } from '../dockerconfig/file.ts';
import { renderLogins, type StoredLogin } from '../dockerconfig/logins.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import { parseQuestion, type Question } from '../domain/registries/question.ts';
import type { State } from '../reconcile/state.ts';
import { fail, failFor, type HelperAnswer, NO_SERVER, NO_USER, ok } from '../report/wire.ts';
import { recordLogin } from '../resolve/helper.ts';
import type { World } from '../world.ts';

/** A `docker login` or `docker logout` that docker sends through our helper. */
export function record(verb: 'store' | 'erase', text: string, world: World): Promise<HelperAnswer> {
  return verb === 'store' ? store(text, world) : erase(text, world);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function store(text: string, world: World): Promise<HelperAnswer> {
  const given = parseJson(text);
  if (typeof given !== 'object' || given === null)
    return fail('standard input is no JSON credential');
  const { ServerURL: server, Username: user, Secret: secret } = given as Record<string, unknown>;
  if (typeof server !== 'string' || server.trim() === '') return fail(NO_SERVER);
  if (typeof user !== 'string' || user === '') return fail(NO_USER);
  if (typeof secret !== 'string') return fail('no credentials secret');
  const question = parseQuestion(server.trim());
  if (question === undefined) return fail('the server URL names no host');
  return remember(world, question, { user, secret });
}

async function erase(text: string, world: World): Promise<HelperAnswer> {
  const server = text.trim();
  if (server === '') return fail(NO_SERVER);
  const question = parseQuestion(server);
  return question ? remember(world, question, {}) : ok();
}

/**
 * Records a login, or a logout where there is something to log out of, with the triple that it is
 * newer than.
 */
async function remember(
  world: World,
  question: Question,
  login: StoredLogin,
): Promise<HelperAnswer> {
  const { place, now } = world;
  if ('problem' in place) return failFor(place.problem);
  const { desired } = world.found;
  // What is written then is in the snapshot too, which others get.
  const isPrebuild = world.mode.isPrebuild && world.options.prebuild !== 'file';
  const isRefused = isPrebuild && login.user !== undefined;
  const problem = damagedLogins(world.state) ?? (isRefused ? refusedInPrebuild() : undefined);
  if (problem) return failFor(problem);
  const plan = (state: State) => {
    const text = renderLogins(recordLogin(question, login, { desired, state }, isPrebuild));
    const isSame = text === renderLogins(state.logins);
    return { texts: isSame ? {} : { logins: text ?? null } };
  };
  const done = await updateConfig(place.dir, world.state, plan, now);
  return 'problem' in done ? failFor(done.problem) : ok();
}

function refusedInPrebuild(): Problem {
  const what =
    "is not kept during a prebuild, whose snapshot would give it to the codespace's users";
  const fix = 'use secrets of the repository, or log in once the codespace is created';
  return { code: 'PREBUILD_LOGIN_REFUSED', subject: 'login', what, fix };
}

/** A login is not added to what cannot be read: the rest would be lost. */
function damagedLogins({ hasDamagedLogins, notices }: State): Problem | undefined {
  const isAboutLogins = ({ code }: Notice) => code === 'LOGINS_DAMAGED';
  const damaged = hasDamagedLogins ? notices.find(isAboutLogins) : undefined;
  return damaged && { fix: 'remove the file', ...damaged };
}

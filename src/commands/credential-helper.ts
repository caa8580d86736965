import { readNewestToken } from '../io/token-cache.ts';
import { plain } from '../plain.ts';
import type { Notice, Problem } from '../problem.ts';
import { findProvider } from '../providers/find.ts';
import { fetchToken } from '../providers/on-demand/exchange.ts';
import { findMadeUser } from '../providers/provider.ts';
import { parseQuestion, type Question } from '../registries/question.ts';
import { secretsNotHere } from '../report/notices.ts';
import type { Report } from '../report/text.ts';
import { NOT_FOUND, type Reply } from '../resolve/client.ts';
import { type Answer, findAbsentId, findAnswer, listUsers } from '../resolve/helper.ts';
import type { World } from '../world.ts';

/** Fixed by the protocol, like NOT_FOUND. */
export const NO_SERVER = 'no credentials server URL';

/** stdout is the protocol: one JSON object, or an error text. */
export function ok(stdout = ''): Report {
  return { stdout, stderr: '', status: 0 };
}

export function fail(message: string): Report {
  return { stdout: `${message}\n`, stderr: '', status: 1 };
}

/** In one line, because docker quotes it inside its own message. */
export function inOneLine({ subject, what, fix, code }: Notice): string {
  const help = fix === undefined ? '' : `; fix: ${fix}`;
  return plain(`registry-auth: ${subject}: ${what}${help} [${code}]`);
}

export type HelperInput = {
  readonly words: readonly string[];
  /** All of standard input, and the world: read only by the verbs that need them. */
  readonly readInput: () => string;
  readonly readWorld: () => World;
  /** Handles `docker login` and `docker logout`; most calls do not load it. */
  readonly record: (verb: 'store' | 'erase', text: string) => Promise<Report>;
  readonly version: string;
};

/** One call of the credential helper protocol. Throws only for our own bugs. */
export async function answer(input: HelperInput): Promise<Report> {
  const [verb, ...others] = input.words;
  switch (others.length === 0 ? verb : undefined) {
    case 'get':
      return get(input);
    case 'store':
    case 'erase':
      return input.record(verb as 'store' | 'erase', input.readInput());
    case 'list': {
      const world = input.readWorld();
      return ok(`${JSON.stringify(listUsers(world, world.now()))}\n`);
    }
    case 'version':
    case '--version':
    case '-v':
      return ok(`docker-credential-registry-auth (registry-auth) ${input.version}\n`);
    default:
      return fail('usage: docker-credential-registry-auth get|store|erase|list|version');
  }
}

async function get({ readInput, readWorld }: HelperInput): Promise<Report> {
  const server = readInput().trim();
  if (server === '') return fail(NO_SERVER);
  const question = parseQuestion(server);
  if (question === undefined) return fail(NOT_FOUND);
  const world = readWorld();
  const { credential, problem, isLoggedOut } = await fetchReply(question, world);
  if (isLoggedOut) return fail(NOT_FOUND);
  if (credential) {
    const { user: Username, secret: Secret } = credential;
    return ok(`${JSON.stringify({ ServerURL: server, Username, Secret })}\n`);
  }
  const id = findAbsentId(question, world);
  const own = id && world.found.problems.find((one) => one.id === id);
  const why = problem ?? (own || (id && secretsNotHere(id)));
  // An error would end builds that need no login here; clients ignore "not found", and show this.
  return { ...fail(NOT_FOUND), stderr: why ? `${inOneLine(why)}\n` : '' };
}

/** Our helper's reply to a client, after an exchange of keys; or the problem with it. */
export async function fetchReply(
  question: Question,
  world: World,
): Promise<Answer & { readonly problem?: Problem | undefined }> {
  const { ecr, now } = world;
  const found = findAnswer(question, world, now());
  const { isLoggedOut, exchange, credential } = found;
  if (isLoggedOut) return found;
  if (!exchange) return { credential: credential ?? readCached(question, world) };
  const { credential: token, problem } = await fetchToken(exchange, ecr);
  return token ? { credential: token, exchange } : { ...found, problem };
}

/** The same without an exchange: only the user of a token. */
export function readReply(serverUrl: string, world: World): Reply {
  const question = parseQuestion(serverUrl.trim());
  if (question === undefined) return 'not-found';
  const { isLoggedOut, exchange, credential } = findAnswer(question, world, world.now());
  if (isLoggedOut) return 'not-found';
  if (credential) return credential;
  if (exchange) return { user: findMadeUser(exchange), secret: '' };
  return readCached(question, world) ?? 'not-found';
}

/** An unexpired token, for a shell without the keys that made it. */
function readCached({ hostName }: Question, { ecr, now }: World) {
  const cache = findProvider(hostName).exchangedUser === undefined ? undefined : ecr.madeCache;
  return cache && readNewestToken(cache, hostName, now());
}

import { parseQuestion } from '../domain/registries/question.ts';
import { secretsNotHere } from '../domain/tell/absent.ts';
import {
  fail,
  failFor,
  type HelperAnswer,
  NO_SERVER,
  NOT_FOUND,
  notFoundFor,
  ok,
} from '../report/wire.ts';
import { findAbsentId, listUsers } from '../resolve/helper.ts';
import type { World } from '../world.ts';
import { fetchReply, knownIn } from './helper-reply.ts';

export type HelperInput = {
  /** The words after the program's name. */
  readonly words: readonly string[];
  /** Reads standard input to its end; called only by the verbs that have one. */
  readonly readInput: () => string;
  /** Reads the world; called only by the verbs that look at it. */
  readonly readWorld: () => World;
  /** What `docker login` and `docker logout` need, which most calls do not load. */
  readonly record: (verb: 'store' | 'erase', text: string) => Promise<HelperAnswer>;
  readonly version: string;
};

/** One call of the credential helper protocol. Throws only for our own bugs. */
export async function answer(input: HelperInput): Promise<HelperAnswer> {
  const [verb, ...others] = input.words;
  switch (others.length === 0 ? verb : undefined) {
    case 'get':
      return get(input);
    case 'store':
    case 'erase':
      return input.record(verb as 'store' | 'erase', input.readInput());
    case 'list':
      return list(input.readWorld());
    case 'version':
    case '--version':
    case '-v':
      return ok(`docker-credential-registry-auth (registry-auth) ${input.version}\n`);
    default:
      return fail('usage: docker-credential-registry-auth get|store|erase|list|version');
  }
}

function list(world: World): HelperAnswer {
  return ok(`${JSON.stringify(listUsers(knownIn(world), world.now()))}\n`);
}

async function get({ readInput, readWorld }: HelperInput): Promise<HelperAnswer> {
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
  if (problem) {
    const failed = failFor(problem);
    return { ...failed, stderr: failed.stdout };
  }
  const id = findAbsentId(question, knownIn(world));
  return id === undefined ? fail(NOT_FOUND) : notFoundFor(secretsNotHere(id));
}

import type { Credential } from '../dockerconfig/auth-entry.ts';
import { type ConfigDir, openConfig } from '../dockerconfig/file.ts';
import { parseEcrHost } from '../domain/ecr/host.ts';
import { parseQuestion, type Question } from '../domain/registries/question.ts';
import { secretsNotHere } from '../domain/tell/absent.ts';
import type { Source } from '../domain/triples/triple.ts';
import { type EcrAccess, findEcrToken } from '../io/ecr.ts';
import { findToken } from '../io/token-cache.ts';
import {
  fail,
  failFor,
  type HelperAnswer,
  NO_SERVER,
  NOT_FOUND,
  notFoundFor,
  ok,
} from '../report/wire.ts';
import { findAbsentId, findAnswer, type Known, listUsers } from '../resolve/helper.ts';
import { readKnown } from './our-reply.ts';

export type HelperInput = {
  /** The words after the program's name. */
  readonly words: readonly string[];
  /** Reads standard input to its end; called only by the verbs that have one. */
  readonly readInput: () => string;
  /** What `docker login` and `docker logout` need, which most calls do not load. */
  readonly record: (verb: 'store' | 'erase', text: string) => Promise<HelperAnswer>;
  readonly environment: Source;
  readonly findDir: () => ConfigDir;
  readonly uid: number;
  readonly ecr: EcrAccess;
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
      return ok(`${JSON.stringify(listUsers(readAll(input), input.ecr.now()))}\n`);
    case 'version':
    case '--version':
    case '-v':
      return ok(`docker-credential-registry-auth (registry-auth) ${input.version}\n`);
    default:
      return fail('usage: docker-credential-registry-auth get|store|erase|list|version');
  }
}

async function get(input: HelperInput): Promise<HelperAnswer> {
  const server = input.readInput().trim();
  if (server === '') return fail(NO_SERVER);
  const question = parseQuestion(server);
  if (question === undefined) return fail(NOT_FOUND);
  const known = readAll(input);
  const found = findAnswer(question, known, input.ecr.now());
  if (found.isLoggedOut) return fail(NOT_FOUND);
  const exchanged = found.exchange ? await findEcrToken(found.exchange, input.ecr) : {};
  const isAnswered = found.credential !== undefined || found.exchange !== undefined;
  const cached = isAnswered ? undefined : findCached(question, input.ecr);
  const credential = exchanged.credential ?? cached ?? found.credential;
  if (credential) {
    const { user: Username, secret: Secret } = credential;
    return ok(`${JSON.stringify({ ServerURL: server, Username, Secret })}\n`);
  }
  if (!exchanged.problem) {
    const id = findAbsentId(question, known);
    return id === undefined ? fail(NOT_FOUND) : notFoundFor(secretsNotHere(id));
  }
  const failed = failFor(exchanged.problem);
  return { ...failed, stderr: failed.stdout };
}

/** A token that still lives, for a shell without the keys it was made from. */
function findCached({ host }: Question, ecr: EcrAccess): Credential | undefined {
  const cache = parseEcrHost(host) ? ecr.cache : undefined;
  return cache && findToken(cache, host, ecr.now());
}

function readAll({ environment, findDir, uid }: HelperInput): Known {
  const opened = openConfig(findDir);
  return readKnown('state' in opened ? opened.state : undefined, environment, uid);
}

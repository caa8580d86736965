import type { Credential } from '../domain/config/auth.ts';
import { parseDockerConfig } from '../domain/config/docker-config.ts';
import {
  findAnswer,
  type Known,
  listUsers,
  parseQuestion,
  type Question,
} from '../domain/decide/answer.ts';
import { EMPTY_LEDGER } from '../domain/decide/ledger.ts';
import { parseEcrHost } from '../domain/ecr/host.ts';
import { discover } from '../domain/registries/discover.ts';
import type { Source } from '../domain/triples/triple.ts';
import { type ConfigDir, openConfig } from '../io/config-dir.ts';
import { type EcrAccess, findEcrToken } from '../io/ecr.ts';
import { readRemembered } from '../io/sources.ts';
import { findToken } from '../io/token-cache.ts';
import { fail, failFor, type HelperAnswer, NO_SERVER, NOT_FOUND, ok } from '../report/wire.ts';

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
      return ok(`${JSON.stringify(listUsers(readKnown(input), input.ecr.now()))}\n`);
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
  const found = findAnswer(question, readKnown(input), input.ecr.now());
  if (found.isLoggedOut) return fail(NOT_FOUND);
  const exchanged = found.exchange ? await findEcrToken(found.exchange, input.ecr) : {};
  const isAnswered = found.credential !== undefined || found.exchange !== undefined;
  const cached = isAnswered ? undefined : findCached(question, input.ecr);
  const credential = exchanged.credential ?? cached ?? found.credential;
  if (credential) {
    const { user: Username, secret: Secret } = credential;
    return ok(`${JSON.stringify({ ServerURL: server, Username, Secret })}\n`);
  }
  if (!exchanged.problem) return fail(NOT_FOUND);
  const failed = failFor(exchanged.problem);
  return { ...failed, stderr: failed.stdout };
}

/** A token that still lives, for a shell without the keys it was made from. */
function findCached({ host }: Question, ecr: EcrAccess): Credential | undefined {
  const cache = parseEcrHost(host) ? ecr.cache : undefined;
  return cache && findToken(cache, host, ecr.now());
}

/** What cannot be read is not there: a pull must not fail for it. */
function readKnown({ environment, findDir, uid }: HelperInput): Known {
  const opened = openConfig(findDir);
  const { ledger, config } =
    'state' in opened ? opened.state : { ledger: EMPTY_LEDGER, config: parseDockerConfig('') };
  const files = readRemembered(ledger.envFiles, { uid });
  const { claims } = discover([environment, ...files.sources], { githubToken: true });
  return { ledger, claims, auths: config.auths };
}

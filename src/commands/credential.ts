import type { Credential } from '../domain/config/auth.ts';
import { parseDockerConfig } from '../domain/config/docker-config.ts';
import {
  findAnswer,
  type Known,
  listUsers,
  parseQuestion,
  type Question,
  recordLogin,
} from '../domain/decide/answer.ts';
import { EMPTY_LEDGER, type Login, renderLedger } from '../domain/decide/ledger.ts';
import type { State } from '../domain/decide/state.ts';
import { parseEcrHost } from '../domain/ecr/host.ts';
import { decideMode } from '../domain/feature/mode.ts';
import type { Options } from '../domain/feature/options.ts';
import type { Problem } from '../domain/problem.ts';
import { discover } from '../domain/registries/discover.ts';
import type { Source } from '../domain/triples/triple.ts';
import { type ConfigDir, openConfig, updateConfig } from '../io/config-dir.ts';
import { type EcrAccess, findEcrToken } from '../io/ecr.ts';
import { readRemembered } from '../io/sources.ts';
import { findToken } from '../io/token-cache.ts';

/**
 * Wire strings of docker-credential-helpers: clients compare them byte by byte, on stdout
 * (clients.md section 8).
 */
const NOT_FOUND = 'credentials not found in native keychain';
const NO_SERVER = 'no credentials server URL';
const NO_USER = 'no credentials username';

type Feature = { readonly options: Options; readonly actionFile: string | undefined };

export type HelperInput = {
  /** The words after the program's name. */
  readonly words: readonly string[];
  /** Reads standard input to its end; called only by the verbs that have one. */
  readonly readInput: () => string;
  readonly environment: Source;
  /** What the Feature was told, and what Codespaces says; read only where it matters. */
  readonly readFeature: () => Feature;
  readonly findDir: () => ConfigDir;
  readonly uid: number;
  readonly ecr: EcrAccess;
  readonly version: string;
};

/** stdout is the wire: one JSON object, or the words that say why not. */
export type HelperAnswer = {
  readonly stdout: string;
  /**
   * What a person should read: docker's client shows this stream, and of a helper that fails
   * nothing else.
   */
  readonly stderr?: string;
  readonly status: 0 | 1;
};

/** One call of the credential helper protocol. Throws only for our own bugs. */
export async function answer(input: HelperInput): Promise<HelperAnswer> {
  const [verb, ...others] = input.words;
  switch (others.length === 0 ? verb : undefined) {
    case 'get':
      return get(input);
    case 'store':
      return store(input);
    case 'erase':
      return erase(input);
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

function ok(stdout = ''): HelperAnswer {
  return { stdout, status: 0 };
}

function fail(message: string): HelperAnswer {
  return { stdout: `${message}\n`, status: 1 };
}

/** In one line: docker quotes a helper's words in the middle of its own. */
function failFor({ subject, what, fix, code }: Problem): HelperAnswer {
  return fail(`registry-auth: ${subject}: ${what}; fix: ${fix} [${code}]`);
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function store(input: HelperInput): Promise<HelperAnswer> {
  const given = parseJson(input.readInput());
  if (typeof given !== 'object' || given === null)
    return fail('standard input is no JSON credential');
  const { ServerURL: server, Username: user, Secret: secret } = given as Record<string, unknown>;
  if (typeof server !== 'string' || server.trim() === '') return fail(NO_SERVER);
  if (typeof user !== 'string' || user === '') return fail(NO_USER);
  if (typeof secret !== 'string') return fail('no credentials secret');
  const question = parseQuestion(server.trim());
  if (question === undefined) return fail('the server URL names no host');
  return remember(input, question, { user, secret });
}

async function erase(input: HelperInput): Promise<HelperAnswer> {
  const server = input.readInput().trim();
  if (server === '') return fail(NO_SERVER);
  const question = parseQuestion(server);
  return question ? remember(input, question, {}) : ok();
}

/**
 * Records a login, or a logout where there is something to log out of, with the triple that it is
 * newer than.
 */
async function remember(
  input: HelperInput,
  question: Question,
  login: Login,
): Promise<HelperAnswer> {
  const opened = openConfig(input.findDir);
  if ('problem' in opened) return failFor(opened.problem);
  const { claims } = readKnown(input);
  const plan = (state: State) => {
    const next = recordLogin(state.ledger, question, login, claims);
    const text = next && renderLedger(next);
    return { change: text === state.texts.ledger ? {} : { ledger: text } };
  };
  const problem = unusableLedger(opened.state) ?? findSnapshot(input, opened.state, login);
  if (problem) return failFor(problem);
  const done = await updateConfig(opened.dir, opened.state, plan, input.ecr.now);
  return 'problem' in done ? failFor(done.problem) : ok();
}

/** A login is at rest in the ledger, and with it in a prebuild's snapshot, which others get. */
function findSnapshot(input: HelperInput, { ledger }: State, login: Login): Problem | undefined {
  if (login.user === undefined) return undefined;
  const { options, actionFile } = input.readFeature();
  const isPostCreated = ledger.isPostCreated ?? false;
  const signals = { env: input.environment.variables, actionFile, isPostCreated };
  const { isPrebuild } = decideMode('apply', options, undefined, signals);
  if (!isPrebuild || options.prebuild === 'file') return undefined;
  const what =
    "is not kept during a prebuild, whose snapshot would give it to the codespace's users";
  const fix = 'use secrets of the repository, or log in once the codespace is created';
  return { code: 'PREBUILD_LOGIN_REFUSED', subject: 'login', what, fix };
}

/** A login is not added to what cannot be read: the rest would be lost. */
function unusableLedger({ problems, notices }: State): Problem | undefined {
  const newer = problems.find(({ code }) => code === 'LEDGER_NEWER');
  const [damaged] = notices;
  if (newer || !damaged) return newer;
  return { fix: 'run registry-auth apply', ...damaged, what: 'cannot be read; left unchanged' };
}

import { discover } from '../domain/discover.ts';
import { findEcrKeyProblem } from '../domain/ecr-failure.ts';
import { parseEcrHost } from '../domain/ecr-host.ts';
import {
  createLedger,
  type Login,
  newerLedger,
  parseLedger,
  renderLedger,
} from '../domain/ledger.ts';
import {
  type Asked,
  type Login as Credential,
  findAnswer,
  type Known,
  listUsers,
  parseAsked,
  recordLogin,
} from '../domain/lookup.ts';
import type { Problem } from '../domain/problem.ts';
import type { Registry } from '../domain/registry.ts';
import type { Source } from '../domain/triple.ts';
import { type ConfigDir, readTexts, updateConfig } from '../io/config-dir.ts';
import { ConfigError } from '../io/config-error.ts';
import { type EcrAccess, findEcrToken } from '../io/ecr.ts';
import { readEnvFiles } from '../io/sources.ts';
import { findToken } from '../io/token-cache.ts';

/** Wire strings of docker-credential-helpers: clients compare them byte by byte, on stdout (clients.md section 8). */
const NOT_FOUND = 'credentials not found in native keychain';
const NO_SERVER = 'no credentials server URL';
const NO_USER = 'no credentials username';

export type HelperInput = {
  /** The words after the program's name. */
  readonly words: readonly string[];
  /** Reads standard input to its end; called only by the verbs that have one. */
  readonly readInput: () => string;
  readonly environment: Source;
  readonly findDir: () => ConfigDir;
  readonly ecr: EcrAccess;
  readonly version: string;
};

/** stdout is the wire: one JSON object, or the words that say why not. */
export type HelperAnswer = {
  readonly stdout: string;
  /** What a person should read: docker's client shows this stream, and of a helper that fails nothing else. */
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
  const asked = parseAsked(server);
  if (asked === undefined) return fail(NOT_FOUND);
  const found = findAnswer(asked, readKnown(input), input.ecr.now());
  if (found.isLoggedOut) return fail(NOT_FOUND);
  const exchanged: Exchanged = found.exchange ? await exchange(found.exchange, input.ecr) : {};
  const cached = findCached(
    asked,
    found.login !== undefined || found.exchange !== undefined,
    input.ecr,
  );
  const login = exchanged.login ?? cached ?? found.login;
  if (login)
    return ok(
      `${JSON.stringify({ ServerURL: server, Username: login.user, Secret: login.secret })}\n`,
    );
  if (!exchanged.problem) return fail(NOT_FOUND);
  const failed = failFor(exchanged.problem);
  return { ...failed, stderr: failed.stdout };
}

type Exchanged = {
  readonly login?: Credential | undefined;
  readonly problem?: Problem | undefined;
};

async function exchange(registry: Registry, ecr: EcrAccess): Promise<Exchanged> {
  const wrong = findEcrKeyProblem(registry.triple);
  const { token, problem = wrong } = wrong ? {} : await findEcrToken(registry, ecr);
  return { problem, login: token && { user: token.user, secret: token.password } };
}

/** A token that still lives, for a shell without the keys it was made from. */
function findCached({ host }: Asked, isAnswered: boolean, ecr: EcrAccess): Credential | undefined {
  const cache = isAnswered || !parseEcrHost(host) ? undefined : ecr.cache;
  const token = cache && findToken(cache, host, ecr.now());
  return token && { user: token.user, secret: token.password };
}

/** What cannot be read is not there: a pull must not fail for it. */
function readKnown({ environment, findDir }: Pick<HelperInput, 'environment' | 'findDir'>): Known {
  const texts = attempt(() => readTexts(findDir()));
  const parsed = texts?.ledger === undefined ? undefined : parseLedger(texts.ledger);
  const ledger = parsed && 'ledger' in parsed ? parsed.ledger : undefined;
  const files = readEnvFiles(ledger?.envFiles ?? [], '/');
  const { claims } = discover([environment, ...files.sources], { githubToken: true });
  const config: unknown = attempt(() => JSON.parse(texts?.config ?? '{}'));
  return { ledger, claims, auths: Object((Object(config) as { auths?: unknown }).auths) };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

async function store(input: HelperInput): Promise<HelperAnswer> {
  const given: unknown = attempt(() => JSON.parse(input.readInput()));
  if (typeof given !== 'object' || given === null)
    return fail('standard input is no JSON credential');
  const { ServerURL: server, Username: user, Secret: secret } = given as Record<string, unknown>;
  if (typeof server !== 'string' || server.trim() === '') return fail(NO_SERVER);
  if (typeof user !== 'string' || user === '') return fail(NO_USER);
  if (typeof secret !== 'string') return fail('no credentials secret');
  const asked = parseAsked(server.trim());
  if (asked === undefined) return fail('the server URL names no host');
  return remember(input, asked, { user, secret });
}

async function erase(input: HelperInput): Promise<HelperAnswer> {
  const server = input.readInput().trim();
  if (server === '') return fail(NO_SERVER);
  const asked = parseAsked(server);
  return asked ? remember(input, asked, {}) : ok();
}

/** Records a login, or a logout where there is something to log out of, with the triple that it is newer than. */
async function remember(input: HelperInput, asked: Asked, login: Login): Promise<HelperAnswer> {
  const known = readKnown(input);
  const empty = createLedger();
  try {
    await updateConfig(input.findDir(), {
      now: input.ecr.now,
      plan: ({ ledger: text }) => {
        const parsed = text === undefined ? { ledger: empty } : parseLedger(text);
        if (!('ledger' in parsed)) throw new ConfigError(unusableLedger(parsed.fault));
        const next = recordLogin(parsed.ledger, { asked, login, known });
        return next === undefined || renderLedger(next) === text
          ? {}
          : { ledger: renderLedger(next) };
      },
    });
    return ok();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return failFor(error.problem);
  }
}

function unusableLedger(fault: 'damaged' | 'newer'): Problem {
  const subject = 'registry-auth.json';
  if (fault === 'newer') return newerLedger(subject);
  return {
    code: 'LEDGER_DAMAGED',
    subject,
    what: 'cannot be read; left unchanged',
    fix: 'run registry-auth apply',
  };
}

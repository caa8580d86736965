import { decodeAuth } from '../domain/auth.ts';
import { discover } from '../domain/discover.ts';
import { findEcrKeyProblem } from '../domain/ecr-failure.ts';
import {
  createLedger,
  type Ledger,
  type Login,
  parseLedger,
  renderLedger,
} from '../domain/ledger.ts';
import type { Claim } from '../domain/registry.ts';
import { findLoginKey } from '../domain/registry.ts';
import { findHostKeys, findNamespaceKeys, HUB_KEY, parseServer } from '../domain/server.ts';
import type { Source } from '../domain/triple.ts';
import { fingerprintTriple, GITHUB_TOKEN_ID, needsExchange } from '../domain/wanted.ts';
import { type ConfigDir, ConfigError, readTexts, updateConfig } from '../io/config-dir.ts';
import { type EcrAccess, findEcrToken } from '../io/ecr.ts';
import { readEnvFiles } from '../io/sources.ts';
import { findToken } from '../io/token-cache.ts';

/** Wire strings of docker-credential-helpers: clients compare them byte by byte, on stdout (clients.md section 8). */
const NOT_FOUND = 'credentials not found in native keychain';
const NO_SERVER = 'no credentials server URL';
const NO_USER = 'no credentials username';
const IDENTITY_TOKEN_USER = '<token>';

export type HelperInput = {
  readonly verb: string | undefined;
  /** Reads standard input to its end; called only by the verbs that have one. */
  readonly readInput: () => string;
  readonly environment: Source;
  readonly findDir: () => ConfigDir;
  readonly ecr: EcrAccess;
  readonly version: string;
};

/** stdout is the wire; words for people go to stderr. */
export type HelperAnswer = {
  readonly stdout: string;
  readonly stderr?: string;
  readonly status: 0 | 1;
};

type Credential = { readonly user: string; readonly secret: string };
type State = {
  readonly ledger: Ledger | undefined;
  readonly auths: Readonly<Record<string, unknown>>;
  readonly claims: readonly Claim[];
};
type Asked = { readonly keys: readonly string[]; readonly login: string; readonly host: string };

/** One call of the credential helper protocol. */
export async function answer(input: HelperInput): Promise<HelperAnswer> {
  switch (input.verb) {
    case 'get':
      return get(input);
    case 'store':
      return store(input);
    case 'erase':
      return erase(input);
    case 'list':
      return list(input);
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

function fail(message: string, stderr?: string): HelperAnswer {
  return { stdout: `${message}\n`, status: 1, ...(stderr ? { stderr } : {}) };
}

async function get(input: HelperInput): Promise<HelperAnswer> {
  const server = input.readInput().trim();
  if (server === '') return fail(NO_SERVER);
  const asked = parseAsked(server);
  if (asked === undefined) return fail(NOT_FOUND);
  const found = await findCredential(asked, readState(input), input.ecr);
  if (found === undefined) return fail(NOT_FOUND);
  if ('message' in found) return fail(found.message);
  return ok(
    `${JSON.stringify({ ServerURL: server, Username: found.user, Secret: found.secret })}\n`,
  );
}

/** The keys that any client's spelling of a server means, the most specific first. */
function parseAsked(server: string): Asked | undefined {
  const parsed = parseServer(server);
  if (!('server' in parsed)) return undefined;
  const { host, namespace } = parsed.server;
  const segments = namespace?.split('/') ?? [];
  const namespaces = segments.map((_, index) =>
    segments.slice(0, segments.length - index).join('/'),
  );
  const keys = [
    ...namespaces.flatMap((name) => findNamespaceKeys(host, name)),
    ...findHostKeys(host),
  ];
  return { keys, login: findLoginKey(host), host };
}

/** In the order of design: the user's own login, the triple, a token that still lives, the entry in the file. */
async function findCredential(
  asked: Asked,
  state: State,
  ecr: EcrAccess,
): Promise<Credential | { message: string } | undefined> {
  const { ledger, claims, auths } = state;
  const claim = asked.keys
    .map((key) => claims.find((one) => one.key === key))
    .find((one) => one !== undefined);
  const login = ledger?.logins[asked.login];
  if (ledger && login && isCurrent(login.triple, ledger, claim)) {
    return login.user === undefined ? undefined : { user: login.user, secret: login.secret ?? '' };
  }
  const entry = () => findEntry(asked, auths, { ledger, now: ecr.now() });
  const row = ledger && asked.keys.map((key) => ledger.rows[key]).find((one) => one !== undefined);
  if (ledger && row?.kept && isCurrent(row.triple, ledger, claim))
    return entry() ?? fromClaim(claim);
  if (claim && !needsExchange(claim.registry)) return fromClaim(claim);
  const problem = claim && (await exchange(claim, ecr));
  if (problem && 'user' in problem) return problem;
  const token = ecr.cache && findToken(ecr.cache, asked.host, ecr.now());
  return (token && { user: token.user, secret: token.password }) ?? entry() ?? problem;
}

/** Whether a login is newer than the triple: the triple is still the one it was made over, or not in this shell at all. */
function isCurrent(
  recorded: string | undefined,
  ledger: Ledger,
  claim: Claim | undefined,
): boolean {
  if (claim === undefined || claim.registry.triple.id === GITHUB_TOKEN_ID) return true;
  return recorded === fingerprintTriple(ledger, claim.registry.triple);
}

function fromClaim(claim: Claim | undefined): Credential | undefined {
  return claim && { user: claim.registry.triple.user, secret: claim.registry.triple.password };
}

async function exchange(
  { registry }: Claim,
  ecr: EcrAccess,
): Promise<Credential | { message: string }> {
  const wrong = findEcrKeyProblem(registry.triple);
  const { token, problem = wrong } = wrong ? {} : await findEcrToken(registry, ecr);
  if (token) return { user: token.user, secret: token.password };
  return {
    message: problem
      ? `registry-auth: ${problem.subject}: ${problem.what}; fix: ${problem.fix} [${problem.code}]`
      : NOT_FOUND,
  };
}

function findEntry(
  { keys }: Asked,
  auths: State['auths'],
  { ledger, now }: { ledger: Ledger | undefined; now: number },
): Credential | undefined {
  for (const key of keys) {
    const { auth, identitytoken: token } = Object(auths[key]) as {
      auth?: unknown;
      identitytoken?: unknown;
    };
    const isExpired = (ledger?.rows[key]?.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
    if (typeof token === 'string' && token !== '')
      return { user: IDENTITY_TOKEN_USER, secret: token };
    const decoded = typeof auth === 'string' && !isExpired ? decodeAuth(auth) : undefined;
    if (decoded) return { user: decoded.user, secret: decoded.password };
  }
  return undefined;
}

/** Everything that an answer may come from. What cannot be read is not there: a pull must not fail for it. */
function readState({ environment, findDir }: HelperInput): State {
  const texts = attempt(() => readTexts(findDir()));
  const parsed = texts?.ledger === undefined ? undefined : parseLedger(texts.ledger);
  const ledger = parsed && 'ledger' in parsed ? parsed.ledger : undefined;
  const files = readEnvFiles(ledger?.envFiles ?? [], '/');
  const found = discover([environment, ...files.sources], { githubToken: true });
  // GitHub's own token stands only where a hook put it: it must not take the place of a triple that this shell lacks.
  const claims = found.claims.filter(
    ({ key, registry }) =>
      registry.triple.id !== GITHUB_TOKEN_ID || ledger?.rows[key]?.id === GITHUB_TOKEN_ID,
  );
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
  const given = attempt(() => JSON.parse(input.readInput()) as Record<string, unknown>);
  if (typeof given !== 'object' || given === null)
    return fail('standard input is no JSON credential');
  const { ServerURL: server, Username: user, Secret: secret } = given;
  if (typeof server !== 'string' || server.trim() === '') return fail(NO_SERVER);
  if (typeof user !== 'string' || user === '') return fail(NO_USER);
  const asked = parseAsked(server.trim());
  if (asked === undefined) return fail('the server URL names no host');
  return remember(input, asked, { user, secret: typeof secret === 'string' ? secret : '' });
}

async function erase(input: HelperInput): Promise<HelperAnswer> {
  const server = input.readInput().trim();
  if (server === '') return fail(NO_SERVER);
  const asked = parseAsked(server);
  return asked ? remember(input, asked, {}) : ok();
}

/** Records a login, or a logout where there is something to log out of, with the triple that it is newer than. */
async function remember(input: HelperInput, asked: Asked, login: Login): Promise<HelperAnswer> {
  const { claims } = readState(input);
  const claim = claims.find(({ key }) => asked.keys.includes(key));
  try {
    const empty = createLedger();
    await updateConfig(input.findDir(), {
      now: input.ecr.now,
      plan: (texts) => {
        const parsed = texts.ledger === undefined ? { ledger: empty } : parseLedger(texts.ledger);
        if (!('ledger' in parsed)) throw new ConfigError(unusable());
        const text = renderLedger(withLogin(parsed.ledger, asked, { login, claim }));
        return text === texts.ledger ? {} : { ledger: text };
      },
    });
    return ok();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return fail(
      `registry-auth: ${error.problem.subject}: ${error.problem.what}; fix: ${error.problem.fix} [${error.problem.code}]`,
    );
  }
}

function withLogin(
  ledger: Ledger,
  { keys, login: key }: Asked,
  { login, claim }: { login: Login; claim: Claim | undefined },
): Ledger {
  const row = keys.map((one) => ledger.rows[one]).find((one) => one !== undefined);
  const triple = claim ? fingerprintTriple(ledger, claim.registry.triple) : row?.triple;
  const { [key]: _, ...others } = ledger.logins;
  if (login.user === undefined && !claim && !row) return { ...ledger, logins: others };
  return { ...ledger, logins: { ...others, [key]: { ...login, ...(triple ? { triple } : {}) } } };
}

function unusable() {
  return {
    code: 'LEDGER_DAMAGED' as const,
    subject: 'registry-auth.json',
    what: 'cannot be read; left unchanged',
    fix: 'run registry-auth apply',
  };
}

function list(input: HelperInput): HelperAnswer {
  const { claims, ledger, auths } = readState(input);
  const hosts = claims.filter(({ isHostKey }) => isHostKey);
  const users: Record<string, string> = {};
  for (const key of Object.keys(ledger?.rows ?? {})) {
    const entry = findEntry({ keys: [key], login: key, host: key }, auths, {
      ledger,
      now: input.ecr.now(),
    });
    if (entry && (key === HUB_KEY || !key.includes('/'))) users[key] = entry.user;
  }
  for (const { key, registry } of hosts)
    users[key] = needsExchange(registry) ? 'AWS' : registry.triple.user;
  for (const [key, { user }] of Object.entries(ledger?.logins ?? {})) {
    if (user === undefined) delete users[key];
    else users[key] = user;
  }
  return ok(`${JSON.stringify(users)}\n`);
}

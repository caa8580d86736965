import { renderLogins, type StoredLogin } from '../../src/dockerconfig/logins.ts';
import type { Records } from '../../src/dockerconfig/managed.ts';
import { parseState, type State, type Texts } from '../../src/dockerconfig/state.ts';
import { findOurs, type Plan, planChange } from '../../src/reconcile/plan.ts';
import type { Request } from '../../src/reconcile/request.ts';
import { discover, type Found } from '../../src/registries/discover.ts';
import { findNamed } from '../../src/registries/named.ts';
import { parseQuestion } from '../../src/registries/question.ts';
import { helperProblems, keptNotices, namespaceNotices } from '../../src/report/notices.ts';
import { findOutcome } from '../../src/report/registries.ts';
import { findAnswer, recordLogin } from '../../src/resolve/helper.ts';
import { NO_REQUEST } from './request.ts';
import { loginsOf, triple } from './triples.ts';

export type Triples = Record<string, readonly [string, string, string] | string>;

export type ApplyOptions = Partial<
  Pick<
    Request,
    'force' | 'canUseHelper' | 'now' | 'mode' | 'isPrebuild' | 'isPostCreated' | 'credentials'
  >
> & {
  readonly prune?: boolean;
  /** Triples that an env file holds. */
  readonly file?: Triples;
  /** Env files that cannot be read, and those that may not be remembered. */
  readonly unread?: readonly string[];
  readonly unfit?: readonly string[];
};

const SHOWN = '~/.docker/config.json';
export const ENV_FILE = '/here//.env';

/** A config.json and the logins beside it in memory, and the pure part of our commands on them. */
export class Desk {
  texts: Texts;
  /** How many writes the next run makes before it is killed. */
  writesLeft = Number.POSITIVE_INFINITY;

  constructor(config?: string) {
    this.texts = { config, logins: undefined };
  }

  /** Applies triples given as `ID: [server, user, password]`; other variables as they are. */
  apply(triples: Triples, options: ApplyOptions = {}) {
    const { prune = false, file, unread = [], unfit = [], ...others } = options;
    const found = find(triples, file);
    const plan = this.#write({
      ...NO_REQUEST,
      desired: new Map(found.desired.map((one) => [one.name, one])),
      broken: { ...found.broken, files: new Set(unread) },
      environment: variablesOf(triples),
      isCodespace: triples.CODESPACES === 'true',
      removal: prune ? 'all' : 'none',
      unfitFiles: unfit,
      ...others,
    });
    const changes = plan.changes.map(findOutcome);
    const shown = changes.filter(
      ({ id, managed, keys }) =>
        id !== '' && (managed || keys.some(({ outcome }) => outcome !== 'unchanged')),
    );
    const keys = shown.flatMap(({ id, provider, keys: each }) =>
      each.map(({ key, outcome }) => ({ key, id, provider, outcome })),
    );
    const managed = new Map(changes.map((change) => [change.name, change.managed]));
    return {
      texts: plan.texts,
      keys,
      outcomes: Object.fromEntries(keys.map(({ key, outcome }) => [key, outcome])),
      problems: [...found.problems, ...plan.problems, ...helperProblems(changes)],
      notices: [
        ...plan.notices,
        ...keptNotices(changes),
        ...namespaceNotices(found.desired, managed),
      ],
    };
  }

  logout(...words: string[]) {
    return this.#write({ ...NO_REQUEST, removal: findNamed(words, findOurs(this.state)).names });
  }

  /** With the texts that were planned, of the files that are written. */
  #write(request: Request): Plan & { readonly texts: Partial<Texts> } {
    const plan = planChange(this.state, request);
    const texts = plan.writes.map(({ file, text }) => ({ [file]: text }));
    const done = texts.slice(0, this.writesLeft);
    this.writesLeft = Number.POSITIVE_INFINITY;
    this.texts = Object.assign({}, this.texts, ...done);
    return { ...plan, texts: Object.assign({}, ...texts) };
  }

  /** As docker does it: decode, change, write anew with tabs and without a final newline. */
  rewrite(change: (config: DockerJson) => void): void {
    const config: DockerJson = JSON.parse(this.texts.config || '{}');
    change(config);
    this.texts = { ...this.texts, config: JSON.stringify(config, null, '\t') };
  }

  /** `docker login` into the file, past any helper. */
  login(key: string, user: string, password: string): void {
    this.rewrite((config) => {
      config.auths = { ...config.auths, [key]: { auth: encode(user, password) } };
    });
  }

  /** `docker login` where our helper stands: it stores the login, docker leaves an empty entry. */
  store(key: string, user: string, secret: string, triples: Triples = {}): void {
    this.#record(key, { user, secret }, triples);
    this.rewrite((config) => {
      config.auths = { ...config.auths, [key]: {} };
    });
  }

  /** `docker logout` where a helper of ours stands. */
  erase(key: string, triples: Triples = {}): void {
    this.#record(key, {}, triples);
    this.rewrite((config) => delete config.auths?.[key]);
  }

  #record(key: string, login: StoredLogin, triples: Triples): void {
    const question = parseQuestion(key);
    if (!question) throw new Error(`${key} names no host`);
    const known = { found: find(triples), state: this.state };
    const logins = recordLogin(question, login, known, false);
    this.texts = { ...this.texts, logins: renderLogins(logins) };
  }

  /** What our helper answers, as `user:secret`. */
  get(server: string, triples: Triples = {}, now = 0): string | undefined {
    const question = parseQuestion(server);
    const known = { found: find(triples), state: this.state };
    const { credential, exchange } = question ? findAnswer(question, known, now) : {};
    if (exchange) return `exchange:${exchange.triple.id}`;
    return credential && `${credential.user}:${credential.secret}`;
  }

  get state(): State {
    return parseState(this.texts, SHOWN);
  }

  get config(): DockerJson {
    return JSON.parse(this.texts.config || '{}');
  }

  /** What others have in the file: all but our part of `plugins`. */
  get others(): DockerJson {
    const { plugins = {}, ...config } = this.config;
    const left = Object.entries(plugins).filter(([name]) => !name.startsWith('registry-auth'));
    return left.length > 0 ? { ...config, plugins: Object.fromEntries(left) } : config;
  }

  get records(): Records {
    return this.state.config.records;
  }

  /** The text of our record of a login. */
  record(name: string): string | undefined {
    return this.config.plugins?.['registry-auth']?.[name];
  }

  /** Takes our part of the file away, as a program does that knows no `plugins`. */
  dropPlugins(): void {
    this.rewrite((config) => delete config.plugins);
  }

  /** What `auths` holds, as `user:password` by key. */
  get logins(): Record<string, string> {
    return loginsOf(this.texts.config || '{}');
  }
}

function find(triples: Triples, file?: Triples): Found {
  const sources = [
    { name: 'environment', variables: variablesOf(triples) },
    ...(file ? [{ name: '.env', file: ENV_FILE, variables: variablesOf(file) }] : []),
  ];
  return discover(sources, { githubToken: true });
}

export function encode(user: string, password: string): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

export type DockerJson = {
  auths?: Record<string, { auth?: string; [member: string]: unknown }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
  plugins?: Record<string, Record<string, string>>;
  [member: string]: unknown;
};

function variablesOf(all: Triples): Record<string, string> {
  const variables = Object.entries(all).map(([id, value]) =>
    typeof value === 'string' ? { [id]: value } : triple(id, ...value),
  );
  return Object.assign({}, ...variables);
}

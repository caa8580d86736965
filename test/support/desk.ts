import { findAnswer, parseQuestion, recordLogin } from '../../src/domain/decide/answer.ts';
import { type Plan, planChange } from '../../src/domain/decide/change.ts';
import { type Ledger, type Login, renderLedger } from '../../src/domain/decide/ledger.ts';
import { findNamed } from '../../src/domain/decide/named.ts';
import type { Request } from '../../src/domain/decide/request.ts';
import { type Texts, understand } from '../../src/domain/decide/state.ts';
import { discover, type Found } from '../../src/domain/registries/discover.ts';
import { helperProblems, keptNotices, namespaceNotices } from '../../src/domain/tell/notices.ts';
import { loginsOf, triple } from './triples.ts';

export type Triples = Record<string, readonly [string, string, string] | string>;

export type ApplyOptions = Partial<
  Pick<Request, 'force' | 'canUseHelper' | 'now' | 'mode' | 'isPrebuild' | 'credentials'>
> & {
  readonly prune?: boolean;
  /** Triples that an env file holds. */
  readonly file?: Triples;
};

const SHOWN = '~/.docker/config.json';

/** Writes that a run makes, in their order; a run may be killed before each of them. */
type Write = Partial<Texts>;

/** A config.json and a ledger in memory, and the pure part of our commands on them. */
export class Desk {
  texts: Texts;
  /** How many writes the next run makes before it is killed. */
  writesLeft = Number.POSITIVE_INFINITY;

  constructor(config?: string) {
    this.texts = { config, ledger: undefined };
  }

  /** Applies triples given as `ID: [server, user, password]`; other variables as they are. */
  apply(triples: Triples, { prune = false, file, ...options }: ApplyOptions = {}) {
    const found = find(triples, file);
    const plan = this.#write({
      ...DEFAULTS,
      claims: found.claims,
      github: found.github,
      removal: prune ? { exceptIds: found.brokenIds } : 'none',
      ...options,
    });
    return {
      change: plan.change,
      keys: plan.steps
        .filter(({ row, outcome }) => row !== undefined || outcome !== 'unchanged')
        .map(({ key, id, provider, outcome }) => ({ key, id, provider, outcome })),
      outcomes: Object.fromEntries(plan.steps.map(({ key, outcome }) => [key, outcome])),
      problems: [...found.problems, ...plan.problems, ...helperProblems(plan.steps)],
      notices: [
        ...plan.notices,
        ...keptNotices(plan.steps, found.claims),
        ...namespaceNotices(found.claims, plan.ledger),
      ],
    };
  }

  logout(...words: string[]): Plan {
    const { keys, logins } = findNamed(words, this.ledger);
    return this.#write({ ...DEFAULTS, removal: { keys }, forgottenLogins: logins });
  }

  #write(request: Request): Plan {
    const plan = planChange(understand(this.texts, SHOWN), request);
    const { before, config, ledger } = plan.change;
    if (before !== undefined && config === undefined) throw new Error('before nothing');
    const writes: Write[] = [
      ...(before === undefined ? [] : [{ ledger: before }]),
      ...(config === undefined ? [] : [{ config }]),
      ...(ledger === undefined ? [] : [{ ledger: ledger ?? undefined }]),
    ];
    const done = writes.slice(0, this.writesLeft);
    this.writesLeft = Number.POSITIVE_INFINITY;
    for (const write of done) this.texts = { ...this.texts, ...write };
    return plan;
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

  #record(key: string, login: Login, triples: Triples): void {
    const question = parseQuestion(key);
    if (!question) throw new Error(`${key} names no host`);
    const { claims } = find(triples);
    const ledger = recordLogin(this.ledger, question, login, {
      claims,
      isPrebuild: false,
      newKey: NEW_KEY,
    });
    if (ledger) this.texts = { ...this.texts, ledger: renderLedger(ledger) };
  }

  /** What our helper answers, as `user:secret`. */
  get(server: string, triples: Triples = {}, now = 0): string | undefined {
    const question = parseQuestion(server);
    const { config, ledger } = understand(this.texts, SHOWN);
    const known = { claims: find(triples).claims, ledger, auths: config.auths };
    const { credential, exchange } = question ? findAnswer(question, known, now) : {};
    if (exchange) return `exchange:${exchange.triple.id}`;
    return credential && `${credential.user}:${credential.secret}`;
  }

  get config(): DockerJson {
    return JSON.parse(this.texts.config || '{}');
  }

  get ledger(): Ledger {
    return understand(this.texts, SHOWN).ledger;
  }

  /** What `auths` holds, as `user:password` by key. */
  get logins(): Record<string, string> {
    return loginsOf(this.texts.config || '{}');
  }
}

/** Where a ledger needs one. */
const NEW_KEY = '0123abcd';

const DEFAULTS: Request = {
  claims: [],
  credentials: new Map(),
  mode: 'file',
  isPrebuild: false,
  isPostCreated: false,
  force: false,
  removal: 'none',
  forgottenLogins: new Set(),
  canUseHelper: true,
  github: undefined,
  envFiles: { used: [], keepsOthers: false, unfit: [] },
  now: 0,
  newKey: NEW_KEY,
};

function find(triples: Triples, file?: Triples): Found {
  const sources = [
    { name: 'environment', variables: variablesOf(triples) },
    ...(file ? [{ name: '.env', file: '/here/.env', variables: variablesOf(file) }] : []),
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
  [member: string]: unknown;
};

function variablesOf(all: Triples): Record<string, string> {
  const variables = Object.entries(all).map(([id, value]) =>
    typeof value === 'string' ? { [id]: value } : triple(id, ...value),
  );
  return Object.assign({}, ...variables);
}

import type { Origin } from '../check/advice.ts';
import type { Finding } from '../check/finding.ts';
import type { CheckTarget } from '../check/targets.ts';
import type { Credential } from '../dockerconfig/auth-entry.ts';
import { withoutTriples } from '../io/clients.ts';
import { askHelper } from '../io/helper-client.ts';
import { findExpiry, findProvider, isGiven } from '../providers/find.ts';
import { needsExchange } from '../providers/provider.ts';
import type { Desired } from '../reconcile/desired.ts';
import { findLogin, isOurs } from '../reconcile/ownership.ts';
import type { Request } from '../reconcile/request.ts';
import { loginName, splitName } from '../registries/keys.ts';
import { parseQuestion } from '../registries/question.ts';
import { OUR_PROGRAM } from '../report/clients.ts';
import type { Helper, Lookup, Machine } from '../resolve/client.ts';
import { AUTH_VARIABLE, findDocker } from '../resolve/docker.ts';
import type { World } from '../world.ts';
import { fetchReply } from './credential-helper.ts';

/** What a client would send, and its origin. */
export type Sent = {
  readonly credential: Credential;
  /** As shown: a source of variables, `login`, a variable or a program. */
  readonly source: string;
  readonly origin: Origin;
  /** When it expires, and how it differs from the triple. */
  readonly notes: readonly string[];
};

/** Why nothing can be sent, so that no request is made. */
type Unsent = Pick<Finding, 'outcome' | 'source' | 'what' | 'fix'>;

/** What the credential to send depends on. */
export type Asking = {
  readonly world: World;
  readonly request: Request;
  readonly machine: Machine;
  /** The time left for everything that concerns one registry. */
  readonly leftMs: () => number;
};

/** Undefined if nothing is found and nothing is wrong. */
type Sending = Sent | Unsent | undefined;

/** The credential that docker would send. */
export async function fetchSent(target: CheckTarget, asking: Asking): Promise<Sending> {
  const { key, desired } = target;
  if (desired?.isNamespace) {
    // docker ignores namespaces: this is what podman and the kubelet find there.
    const { user, password: secret, command } = desired.triple;
    if (command) return askOurs(key, target, asking);
    const entry = asking.world.state.config.auths.get(key)?.credential;
    return entry
      ? judgeEntry(entry, target, asking)
      : fromTriple(desired, { user, secret }, asking);
  }
  for (const stop of findDocker(target, asking.machine)) {
    const sent = await visit(stop, target, asking);
    if (sent) return sent;
  }
  return undefined;
}

async function visit(stop: Lookup, target: CheckTarget, asking: Asking): Promise<Sending> {
  if (stop.kind === 'fault') {
    const what = `docker only warns, and continues without a login: its configuration ${stop.why}`;
    const fix = 'repair or move config.json, then run registry-auth apply';
    return { outcome: 'incomplete', what, fix };
  }
  if (stop.kind === 'helper') {
    if (!asking.machine.programs.has(stop.program))
      return helperFails(stop.program, 'it is not on PATH');
    return stop.program === OUR_PROGRAM
      ? askOurs(stop.serverUrl, target, asking)
      : askOther(stop, target, asking);
  }
  return stop.where === AUTH_VARIABLE
    ? fromOthers(stop.credential, target, asking, { kind: 'variable', name: AUTH_VARIABLE })
    : judgeEntry(stop.credential, { ...target, key: stop.key }, asking);
}

/** Our helper's reply, without starting it. */
async function askOurs(serverUrl: string, target: CheckTarget, asking: Asking): Promise<Sending> {
  const { world } = asking;
  const question = parseQuestion(serverUrl);
  if (!question) return undefined;
  const { credential, exchange, problem } = await fetchReply(question, world);
  if (credential && exchange && !problem) return fromTriple(exchange, credential, asking);
  if (credential) {
    const isLogin = world.state.logins.get(question.hostName)?.secret === credential.secret;
    return (isLogin ? fromOthers : judgeEntry)(credential, target, asking);
  }
  if (!exchange || !problem) return undefined;
  const what = `${problem.subject}: ${problem.what} [${problem.code}]`;
  const { source } = exchange.triple;
  return { outcome: 'exchange-failed', source, what, fix: problem.fix };
}

async function askOther(helper: Helper, target: CheckTarget, asking: Asking): Promise<Sending> {
  const { program, serverUrl } = helper;
  const { leftMs, machine } = asking;
  const env = withoutTriples(machine.env);
  const reply = await askHelper(program, serverUrl, { env, leftMs });
  if (reply === 'not-found') return undefined;
  if ('why' in reply) return helperFails(program, reply.why);
  return fromOthers(reply, target, asking, { kind: 'helper', name: program });
}

function helperFails(program: string, why: string): Unsent {
  const what = `docker has no credential for it here: it asks ${program}, but ${why}`;
  const fix =
    program === OUR_PROGRAM
      ? 'add /usr/local/bin to PATH, or rebuild the container'
      : `make ${program} work, or remove it from config.json, then run registry-auth apply`;
  return { outcome: 'incomplete', source: program, what, fix };
}

/** The credential of an entry in config.json, which may be the triple's, an older one or foreign. */
function judgeEntry(credential: Credential, target: CheckTarget, asking: Asking): Sent {
  const { key, desired } = target;
  const { world, request } = asking;
  if (desired && isOf(desired, credential)) return fromTriple(desired, credential, asking);
  const { managed, keys } = findLogin(loginName(key), { state: world.state, request });
  const found = keys.find((one) => one.key === key);
  const id = managed?.ids[0];
  if (id === undefined || !found || !isOurs(found)) return fromOthers(credential, target, asking);
  if (desired && needsExchange(desired)) return fromTriple(desired, credential, asking);
  const age = desired
    ? `older than the secret of ${desired.triple.id}`
    : `written from the secret of ${id}, which is not set in this shell`;
  const isExchanged = findProvider(splitName(loginName(key)).host).exchangedUser !== undefined;
  const about = { isExchanged, isGiven: managed?.isFallback && isGiven(id) };
  const origin = { kind: 'triple', id, ...about, isOld: desired !== undefined } as const;
  // No source has its secret any more.
  return { credential, source: 'config.json', origin, notes: [age, ...end(credential, asking)] };
}

function isOf({ triple }: Desired, { user, secret }: Credential): boolean {
  return triple.user === user && triple.password === secret;
}

/** The triple's own credential, or the token for its keys. */
function fromTriple(desired: Desired, credential: Credential, asking: Asking): Sent {
  const { id, source, isGiven } = desired.triple;
  const isExchanged = needsExchange(desired);
  const origin = { kind: 'triple', id, isExchanged, isGiven } as const;
  return { credential, source, origin, notes: end(credential, asking) };
}

/** A foreign credential: of a `docker login`, or of another program or its variable. */
function fromOthers(
  credential: Credential,
  { desired }: CheckTarget,
  asking: Asking,
  origin: Exclude<Origin, { kind: 'triple' }> = { kind: 'login' },
): Sent {
  const isOther = desired && !desired.isFallback && !isOf(desired, credential);
  const notes = isOther ? [`not the secret of ${desired.triple.id}`] : [];
  const source = 'name' in origin ? origin.name : 'login';
  return { credential, source, origin, notes: [...notes, ...end(credential, asking)] };
}

function end(credential: Credential, { request: { now } }: Asking): string[] {
  const time = credential.expiresAt ?? findExpiry(credential);
  if (time === undefined) return [];
  const date = new Date(time).toISOString();
  return [time <= now ? `a token that expired at ${date}` : `a token that expires at ${date}`];
}

import {
  fromOthers,
  fromTriple,
  judgeEntry,
  type SenderPlace,
  type Sent,
  type Unsent,
} from '../domain/check/sender.ts';
import type { CheckTarget } from '../domain/check/targets.ts';
import type { Problem } from '../domain/problem.ts';
import { parseQuestion } from '../domain/registries/question.ts';
import type { askHelper } from '../io/helper-client.ts';
import type { Desired } from '../reconcile/desired.ts';
import { HELPER } from '../reconcile/ownership.ts';
import type { Helper, Lookup, Machine } from '../resolve/client.ts';
import { AUTH_VARIABLE, findDocker } from '../resolve/docker.ts';
import type { World } from '../world.ts';
import { fetchReply } from './helper-reply.ts';

/** All that a credential can come from. */
export type Asking = {
  readonly world: World;
  readonly machine: Machine;
  readonly askHelper: typeof askHelper;
  /** What is left for all that concerns one registry. */
  readonly leftMs: () => number;
};

/** The credential that docker would send; undefined where it would send none. */
export async function findSent(
  target: CheckTarget,
  place: SenderPlace,
  asking: Asking,
): Promise<Sent | Unsent | undefined> {
  if (place.desired?.isNamespace) return findInNamespace(place, place.desired);
  for (const stop of findDocker(target, asking.machine)) {
    const sent = await visit(stop, place, asking);
    if (sent) return sent;
  }
  return undefined;
}

/** docker knows no namespaces: what podman and the kubelet find there. */
function findInNamespace(place: SenderPlace, desired: Desired): Sent {
  const { user, password: secret } = desired.triple;
  const entry = place.state.config.auths.get(place.key)?.credential;
  return entry ? judgeEntry(entry, place) : fromTriple(desired, { user, secret }, place.now);
}

function programOf(name: string): string {
  return `docker-credential-${name}`;
}

async function visit(
  stop: Lookup,
  place: SenderPlace,
  asking: Asking,
): Promise<Sent | Unsent | undefined> {
  switch (stop.kind) {
    case 'fault': {
      const what = `docker cannot read its configuration, which ${stop.why}`;
      const fix = 'repair or move config.json, then run registry-auth apply';
      return { outcome: 'incomplete', what, fix };
    }
    case 'entry':
      return stop.where === AUTH_VARIABLE
        ? fromOthers(stop.credential, place, { kind: 'variable', name: AUTH_VARIABLE })
        : judgeEntry(stop.credential, { ...place, key: stop.key });
    default:
      return stop.program === programOf(HELPER)
        ? askOurs(stop, place, asking)
        : askTheirs(stop, place, asking);
  }
}

/** As our helper answers, without starting it. */
async function askOurs(
  { program, serverUrl }: Helper,
  place: SenderPlace,
  { world, machine }: Asking,
): Promise<Sent | Unsent | undefined> {
  if (!machine.programs.has(program))
    return { ...helperFails(program, 'it is not on PATH'), fix: NO_HELPER };
  const question = parseQuestion(serverUrl);
  if (!question) return undefined;
  const { credential, exchange, isToken, problem } = await fetchReply(question, world);
  if (credential && exchange && isToken) return fromTriple(exchange, credential, place.now);
  if (!credential) return exchange && problem && exchangeFailed(problem, exchange.triple.source);
  const isEntry = place.state.logins.get(question.hostName)?.secret !== credential.secret;
  return isEntry ? judgeEntry(credential, place) : fromOthers(credential, place);
}

const NO_HELPER = 'add /usr/local/bin to PATH, or rebuild the container';

function exchangeFailed({ subject, what, fix, code }: Problem, source: string): Unsent {
  return { outcome: 'exchange-failed', source, what: `${subject}: ${what} [${code}]`, fix };
}

async function askTheirs(
  { program, serverUrl }: Helper,
  place: SenderPlace,
  { leftMs, askHelper, machine }: Asking,
): Promise<Sent | Unsent | undefined> {
  if (!machine.programs.has(program)) return helperFails(program, 'it is not on PATH');
  // As docker does, whose language runs nothing of a relative folder.
  const folders = (machine.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  const env = { ...withoutTriples(machine.env), PATH: folders.join(':') };
  const reply = await askHelper(program, serverUrl, { env, leftMs });
  if (reply === 'not-found') return undefined;
  if ('why' in reply) return helperFails(program, reply.why);
  return fromOthers(reply, place, { kind: 'helper', name: program });
}

/** Our triples are no business of somebody else's program. */
function withoutTriples(env: Machine['env']): Machine['env'] {
  const others = Object.entries(env).filter(([name]) => !name.includes('CONTAINER_REGISTRY_'));
  return Object.fromEntries(others);
}

function helperFails(program: string, why: string): Unsent {
  const what = `docker has no credential for it here: it asks ${program}, but ${why}`;
  const fix = `make ${program} work, or take it out of config.json, then run registry-auth apply`;
  return { outcome: 'incomplete', source: program, what, fix };
}

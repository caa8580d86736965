import {
  fromOthers,
  fromTriple,
  judgeEntry,
  type SenderPlace,
  type Sent,
  type Unsent,
} from '../check/sender.ts';
import type { CheckTarget } from '../check/targets.ts';
import { withoutTriples } from '../io/clients.ts';
import { askHelper } from '../io/helper-client.ts';
import { parseQuestion } from '../registries/question.ts';
import { OUR_PROGRAM } from '../report/clients.ts';
import type { Helper, Lookup, Machine } from '../resolve/client.ts';
import { AUTH_VARIABLE, findDocker } from '../resolve/docker.ts';
import type { World } from '../world.ts';
import { fetchReply } from './credential-helper.ts';

export type Asking = {
  readonly world: World;
  readonly machine: Machine;
  /** The time left for everything that concerns one registry. */
  readonly leftMs: () => number;
};

/** Undefined if nothing is found and nothing is wrong. */
type Sending = Sent | Unsent | undefined;

/** The credential that docker would send. */
export async function fetchSent(
  target: CheckTarget,
  place: SenderPlace,
  asking: Asking,
): Promise<Sending> {
  if (place.desired?.isNamespace) {
    // docker ignores namespaces: this is what podman and the kubelet find there.
    const { user, password: secret, command } = place.desired.triple;
    if (command) return askOurs(place.key, place, asking.world);
    const entry = place.state.config.auths.get(place.key)?.credential;
    if (entry) return judgeEntry(entry, place);
    return fromTriple(place.desired, { user, secret }, place.request.now);
  }
  for (const stop of findDocker(target, asking.machine)) {
    const sent = await visit(stop, place, asking);
    if (sent) return sent;
  }
  return undefined;
}

async function visit(stop: Lookup, place: SenderPlace, asking: Asking): Promise<Sending> {
  if (stop.kind === 'fault') {
    const what = `docker only warns, and continues without a login: its configuration ${stop.why}`;
    const fix = 'repair or move config.json, then run registry-auth apply';
    return { outcome: 'incomplete', what, fix };
  }
  if (stop.kind === 'helper') {
    if (!asking.machine.programs.has(stop.program))
      return helperFails(stop.program, 'it is not on PATH');
    return stop.program === OUR_PROGRAM
      ? askOurs(stop.serverUrl, place, asking.world)
      : askOther(stop, place, asking);
  }
  return stop.where === AUTH_VARIABLE
    ? fromOthers(stop.credential, place, { kind: 'variable', name: AUTH_VARIABLE })
    : judgeEntry(stop.credential, { ...place, key: stop.key });
}

/** Our helper's reply, without starting it. */
async function askOurs(serverUrl: string, place: SenderPlace, world: World): Promise<Sending> {
  const question = parseQuestion(serverUrl);
  if (!question) return undefined;
  const { credential, exchange, problem } = await fetchReply(question, world);
  if (credential && exchange && !problem)
    return fromTriple(exchange, credential, place.request.now);
  if (credential) {
    const isLogin = place.state.logins.get(question.hostName)?.secret === credential.secret;
    return isLogin ? fromOthers(credential, place) : judgeEntry(credential, place);
  }
  if (!exchange || !problem) return undefined;
  const what = `${problem.subject}: ${problem.what} [${problem.code}]`;
  const { source } = exchange.triple;
  return { outcome: 'exchange-failed', source, what, fix: problem.fix };
}

async function askOther(helper: Helper, place: SenderPlace, asking: Asking): Promise<Sending> {
  const { program, serverUrl } = helper;
  const { leftMs, machine } = asking;
  const env = withoutTriples(machine.env);
  const reply = await askHelper(program, serverUrl, { env, leftMs });
  if (reply === 'not-found') return undefined;
  if ('why' in reply) return helperFails(program, reply.why);
  return fromOthers(reply, place, { kind: 'helper', name: program });
}

function helperFails(program: string, why: string): Unsent {
  const what = `docker has no credential for it here: it asks ${program}, but ${why}`;
  const fix =
    program === OUR_PROGRAM
      ? 'add /usr/local/bin to PATH, or rebuild the container'
      : `make ${program} work, or remove it from config.json, then run registry-auth apply`;
  return { outcome: 'incomplete', source: program, what, fix };
}

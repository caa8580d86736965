import { advise } from '../check/advice.ts';
import { type Finding, findIncomplete, whyNothing } from '../check/finding.ts';
import { type CheckTarget, findTargets } from '../check/targets.ts';
import { readAuthorities, readMachine } from '../io/clients.ts';
import type { Code, Messages, Problem } from '../problem.ts';
import { loginName } from '../registries/keys.ts';
import { sendWithin } from '../registry-client/http.ts';
import type { Proxies } from '../registry-client/network.ts';
import { checkRegistry } from '../registry-client/registry.ts';
import { type CheckResult, describe, isEcho, isFine } from '../registry-client/result.ts';
import type { Label } from '../report/check.ts';
import { requestOf, type World } from '../world.ts';
import { type Asking, fetchSent, type Sent } from './sent.ts';
import { findStatus, readBlocked } from './status.ts';

/** Results that arrive one by one, and what is known before. */
export type Check = Messages & {
  readonly labels: readonly Label[];
  readonly pending: readonly Promise<Finding>[];
  /** Triples that lack a part: no request is made for them. */
  readonly incomplete: readonly Finding[];
  /** Whether a word on the command line names nothing: then no request is made. */
  readonly isMisused: boolean;
};

/**
 * Checks with every registry, all at once, whether it accepts the credential that docker would
 * send. Words are IDs, hosts and images; without words, it checks everything with a triple. Each
 * registry has `limitMs` in total. Writes nothing but a token to the cache, like a pull.
 */
export function startCheck(
  world: World,
  words: readonly string[],
  limitMs: number,
  proxies: Proxies,
): Check {
  const { place, found } = world;
  const nothing = { labels: [], pending: [], incomplete: [], notices: [], isMisused: false };
  if ('problem' in place) return { ...nothing, problems: [place.problem] };
  const broken = findIncomplete(found.problems, world.isCodespace);
  const { targets: all, problems } = chooseTargets(words, world, broken);
  const targets = all.filter(({ desired }) => world.ecr.run || !desired?.triple.command);
  if (problems.length > 0) return { ...nothing, problems, isMisused: true };
  const incomplete = broken.filter(({ id = '' }) => words.length === 0 || words.includes(id));
  const machine = readMachine(world.environment.variables, world.uid);
  const blocked = readBlocked(world);
  const request = requestOf(world);
  const scene: CheckScene = {
    ...{ world, machine, request, proxies, blocked },
    firsts: new Map(),
    leftMs: () => request.now + limitMs - world.now(),
  };
  return {
    labels: [...targets.map(labelOf), ...incomplete],
    pending: targets.map((target) => checkOne(target, scene)),
    incomplete,
    isMisused: false,
    ...tellMore(words.length > 0 ? tellOf(words, world, blocked) : findStatus(world, machine)),
  };
}

function chooseTargets(
  words: readonly string[],
  { found: { desired, broken }, state: { config, logins } }: World,
  incomplete: readonly Finding[],
) {
  const ids = incomplete.map(({ id = '' }) => id);
  return findTargets(words, {
    desired,
    brokenIds: new Set([...broken.ids, ...broken.clashing, ...ids]),
    keys: [...config.auths.keys(), ...config.credHelpers.keys(), ...logins.keys()],
    managed: config.records.logins,
  });
}

/** Problems that the results already show. */
const IN_RESULTS: ReadonlySet<Code> = new Set<Code>([
  'TRIPLE_INCOMPLETE',
  'NOT_WRITTEN',
  'SECRETS_NOT_HERE',
  'LOGGED_OUT',
  'ECR_TOKEN_EXPIRED',
  'ECR_NO_TOKEN',
  'ECR_KEYS_SWAPPED',
  'HELPER_NOT_FOUND',
]);

/** What the results do not show; a client that looks elsewhere is not the registry's problem. */
function tellMore({ problems, notices }: Messages): Messages {
  const others = problems.filter(({ code }) => !IN_RESULTS.has(code));
  return {
    problems: others.filter(({ isAboutClients }) => !isAboutClients),
    notices: [...notices, ...others.filter(({ isAboutClients }) => isAboutClients)],
  };
}

/** Problems of the given IDs alone. */
function tellOf(words: readonly string[], { found, state }: World, blocked?: Problem): Messages {
  const own = found.problems.filter(({ id = '' }) => words.includes(id));
  return { problems: [...own, ...state.problems, ...(blocked ? [blocked] : [])], notices: [] };
}

type CheckScene = Asking & {
  readonly proxies: Proxies;
  /** Why missing entries cannot be written either. */
  readonly blocked: Problem | undefined;
  /** The first result for each credential of a registry. */
  readonly firsts: Map<string, Promise<CheckResult>>;
};

function labelOf({ id, host, image }: CheckTarget): Label {
  return { host, id, image: image?.text };
}

async function checkOne(target: CheckTarget, scene: CheckScene): Promise<Finding> {
  const { request, world } = scene;
  const { key, provider } = target;
  const sent = await fetchSent(target, scene);
  const result =
    sent && 'outcome' in sent ? { ...sent, hostless: sent.what } : await ask(target, sent, scene);
  const milliseconds = world.now() - request.now;
  return { ...labelOf(target), provider: provider.name, key, ...result, milliseconds };
}

const REQUEST_MS = 10_000;

async function ask(
  target: CheckTarget,
  sent: Sent | undefined,
  scene: CheckScene,
): Promise<Pick<Finding, 'outcome' | 'source' | 'what' | 'hostless' | 'fix'>> {
  const { host, image, provider } = target;
  const { proxies, firsts, blocked, leftMs } = scene;
  let trusted: string | undefined;
  const findAuthorities = () => {
    const { directory, texts } = readAuthorities(provider.apiHost ?? host);
    if (texts.length > 0) trusted = directory;
    return texts;
  };
  const how = { requestMs: REQUEST_MS, proxies: proxies.used, leftMs, findAuthorities };
  const talk = () => checkRegistry(target, sent?.credential, sendWithin(how));
  const result = await (sent ? talkOnce(talk, host, sent, firsts) : talk());
  const { outcome } = result;
  if (!sent && outcome === 'incomplete') return nothingSent(result, target, scene);
  const context = { provider, host, ignoredProxy: proxies.whyIgnored(host) };
  const { source, origin = { kind: 'login' }, credential } = sent ?? {};
  const { user = '', secret } = credential ?? {};
  const isOld = origin.kind === 'triple' && origin.isOld;
  const fix = isOld && blocked ? blocked.fix : advise(result, { ...context, origin, user, secret });
  const isTrusted = trusted && outcome !== 'tls-failed';
  const tell = (mayNameHost: boolean, authorities: string) =>
    [
      sentence(result, sent, mayNameHost),
      ...(image?.isLatest ? ['no tag was given, so latest was checked'] : []),
      ...(isTrusted ? [`certificate trusted by ${authorities}, as docker does`] : []),
    ].join('; ');
  const what = tell(true, `${trusted}`);
  const hostless = tell(false, '/etc/docker/certs.d');
  return { outcome, what, hostless, source, fix };
}

function nothingSent(result: CheckResult, target: CheckTarget, { world, blocked }: CheckScene) {
  const { what: why, fix } =
    blocked && target.desired ? { ...blocked, what: 'not written' } : whyNothing(target, world);
  const what = `${describe(result)}: ${why}`;
  return { outcome: result.outcome, what, hostless: what, fix };
}

/** A refused credential is not sent again for another image: that may lock the account. */
async function talkOnce(
  talk: () => Promise<CheckResult>,
  host: string,
  { credential: { user, secret } }: Sent,
  firsts: CheckScene['firsts'],
): Promise<CheckResult> {
  const name = JSON.stringify([loginName(host), user, secret]);
  const first = firsts.get(name);
  if (first) return (await first).outcome === 'rejected' ? first : talk();
  const own = talk();
  firsts.set(name, own);
  return own;
}

function sentence(result: CheckResult, sent: Sent | undefined, mayNameHost: boolean): string {
  const isEchoed = result.host && sent ? isEcho(result.host, sent.credential) : false;
  const about = isFine(result) || result.outcome === 'rejected' || sent?.origin.kind === 'login';
  const notes = about ? (sent?.notes ?? []) : [];
  return [describe(result, { canNameHost: mayNameHost && !isEchoed }), ...notes].join('; ');
}

import { advise, type Origin } from '../domain/check/advice.ts';
import { type Finding, findIncomplete } from '../domain/check/finding.ts';
import { type SenderPlace, type Sent, type Unsent, whyNothing } from '../domain/check/sender.ts';
import { type CheckTarget, findTargets } from '../domain/check/targets.ts';
import type { Code, Notice, Problem } from '../domain/problem.ts';
import { loginName } from '../domain/registries/keys.ts';
import { readMachine } from '../io/clients.ts';
import { askHelper, inTurn } from '../io/helper-client.ts';
import type { Request } from '../reconcile/request.ts';
import type { State } from '../reconcile/state.ts';
import { sendWithin } from '../registry-client/http.ts';
import type { Proxies } from '../registry-client/network.ts';
import { checkRegistry } from '../registry-client/registry.ts';
import { type CheckResult, describe, isEcho, isFine } from '../registry-client/result.ts';
import type { Machine } from '../resolve/client.ts';
import { requestOf, type World } from '../world.ts';
import { type Asking, findSent } from './sent.ts';
import { findStatus } from './status.ts';

export type CheckWords = {
  /** IDs, hosts and images; none means whatever has a triple. */
  readonly words: readonly string[];
  /** For one request, and for all that concerns one registry. */
  readonly limits: { readonly requestMs: number; readonly totalMs: number };
  readonly proxies: Proxies;
};

export type Checked = {
  readonly findings: readonly Finding[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
  /** Whether a word on the command line names nothing: then nothing was asked. */
  readonly isMisused: boolean;
};

/** What is about to be checked, for whoever shows results one by one. */
export type Prospect = Pick<Finding, 'id' | 'host' | 'image'>;

export type Listener = {
  readonly onStart: (prospects: readonly Prospect[]) => void;
  readonly onFinding: (finding: Finding) => void;
};

/**
 * Asks every registry whether it accepts the credential that docker would send, all at once. Reads
 * only; writes nothing but a token to the cache, as a pull would.
 */
export async function check(world: World, input: CheckWords, listener: Listener): Promise<Checked> {
  const { place, state, found } = world;
  const { words } = input;
  const nothing = { findings: [], notices: [], isMisused: false };
  if ('problem' in place) return { ...nothing, problems: [place.problem] };
  const incomplete = findIncomplete(found.problems, world.isCodespace);
  const known = {
    desired: found.desired,
    brokenIds: new Set([
      ...found.broken.ids,
      ...found.broken.clashing,
      ...incomplete.map(({ id = '' }) => id),
    ]),
    keys: keysIn(state),
    managed: state.config.records.logins,
  };
  const { targets, problems: misused } = findTargets(words, known);
  if (misused.length > 0) return { ...nothing, problems: misused, isMisused: true };
  const asked = incomplete.filter(({ id = '' }) => words.length === 0 || words.includes(id));
  listener.onStart([...targets.map(prospectOf), ...asked]);
  for (const finding of asked) listener.onFinding(finding);
  const scene = sceneOf(world, input);
  const findings = await checkAll(targets, scene, listener);
  const more =
    words.length > 0 ? { problems: state.problems, notices: [] } : tellMore(world, scene.machine);
  return { isMisused: false, findings: [...findings, ...asked], ...more };
}

type More = Pick<Checked, 'problems' | 'notices'>;

/** What the results say already. */
const IN_RESULTS: ReadonlySet<Code> = new Set<Code>([
  'TRIPLE_INCOMPLETE',
  'NOT_WRITTEN',
  'SECRETS_NOT_HERE',
  'LOGGED_OUT',
  'ECR_TOKEN_EXPIRED',
  'HELPER_NOT_FOUND',
]);

/** What `status` knows beyond them; that some client looks elsewhere is no news of a registry's. */
function tellMore(world: World, machine: Machine): More {
  const { problems, notices } = findStatus(world, machine);
  const others = problems.filter(({ code }) => !IN_RESULTS.has(code));
  return {
    problems: others.filter(({ isAboutClients }) => !isAboutClients),
    notices: [...notices, ...others.filter(({ isAboutClients }) => isAboutClients)],
  };
}

/** A helper may be as heavy as Node itself; VS Code's is. */
const HELPERS_AT_ONCE = 4;

/** What all targets have in common. */
type CheckScene = Omit<Asking, 'leftMs'> & {
  readonly input: CheckWords;
  readonly request: Request;
  /** The first result for each credential of a registry. */
  readonly firsts: Map<string, Promise<CheckResult>>;
};

function sceneOf(world: World, input: CheckWords): CheckScene {
  return {
    world,
    input,
    request: requestOf(world),
    firsts: new Map(),
    machine: readMachine(world.environment.variables, world.uid),
    askHelper: inTurn(HELPERS_AT_ONCE, askHelper),
  };
}

function checkAll(
  targets: readonly CheckTarget[],
  scene: CheckScene,
  { onFinding }: Listener,
): Promise<Finding[]> {
  return Promise.all(
    targets.map(async (target) => {
      const finding = await checkOne(target, scene);
      onFinding(finding);
      return finding;
    }),
  );
}

function keysIn({ config, logins }: State): string[] {
  const { auths, credHelpers } = config;
  return [...auths.keys(), ...credHelpers.keys(), ...logins.keys()];
}

function prospectOf({ id, host, image }: CheckTarget): Prospect {
  return {
    host,
    ...(id ? { id } : {}),
    ...(image ? { image: image.text } : {}),
  };
}

async function checkOne(target: CheckTarget, scene: CheckScene): Promise<Finding> {
  const { world, request } = scene;
  const { now } = world;
  const { limits } = scene.input;
  const start = now();
  const leftMs = () => start + limits.totalMs - now();
  const { key, desired } = target;
  const place = { key, desired, state: world.state, request, now: start };
  const sent = await findSent(target, place, { ...scene, leftMs });
  const told =
    sent && 'outcome' in sent
      ? tellUnsent(sent)
      : await ask(target, sent, place, { ...scene, leftMs });
  const { name: provider } = target.provider;
  return { ...prospectOf(target), provider, key, ...told, milliseconds: now() - start };
}

type Told = Pick<Finding, 'outcome' | 'source' | 'what' | 'hostless' | 'fix'>;

function tellUnsent({ source, outcome, what, fix }: Unsent): Told {
  return { outcome, what, hostless: what, fix, ...(source ? { source } : {}) };
}

async function ask(
  target: CheckTarget,
  sent: Sent | undefined,
  place: SenderPlace,
  { input, firsts, leftMs }: CheckScene & Asking,
): Promise<Told> {
  const { host, image, provider } = target;
  const { limits, proxies } = input;
  const asked = image ? { host, image } : { host };
  const how = { requestMs: limits.requestMs, proxies: proxies.used, leftMs };
  const talk = () => checkRegistry(asked, sent?.credential, sendWithin(how));
  const verdict = await (sent ? talkOnce(talk, host, sent, firsts) : talk());
  if (!sent && verdict.outcome === 'incomplete') {
    const { what: why, fix } = whyNothing(place);
    const what = `${describe(verdict)}: ${why}`;
    return { outcome: 'incomplete', what, hostless: what, fix };
  }
  const origin: Origin = sent?.origin ?? { kind: 'none' };
  const context = { provider, host, user: sent?.credential.user ?? '', origin };
  const fix = advise(verdict, { ...context, isProxyIgnored: proxies.areIgnored });
  return {
    outcome: verdict.outcome,
    what: sentence(verdict, sent, true),
    hostless: sentence(verdict, sent, false),
    ...(sent ? { source: sent.source } : {}),
    ...(fix ? { fix } : {}),
  };
}

/** What was refused is not shown again for another image: that may lock the account. */
async function talkOnce(
  talk: () => Promise<CheckResult>,
  host: string,
  { credential: { user, secret } }: Sent,
  firsts: CheckScene['firsts'],
): Promise<CheckResult> {
  const name = JSON.stringify([loginName(host), user, secret]);
  const first = firsts.get(name);
  if (first) {
    const verdict = await first;
    return verdict.outcome === 'rejected' ? verdict : talk();
  }
  const own = talk();
  firsts.set(name, own);
  return own;
}

function sentence(verdict: CheckResult, sent: Sent | undefined, mayNameHost: boolean): string {
  const isEchoed = verdict.host && sent ? isEcho(verdict.host, sent.credential) : false;
  const canNameHost = mayNameHost && !isEchoed;
  const about = isFine(verdict) || verdict.outcome === 'rejected' || sent?.origin.kind === 'login';
  const notes = about ? (sent?.notes ?? []) : [];
  return [describe(verdict, { canNameHost }), ...notes].join('; ');
}

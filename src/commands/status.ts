import { normalize } from 'node:path';
import { findOversize } from '../dockerconfig/file.ts';
import { hasVsCode } from '../io/clients.ts';
import type { ConfigDir } from '../io/place/config-dir.ts';
import { readObstacle } from '../io/place/obstacle.ts';
import { findNearest } from '../nearest.ts';
import type { Messages, Notice, Problem } from '../problem.ts';
import { readExchanges, tellDead } from '../providers/on-demand/exchange.ts';
import { readKeptToken } from '../providers/on-demand/kept.ts';
import { planChange } from '../reconcile/plan.ts';
import { splitName } from '../registries/keys.ts';
import { unknownName } from '../registries/named.ts';
import { type Address, parseAddress } from '../registries/reference.ts';
import { findClientLogins, findClientProblems } from '../report/clients.ts';
import { findKeyProblems, helperProblems, namespaceNotices } from '../report/notices.ts';
import { LACKING_STATES } from '../report/ready.ts';
import { findOutcome } from '../report/registries.ts';
import { describeStore, findOthers, findShadows } from '../report/shadow.ts';
import { findStatusKeys, type Status, type StatusKey } from '../report/status-keys.ts';
import type { Machine } from '../resolve/client.ts';
import { findExpected } from '../secrets/expected.ts';
import { requestOf, type World } from '../world.ts';
import { readReply } from './credential-helper.ts';

/** The status, with the login that each client would send to a registry or for an image. */
function findAddressStatus(world: World, machine: Machine, address: Address): Status {
  const status = findStatus(world, machine);
  const clients = findClientLogins(address, machine, (serverUrl) => readReply(serverUrl, world));
  // Other problems already explain why clients fail.
  const problems = status.problems.length > 0 ? status.problems : findClientProblems(clients);
  return { ...status, problems, asked: { address, clients } };
}

/**
 * The status of one word: an ID stands for its registry, unless it is broken. Or why the word names
 * nothing.
 */
export function findWordStatus(world: World, machine: Machine, word: string): Status | Problem {
  const { found, state } = world;
  const { desired, ids } = found;
  const records = [...state.config.records.logins];
  const own =
    desired.find(({ triple }) => triple.id === word) ??
    desired.find((one) => one.ids.includes(word));
  const [name] = records.find(([, managed]) => managed.ids.includes(word)) ?? [];
  const registry = own?.registry ?? (name && splitName(name));
  if (registry) return findAddressStatus(world, machine, addressOf(registry));
  if (ids.has(word)) {
    const { problems, ...status } = findStatus(world, machine);
    return { ...status, keys: [], problems: problems.filter(({ id = word }) => id === word) };
  }
  const known = [
    ...ids,
    ...desired.flatMap((one) => one.ids),
    ...records.flatMap(([, r]) => r.ids),
  ];
  const address = findNearest(word, known)
    ? { what: 'is not the ID of a triple' }
    : parseAddress(word);
  if (!('what' in address)) return findAddressStatus(world, machine, address);
  return unknownName(word, address.what, known, 'status');
}

function addressOf({ host, namespace }: { host: string; namespace?: string | undefined }): Address {
  return namespace === undefined ? { host } : { host, repository: namespace };
}

/**
 * What is configured, its source and expiry, and what hides it from a client: the plan and the
 * problems of `apply --dry-run`, with cached tokens. Reads only the world, and starts no program.
 */
export function findStatus(world: World, machine: Machine): Status {
  const { place, state, found, envFiles, mode, ecr } = world;
  const ids = [...found.ids];
  if ('problem' in place)
    return { config: '', ids, keys: [], problems: [place.problem, ...found.problems], notices: [] };
  const { dir, notices } = place;
  const { credentials } = readExchanges(found.desired, ecr);
  const request = { ...requestOf(world), credentials };
  const all = findStatusKeys(state, {
    request,
    hasCache: ecr.madeCache !== undefined,
    keptEndOf: (one) => readKeptToken(one, ecr)?.expiresAt,
    canAnswer: (key) => readReply(key, world) !== 'not-found',
  });
  const isLacking = ({ state: one }: StatusKey) => LACKING_STATES.includes(one);
  const isMissing = all.some((key) => key.source && isLacking(key));
  const blocked = readBlocked(world, isMissing);
  const keys = all.map((key) =>
    blocked && isLacking(key) ? { ...key, state: 'blocked' as const } : key,
  );
  const isHeld = state.config.records.logins.size > 0;
  const plan = planChange(state, request);
  const expired = tellDead(found.desired, request.now);
  // Our helper requests a token only at a pull; and one reason for each ID is enough.
  const explained = [...found.problems, ...expired].map(({ id }) => id);
  const open = keys
    .filter(({ id }) => !explained.includes(id))
    .filter((key) => key.state !== 'no-token' || mode.mode === 'file');
  const hidden = state.problems.length > 0 ? state : findHidden(open, dir, world, machine);
  return {
    config: dir.shown,
    ...(state.config.credsStore ? { credsStore: state.config.credsStore } : {}),
    ids,
    keys,
    problems: [
      ...found.problems,
      ...findUnmet(world),
      ...envFiles.problems,
      ...expired,
      ...(blocked ? [blocked] : []),
      ...helperProblems(plan.changes.map(findOutcome), keys),
      // apply would fix this one, if it could write.
      ...hidden.problems.filter(({ code }) => !blocked || code !== 'CREDS_STORE_SHADOWS'),
    ],
    notices: [...envFiles.notices, ...found.notices, ...(isHeld ? notices : []), ...hidden.notices],
  };
}

/** Why the next apply cannot write missing entries; undefined if none are missing. */
export function readBlocked(world: World, isMissing = false) {
  const { place, state, mode } = world;
  if ('problem' in place || state.problems.length > 0 || mode.mode === 'skip') return undefined;
  const { writes } = planChange(state, requestOf(world));
  if (writes.length === 0 && !isMissing) return undefined;
  return findOversize(writes, place.dir)?.problem ?? readObstacle(place.dir);
}

/** Codes of what works; everything else that keeps a client from a login is a problem here. */
const NOTICES: readonly string[] = ['NAMESPACE_SHARED', 'CREDS_STORE_FIRST'];
const isProblem = (one: Notice): one is Problem => !NOTICES.includes(one.code);

/** What keeps clients from a login. */
function findHidden(
  keys: readonly StatusKey[],
  { shown, named }: ConfigDir,
  { state, found }: World,
  machine: Machine,
): Messages {
  const { env } = machine;
  const { credsStore, records } = state.config;
  const others = findOthers(machine).filter(({ path }) => normalize(path) !== named);
  const all = [
    ...namespaceNotices(found.desired, records.logins),
    ...findShadows(keys, env, others, shown),
    ...(credsStore ? [describeStore(credsStore, machine, hasVsCode(env), shown)] : []),
  ];
  return {
    problems: [...findKeyProblems(keys), ...all.filter(isProblem)],
    notices: [...state.notices, ...all.filter((one) => !isProblem(one))],
  };
}

/** IDs with an entry of ours count as set, because this shell may lack their secrets. */
function findUnmet({ options, environment, state, found, mode }: World): Problem[] {
  if (mode.isPrebuild) return [];
  const written = [...state.config.records.logins.values()].flatMap(({ ids }) => ids);
  return findExpected(options.expect, new Set([...found.ids, ...written]), environment);
}

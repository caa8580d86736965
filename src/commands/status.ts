import { normalize } from 'node:path';
import type { ConfigDir } from '../dockerconfig/file.ts';
import type { Messages, Notice, Problem } from '../domain/problem.ts';
import { isHostKey } from '../domain/registries/keys.ts';
import type { Address } from '../domain/registries/reference.ts';
import { findClientLogins, findClientProblems, OUR_PROGRAM } from '../domain/tell/clients.ts';
import { findKeyProblems, namespaceNotices } from '../domain/tell/notices.ts';
import {
  findShadows,
  type OtherFile,
  parseKeys,
  parseRegctl,
  tellStore,
} from '../domain/tell/shadow.ts';
import { findStatusKeys, type Status, type StatusKey } from '../domain/tell/status.ts';
import { findExpected } from '../domain/triples/expected.ts';
import { hasVsCode } from '../io/clients.ts';
import { tellExposure } from '../io/exposure.ts';
import type { Machine } from '../resolve/client.ts';
import { findPaths } from '../resolve/paths.ts';
import { requestOf, type World } from '../world.ts';
import { readBlocked, withoutEffects } from './blocked.ts';
import { readReply } from './credential-helper.ts';

/** The status, and which login each client would send to a registry, or for an image. */
export function findAddressStatus(world: World, machine: Machine, address: Address): Status {
  const status = findStatus(world, machine);
  const clients = findClientLogins(address, machine, (serverUrl) => readReply(serverUrl, world));
  // What else is wrong says why they fail.
  const problems = status.problems.length > 0 ? status.problems : findClientProblems(clients);
  return { ...status, problems, asked: { address, clients } };
}

/**
 * What is configured, from which source, until when, and what keeps a client from seeing it. Reads
 * nothing that is not in the world, and starts no program.
 */
export function findStatus(world: World, machine: Machine): Status {
  const { place, state, envFiles } = world;
  const triples = world.found;
  if ('problem' in place)
    return { config: '', hasTriples: false, keys: [], problems: [place.problem], notices: [] };
  const { dir } = place;
  const hasHelper = machine.programs.has(OUR_PROGRAM);
  const found = findStatusKeys(state, {
    ...{ request: requestOf(world), hasHelper },
    canAnswer: (key) => readReply(key, world) !== 'not-found',
  });
  const { refusal, notices } = tellExposure(dir);
  const isMissing = found.some(({ source, state }) => source && LACKING.includes(state));
  const cause = refusal ?? readBlocked(world, hasHelper, isMissing);
  const keys = cause ? found.map(toBlocked) : found;
  const isHeld = state.config.records.logins.size > 0;
  const trouble = state.problems.length > 0 ? state : findTrouble(keys, dir, world, machine);
  return {
    config: dir.shown,
    ...(state.config.credsStore ? { credsStore: state.config.credsStore } : {}),
    hasTriples: triples.ids.size > 0,
    keys,
    problems: [
      ...triples.problems,
      ...findUnmet(world),
      ...envFiles.problems,
      ...(cause ? [cause] : []),
      ...withoutEffects(trouble.problems, cause),
    ],
    notices: [
      ...envFiles.notices,
      ...triples.notices,
      ...(isHeld ? notices : []),
      ...trouble.notices,
    ],
  };
}

/** What a run of apply writes. */
const LACKING: readonly string[] = ['missing', 'logged-out', 'expired'];

function toBlocked(key: StatusKey): StatusKey {
  return LACKING.includes(key.state) ? { ...key, state: 'blocked' } : key;
}

/** What works, but should be known; all else that keeps a client from a login is a problem here. */
const NOTICES: readonly string[] = ['NAMESPACE_SHARED', 'CREDS_STORE_FIRST'];
const isProblem = (one: Notice): one is Problem => !NOTICES.includes(one.code);

/** What keeps clients from a login. */
function findTrouble(
  keys: readonly StatusKey[],
  { shown, config }: ConfigDir,
  { state, found }: World,
  machine: Machine,
): Messages {
  const { env, programs } = machine;
  const { credsStore, records } = state.config;
  const inFile = keys.filter((one) => one.state === 'file' && isHostKey(one.key));
  const unhelped = credsStore ? inFile.map(({ key }) => key) : [];
  const others = findOthers(machine).filter(({ path }) => normalize(path) !== config);
  const isThere = programs.has(`docker-credential-${credsStore}`);
  const store = { isThere, hasVsCode: hasVsCode(env) };
  const all = [
    ...namespaceNotices(found.desired, records.logins),
    ...findShadows({ env, keys: keys.map(({ key }) => key), unhelped, others, shown }),
    ...(credsStore ? [tellStore(credsStore, store, shown)] : []),
  ];
  return {
    problems: [...findKeyProblems(keys), ...all.filter(isProblem)],
    notices: [...state.notices, ...all.filter((one) => !isProblem(one))],
  };
}

/** A shell may lack the secrets of an entry that was written: then nothing is to be done. */
function findUnmet({ options, environment, state, found, mode }: World): Problem[] {
  if (mode.isPrebuild) return [];
  const written = [...state.config.records.logins.values()].flatMap(({ ids }) => ids);
  return findExpected(options.expect, new Set([...found.ids, ...written]), environment);
}

/** Files that other clients read before ours (docs/clients.md). */
function findOthers(machine: Machine): OtherFile[] {
  const { podman, helm, regctl, home } = findPaths(machine);
  const { files } = machine;
  const read = (kind: OtherFile['kind']) => (path: string) => {
    const parse = kind === 'regctl' ? parseRegctl : parseKeys;
    return { kind, path, keys: parse(files.get(path)) };
  };
  const firstRegctl = regctl.filter((path) => files.has(path)).slice(0, 1);
  return [
    ...podman.map(read('auth.json')),
    ...[helm].map(read('helm')),
    ...firstRegctl.map(read('regctl')),
    ...[home].map(read('docker')),
  ];
}

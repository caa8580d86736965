import { normalize } from 'node:path';
import type { ConfigDir } from '../dockerconfig/file.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import { isHostKey } from '../domain/registries/keys.ts';
import type { Address } from '../domain/registries/reference.ts';
import {
  type AddressStatus,
  findClientLogins,
  findClientProblems,
  OUR_PROGRAM,
} from '../domain/tell/clients.ts';
import { findKeyProblems } from '../domain/tell/key-problems.ts';
import { namespaceNotices } from '../domain/tell/notices.ts';
import {
  findShadows,
  findStoreTrouble,
  type OtherFile,
  parseKeys,
  parseRegctl,
} from '../domain/tell/shadow.ts';
import { findStatusKeys, type Status, type StatusKey } from '../domain/tell/status.ts';
import { findExpected } from '../domain/triples/expected.ts';
import { hasVsCode } from '../io/clients.ts';
import { tellExposure } from '../io/exposure.ts';
import type { Machine } from '../resolve/client.ts';
import { findPaths } from '../resolve/paths.ts';
import { requestOf, type World } from '../world.ts';
import { readReply } from './helper-reply.ts';

/**
 * What is configured, from which source, until when, and what keeps a client from seeing it. Reads
 * nothing that is not in the world, and asks nobody.
 */
export function findStatus(world: World, machine: Machine): Status {
  const { place, state, found, envFiles } = world;
  if ('problem' in place) return notOpened(place.problem);
  const { dir } = place;
  const keys = findStatusKeys(state, {
    request: requestOf(world),
    hasHelper: machine.programs.has(OUR_PROGRAM),
    canAnswer: (key) => readReply(key, world) !== 'not-found',
  });
  const { refusal, notices } = tellExposure(dir);
  const isHeld = state.config.records.logins.size > 0;
  const trouble = findTrouble(keys, dir, world, machine);
  return {
    config: dir.shown,
    ...(state.config.credsStore ? { credsStore: state.config.credsStore } : {}),
    hasTriples: found.ids.size > 0,
    keys,
    problems: [
      ...found.problems,
      ...expectedOf(world),
      ...envFiles.problems,
      ...(refusal ? [refusal] : []),
      ...trouble.problems,
    ],
    notices: [
      ...envFiles.notices,
      ...found.notices,
      ...(isHeld ? notices : []),
      ...trouble.notices,
    ],
  };
}

function notOpened(problem: Problem): Status {
  return { config: '', hasTriples: false, keys: [], problems: [problem], notices: [] };
}

type StatusTrouble = { readonly problems: readonly Problem[]; readonly notices: readonly Notice[] };

/** What keeps clients from a login; where the files cannot be read, that is all there is to say. */
function findTrouble(
  keys: readonly StatusKey[],
  dir: ConfigDir,
  { state, found }: World,
  machine: Machine,
): StatusTrouble {
  if (state.problems.length > 0) return { problems: state.problems, notices: state.notices };
  const { env } = machine;
  const { credsStore: name } = state.config;
  const { shown } = dir;
  const shadows = findShadows({
    env,
    keys: keys.map(({ key }) => key),
    unhelped: keys.flatMap(({ key, state: answers }) =>
      name && answers === 'file' && isHostKey(key) ? key : [],
    ),
    others: findOthers(machine, dir),
    shown,
  });
  const isThere = machine.programs.has(`docker-credential-${name}`);
  const store = name
    ? findStoreTrouble({ name, isThere, hasVsCode: hasVsCode(env), shown })
    : { problems: [], notices: [] };
  const namespaces = namespaceNotices(found.desired, (one) => state.config.records.logins.get(one));
  const fix = 'run registry-auth apply';
  const unreachable = namespaces
    .filter(({ code }) => code === 'NAMESPACE_UNREACHABLE')
    .map((notice) => ({ fix, ...notice }));
  const shared = namespaces.filter(({ code }) => code !== 'NAMESPACE_UNREACHABLE');
  return {
    problems: [...findKeyProblems(keys), ...unreachable, ...shadows, ...store.problems],
    notices: [...state.notices, ...shared, ...store.notices],
  };
}

/** A shell may lack the secrets of an entry that was written: then nothing is to be done. */
function expectedOf({ options, environment, state, found, mode }: World): Problem[] {
  if (mode.isPrebuild) return [];
  const written = [...state.config.records.logins.values()].flatMap(({ ids }) => ids);
  return findExpected(options.expect, new Set([...found.ids, ...written]), environment);
}

/** Files that other clients read before ours (docs/clients.md). */
function findOthers(machine: Machine, dir: ConfigDir): OtherFile[] {
  const { podman, helm, regctl, home } = findPaths(machine);
  const { files } = machine;
  const firstRegctl = regctl.filter((path) => files.has(path)).slice(0, 1);
  const all: readonly (readonly [OtherFile['kind'], string])[] = [
    ...podman.map((path) => ['auth.json', path] as const),
    ['helm', helm],
    ...firstRegctl.map((path) => ['regctl', path] as const),
    ['docker', home],
  ];
  return all
    .filter(([, path]) => normalize(path) !== dir.config)
    .map(([kind, path]) => {
      const parse = kind === 'regctl' ? parseRegctl : parseKeys;
      return { kind, path, keys: parse(files.get(path)) };
    });
}

/** The same, and which user each client would send to a registry, or for an image. */
export function findAddressStatus(world: World, machine: Machine, address: Address): AddressStatus {
  const status = findStatus(world, machine);
  const clients = findClientLogins(address, machine, (serverUrl) => readReply(serverUrl, world));
  // What else is wrong says why they fail.
  const problems = status.problems.length > 0 ? status.problems : findClientProblems(clients);
  return { ...status, problems, address, clients };
}

import { normalize } from 'node:path';
import { type ConfigDir, openConfig } from '../dockerconfig/file.ts';
import { filesOf } from '../dockerconfig/managed.ts';
import type { Machine } from '../resolve/client.ts';
import { findPaths } from '../resolve/paths.ts';
import { decideMode } from '../domain/feature/mode.ts';
import type { Options } from '../domain/feature/options.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import { discover, type Found } from '../domain/registries/discover.ts';
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
import type { Source } from '../domain/triples/triple.ts';
import { hasVsCode, readMachine } from '../io/clients.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { tellExposure } from '../io/exposure.ts';
import { readRemembered } from '../io/sources.ts';
import { NO_REQUEST, type Request } from '../reconcile/request.ts';
import type { State } from '../reconcile/state.ts';
import { findOwnReply, readKnown } from './our-reply.ts';

export type StatusInput = {
  readonly environment: Source;
  readonly options: Options;
  /** The text in which Codespaces says what it is doing. */
  readonly actionFile: string | undefined;
  readonly findDir: () => ConfigDir;
  readonly ecr: EcrAccess;
  readonly now: () => number;
  readonly uid: number;
};

/**
 * What is configured, from which source, until when, and what keeps a client from seeing it. Reads
 * only, and asks nobody.
 */
export function findStatus(input: StatusInput): Status {
  const opened = openConfig(input.findDir);
  if ('problem' in opened) return notOpened(opened.problem);
  const { dir, state } = opened;
  const { environment, uid, now } = input;
  const { records } = state.config;
  const files = readRemembered(filesOf(records), input);
  const found = discover([environment, ...files.sources], input.options);
  const machine = readMachine(environment.variables, uid);
  const known = readKnown(state, environment, uid);
  const keys = findStatusKeys(state, {
    request: readingRequest(found, environment, now()),
    hasHelper: machine.programs.has(OUR_PROGRAM),
    canAnswer: (key) => findOwnReply(key, known, input.ecr) !== 'not-found',
  });
  const { refusal, notices } = tellExposure(dir);
  const isHeld = records.logins.size > 0;
  const trouble = findTrouble({ keys, dir, state, machine, found });
  return {
    config: dir.shown,
    ...(state.config.credsStore ? { credsStore: state.config.credsStore } : {}),
    hasTriples: found.ids.size > 0,
    keys,
    problems: [
      ...found.problems,
      ...expectedOf(input, state, found),
      ...files.problems,
      ...(refusal ? [refusal] : []),
      ...trouble.problems,
    ],
    notices: [...files.notices, ...found.notices, ...(isHeld ? notices : []), ...trouble.notices],
  };
}

/** What it takes to tell whose an entry is. */
export function readingRequest(
  { desired, github }: Found,
  environment: Source,
  now: number,
): Request {
  const isCodespace = environment.variables.CODESPACES === 'true';
  return { ...NO_REQUEST, desired, github, isCodespace, now };
}

function notOpened(problem: Problem): Status {
  return { config: '', hasTriples: false, keys: [], problems: [problem], notices: [] };
}

type Seen = {
  readonly keys: readonly StatusKey[];
  readonly dir: ConfigDir;
  readonly state: State;
  readonly machine: Machine;
  readonly found: Found;
};
type Trouble = { readonly problems: readonly Problem[]; readonly notices: readonly Notice[] };

/** What keeps clients from a login; where the files cannot be read, that is all there is to say. */
function findTrouble({ keys, dir, state, machine, found }: Seen): Trouble {
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
function expectedOf(
  { options, environment, actionFile }: StatusInput,
  { config }: State,
  found: Found,
): Problem[] {
  const { logins, isPostCreated } = config.records;
  const signals = { env: environment.variables, actionFile, isPostCreated };
  if (decideMode('apply', options, undefined, signals).isPrebuild) return [];
  const written = [...logins.values()].flatMap(({ ids }) => ids);
  return findExpected(options.expect, new Set([...found.ids, ...written]), environment);
}

/** Files that other clients read before ours (clients.md 3.1 and 5.6). */
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
export function findAddressStatus(input: StatusInput, address: Address): AddressStatus {
  const status = findStatus(input);
  const { environment, uid, ecr } = input;
  const opened = openConfig(input.findDir);
  const known = readKnown('state' in opened ? opened.state : undefined, environment, uid);
  const clients = findClientLogins(address, readMachine(environment.variables, uid), (serverUrl) =>
    findOwnReply(serverUrl, known, ecr),
  );
  // What else is wrong says why they fail.
  const problems = status.problems.length > 0 ? status.problems : findClientProblems(clients);
  return { ...status, problems, address, clients };
}

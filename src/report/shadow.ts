import { parseJson } from '../json.ts';
import type { Notice, Problem } from '../problem.ts';
import { HUB_HOST, HUB_KEY, isHostKey, loginName } from '../registries/keys.ts';
import type { Machine } from '../resolve/client.ts';
import { AUTH_VARIABLE, readAuthVariable } from '../resolve/docker.ts';
import { findPaths } from '../resolve/paths.ts';
import type { StatusKey } from './status-keys.ts';

/** Another configuration file of a client, as far as it could be read. */
type OtherFile = {
  readonly path: string;
  readonly kind: 'auth.json' | 'helm' | 'docker' | 'regctl';
  readonly keys: readonly string[];
};

/** Everything that may hide our entries from a client (docs/clients.md). */
export function findShadows(
  ours: readonly StatusKey[],
  env: Machine['env'],
  others: readonly OtherFile[],
  shown: string,
): Problem[] {
  const keys = ours.map(({ key }) => key);
  const unhelped = ours.filter(({ state }) => state === 'shadowed').map(({ key }) => key);
  const inFiles = others.flatMap((other) => describe(other, overlap(keys, other.keys)));
  const all = [...findStoreShadow(unhelped, shown), ...findVariables(env, keys), ...inFiles];
  return all.map((problem) => ({ ...problem, isAboutClients: true }));
}

function findStoreShadow(unhelped: readonly string[], subject: string): Problem[] {
  if (unhelped.length === 0) return [];
  const what = `credsStore is set, so docker does not read the entries for ${unhelped.join(', ')}`;
  return [{ code: 'CREDS_STORE_SHADOWS', subject, what, fix: 'run registry-auth apply' }];
}

/** docker's library needs exact keys and nothing but `auths`; regctl is less strict. */
function findVariables(env: Machine['env'], keys: readonly string[]): Problem[] {
  const unset = (code: Problem['code'], subject: string, what: string): Problem[] => [
    { code, subject, what, fix: 'unset it' },
  ];
  const text = env[AUTH_VARIABLE];
  const strict = readAuthVariable(text);
  const held = strict
    ? keys.filter((key) => isHostKey(key) && strict.has(key))
    : overlap(keys, parseKeys(text));
  const clients = strict ? 'docker, buildx, compose, crane and regctl use' : 'regctl uses';
  const why = strict ? '' : '; the others ignore it, because it holds more than auths';
  const holds = `is set and holds ${held.join(', ')}, so ${clients} that login${why}`;
  const isSet = env.REGISTRY_AUTH_FILE && keys.length > 0;
  const readFirst = 'is set, so podman, skopeo and buildah read that file first';
  return [
    ...(held.length > 0 ? unset('DOCKER_AUTH_CONFIG_SHADOWS', AUTH_VARIABLE, holds) : []),
    ...(isSet ? unset('REGISTRY_AUTH_FILE_SHADOWS', 'REGISTRY_AUTH_FILE', readFirst) : []),
  ];
}

const SINGLE: Record<
  Exclude<OtherFile['kind'], 'docker'>,
  readonly [Problem['code'], string, string]
> = {
  helm: ['HELM_SHADOWS', 'helm uses', 'helm registry logout'],
  regctl: ['REGCTL_SHADOWS', 'regctl uses', 'regctl registry logout'],
  'auth.json': ['AUTH_JSON_SHADOWS', 'podman, skopeo and buildah use', 'podman logout'],
};

function describe({ path: subject, kind }: OtherFile, keys: readonly string[]): Problem[] {
  if (keys.length === 0) return [];
  // Named as in the clients' own commands, with one command each.
  const names = keys.map((key) => (key === HUB_KEY ? HUB_HOST : key));
  const list = names.join(', ');
  if (kind === 'docker') {
    const what = `holds ${list} too; programs that run without your DOCKER_CONFIG read it instead`;
    const fix = 'set DOCKER_CONFIG for them too, or unset it';
    return [{ code: 'OTHER_DOCKER_CONFIG', subject, what, fix }];
  }
  const [code, uses, logout] = SINGLE[kind];
  const fix = `run ${names.map((name) => `${logout} ${name}`).join(' && ')}`;
  return [{ code, subject, what: `holds ${list}, so ${uses} that login`, fix }];
}

function overlap(ours: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others.map(loginName));
  return [...new Set(ours.map(loginName))].filter((key) => known.has(key));
}

/** Files that other clients read before ours (docs/clients.md). */
export function findOthers(machine: Machine): OtherFile[] {
  const { podman, helm, regctl, home } = findPaths(machine);
  const { files } = machine;
  const read = (kind: OtherFile['kind'], path: string) => {
    const parse = kind === 'regctl' ? parseRegctl : parseKeys;
    return { kind, path, keys: parse(files.get(path)) };
  };
  const ownOfRegctl = regctl.find((path) => files.has(path));
  return [
    ...podman.map((path) => read('auth.json', path)),
    read('helm', helm),
    ...(ownOfRegctl === undefined ? [] : [read('regctl', ownOfRegctl)]),
    read('docker', home),
  ];
}

/** The keys of `auths` and `credHelpers` in a client's file; none if it cannot be parsed. */
export function parseKeys(text = ''): string[] {
  const { auths, credHelpers } = Object(parseJson(text));
  return [...new Set([...Object.keys(Object(auths)), ...Object.keys(Object(credHelpers))])];
}

/** Hosts with a login in regctl's own file; its other hosts are only settings. */
export function parseRegctl(text = ''): string[] {
  const hosts = Object(Object(parseJson(text)).hosts);
  const isLogin = (name: string) =>
    ['user', 'pass', 'token', 'credHelper'].some((member) => Boolean(hosts[name]?.[member]));
  return Object.keys(hosts).filter(isLogin);
}

/**
 * How a credsStore affects clients that always use it: crane and all that is built on its library,
 * docker's old builder (docs/clients.md, Docker; crane; VS Code). We do not run it. `hasVsCode` is
 * whether VS Code's window is there.
 */
export function describeStore(
  name: string,
  { programs }: Machine,
  hasVsCode: boolean,
  subject: string,
): Notice {
  const program = `docker-credential-${name}`;
  const isThere = programs.has(program);
  // VS Code renames its helper at each connection; it needs the window.
  const isVsCode = name.startsWith('dev-containers-');
  const off = '"dev.containers.dockerCredentialHelper": false';
  const setting = `set ${off} in the settings of devcontainer.json, and rebuild`;
  const asked = 'crane, ko, cosign, kaniko and the classic builder of docker ask it for every host';
  if (isThere && (hasVsCode || !isVsCode)) {
    const what = `credsStore: ${asked}, ours too; where ${program} fails, they fail`;
    const fix = isVsCode ? { fix: setting } : {};
    return { code: 'CREDS_STORE_FIRST', subject, what, ...fix };
  }
  const why = isThere ? "answers only where VS Code's window is" : 'is not on PATH';
  const what = `credsStore: ${program} ${why}; ${asked}, and docker for all hosts but ours, and fail`;
  const remove = 'take credsStore out of the file, or put the program on PATH';
  const fix = isVsCode ? setting : remove;
  return { code: 'CREDS_STORE_FAILS', subject, what, fix, isAboutClients: true };
}

import { AUTH_VARIABLE, readAuthVariable } from '../../resolve/docker.ts';
import type { Notice, Problem } from '../problem.ts';
import { HUB_HOST, HUB_KEY, isHostKey, loginName } from '../registries/keys.ts';

/** A configuration file of some client, as far as it could be read. */
export type OtherFile = {
  readonly path: string;
  readonly kind: 'auth.json' | 'helm' | 'docker' | 'regctl';
  readonly keys: readonly string[];
};

export type ShadowInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The keys that our entries are at. */
  readonly keys: readonly string[];
  /** Our keys of `auths` that no helper of ours stands for although a credsStore is set. */
  readonly unhelped: readonly string[];
  readonly others: readonly OtherFile[];
  readonly shown: string;
};

/** Everything known to keep a client from seeing our entries (docs/clients.md). */
export function findShadows(input: ShadowInput): Problem[] {
  const others = input.others.flatMap((other) => {
    const shadowed = overlap(input.keys, other.keys);
    return shadowed.length > 0 ? describe(other, shadowed) : [];
  });
  const all = [
    ...findStoreShadow(input),
    ...findAuthVariable(input),
    ...findAuthFileVariable(input),
    ...others,
  ];
  return all.map((problem) => ({ ...problem, isAboutClients: true }));
}

function findStoreShadow({ unhelped, shown: subject }: ShadowInput): Problem[] {
  if (unhelped.length === 0) return [];
  const what = `credsStore is set, so docker does not read the entries for ${unhelped.join(', ')}`;
  return [{ code: 'CREDS_STORE_SHADOWS', subject, what, fix: 'run registry-auth apply' }];
}

/** docker's library takes exact keys alone, and the whole or nothing; regctl is not so strict. */
function findAuthVariable({ env, keys }: ShadowInput): Problem[] {
  const text = env[AUTH_VARIABLE];
  const strict = readAuthVariable(text);
  const held = strict
    ? keys.filter((key) => isHostKey(key) && strict.has(key))
    : overlap(keys, parseKeys(text));
  if (held.length === 0) return [];
  const clients = strict ? 'docker, buildx, compose, crane and regctl use' : 'regctl uses';
  const why = strict ? '' : '; the others ignore it, because it holds more than auths';
  const what = `is set and holds ${held.join(', ')}, so ${clients} that login${why}`;
  return [{ code: 'DOCKER_AUTH_CONFIG_SHADOWS', subject: AUTH_VARIABLE, what, fix: 'unset it' }];
}

function findAuthFileVariable({ env, keys }: ShadowInput): Problem[] {
  const subject = 'REGISTRY_AUTH_FILE';
  if (!env[subject] || keys.length === 0) return [];
  const what = 'is set, so podman, skopeo and buildah read that file first';
  return [{ code: 'REGISTRY_AUTH_FILE_SHADOWS', subject, what, fix: 'unset it' }];
}

const SINGLE: Record<
  Exclude<OtherFile['kind'], 'docker'>,
  readonly [Problem['code'], string, string]
> = {
  helm: ['HELM_SHADOWS', 'helm uses', 'helm registry logout'],
  regctl: ['REGCTL_SHADOWS', 'regctl uses', 'regctl registry logout'],
  'auth.json': ['AUTH_JSON_SHADOWS', 'podman, skopeo and buildah use', 'podman logout'],
};

function describe({ path: subject, kind }: OtherFile, keys: readonly string[]): Problem {
  // As the clients' own commands call Docker Hub, and one command for each.
  const names = keys.map((key) => (key === HUB_KEY ? HUB_HOST : key));
  const list = names.join(', ');
  if (kind === 'docker') {
    const what = `holds ${list} too; programs that do not see your DOCKER_CONFIG read it instead`;
    const fix = 'set DOCKER_CONFIG for them too, or unset it';
    return { code: 'OTHER_DOCKER_CONFIG', subject, what, fix };
  }
  const [code, uses, logout] = SINGLE[kind];
  const fix = `run ${names.map((name) => `${logout} ${name}`).join(' && ')}`;
  return { code, subject, what: `holds ${list}, so ${uses} that login`, fix };
}

function overlap(ours: readonly string[], theirs: readonly string[]): string[] {
  const known = new Set(theirs.map(loginName));
  return [...new Set(ours.map(loginName))].filter((key) => known.has(key));
}

/** The keys of `auths` and `credHelpers` in a client's file; none where it cannot be understood. */
export function parseKeys(text: string | undefined): string[] {
  try {
    const { auths, credHelpers } = JSON.parse(text ?? '{}');
    return [...new Set([...Object.keys(auths ?? {}), ...Object.keys(credHelpers ?? {})])];
  } catch {
    return [];
  }
}

/** The hosts that regctl's own file holds a login for; others of it are only settings. */
export function parseRegctl(text: string | undefined): string[] {
  try {
    const hosts: [string, Record<string, unknown> | null][] = Object.entries(
      JSON.parse(text ?? '{}').hosts ?? {},
    );
    const isLogin = (host: Record<string, unknown> | null) =>
      ['user', 'pass', 'token', 'credHelper'].some((name) => Boolean(host?.[name]));
    return hosts.flatMap(([name, host]) => (isLogin(host) ? name : []));
  } catch {
    return [];
  }
}

export type Store = {
  /** The name in `credsStore`. */
  readonly name: string;
  readonly isThere: boolean;
  /** Whether VS Code's window is there, which its own store asks. */
  readonly hasVsCode: boolean;
  readonly shown: string;
};

/** VS Code's own, with a new name at each connection. */
const VS_CODE = /^dev-containers-/;
const SETTING = '"dev.containers.dockerCredentialHelper": false';

/**
 * What a credsStore does to those that ask it whatever we do: crane and all built on its library,
 * docker's old builder (docs/clients.md, Docker; crane; VS Code). It is not run to find out.
 */
export function findStoreTrouble({ name, isThere, hasVsCode, shown: subject }: Store): {
  problems: Problem[];
  notices: Notice[];
} {
  const program = `docker-credential-${name}`;
  const isVsCode = VS_CODE.test(name);
  const setting = `set ${SETTING} in the settings of devcontainer.json, and rebuild`;
  const asked = 'crane, ko, cosign, kaniko and the classic builder of docker ask it for every host';
  const others = `and docker for all hosts but ours`;
  if (!isThere || (isVsCode && !hasVsCode)) {
    const why = isThere ? "answers only where VS Code's window is" : 'is not on PATH';
    const what = `credsStore: ${program} ${why}; ${asked}, ${others}, and fail`;
    const remove = 'take credsStore out of the file, or put the program on PATH';
    const fix = isVsCode ? setting : remove;
    const problem = {
      code: 'CREDS_STORE_FAILS',
      subject,
      what,
      fix,
      isAboutClients: true,
    } as const;
    return { problems: [problem], notices: [] };
  }
  const what = `credsStore: ${asked}, ours too; where ${program} fails, they fail`;
  const notice: Notice = { code: 'CREDS_STORE_FIRST', subject, what };
  return { problems: [], notices: [isVsCode ? { ...notice, fix: setting } : notice] };
}

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startEcrStandIn } from '../support/ecr-stand-in.ts';
import { BASIC, json, startLoopback } from '../support/loopback.ts';
import { triple } from '../support/triples.ts';
import { amazonsOwn, ecrHost, ecrTriples, identities } from './amazon.ts';
import type { Program } from './measure.ts';
import type { Installed } from './node.ts';

type Env = Readonly<Record<string, string>>;

/** What the programs talk to, whichever Node runs them. */
export type Servers = {
  /** Of a registry on this machine. */
  readonly port: number;
  readonly ecr: string;
  readonly close: () => Promise<void>;
};

const USER = 'bench';
const PASSWORD = 'not-a-secret';
const EXCHANGE_MS = 300;

export async function startServers(): Promise<Servers> {
  const login = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
  const registry = await startLoopback(({ authorization }) =>
    authorization === login ? json({}) : BASIC,
  );
  const ecr = await startEcrStandIn({ delayMs: EXCHANGE_MS, identities: identities(10) });
  const close = async () => {
    await registry.close();
    await ecr.close();
  };
  return { port: registry.port, ecr: ecr.url, close };
}

/** Where homes and token caches are made, and how often a program will run. */
export type Stage = { readonly homes: string; readonly caches: string; readonly rounds: number };

/** Every program that a Node's part of the table measures. */
export type Name = keyof ReturnType<typeof programsOf>;

/**
 * The programs for one Node, their homes below one folder, their token caches below another. An
 * empty script gets the same environment as what is measured against it: 100 triples are the 300
 * secrets that a codespace can have at most.
 */
export function programsOf(
  { node, bin, lib }: Installed,
  { port, ecr }: Servers,
  { homes, caches, rounds }: Stage,
) {
  const PATH = `${bin}:/usr/bin:/bin`;
  const runtime = { XDG_RUNTIME_DIR: join(caches, 'kept') };
  mkdirSync(runtime.XDG_RUNTIME_DIR, { recursive: true });
  const hook = [join(bin, 'registry-auth'), 'hook', 'postStart'] as const;
  const at = (name: string, variables: Env) => ({
    ...variables,
    ...runtime,
    PATH,
    HOME: homeOf(name),
  });
  const homeOf = (name: string): string => {
    const home = join(homes, name);
    mkdirSync(home, { recursive: true });
    return home;
  };
  const empty = (count: number): Program => ({
    command: [node, '-e', '0'],
    env: at(`empty ${count}`, triples(count)),
  });
  /**
   * In an empty home, without tokens. All homes are made before: a program that waits until its
   * files are on the disk would wait for ours, too.
   */
  const first = (
    name: string,
    variables: Env,
    { command = hook, folder = homes }: { command?: Program['command']; folder?: string } = {},
  ): Program => {
    const places = Array.from({ length: rounds }, (_, index) => {
      const place = {
        HOME: join(folder, `${name} ${index}`),
        XDG_RUNTIME_DIR: join(caches, `cache of ${name} ${index}`),
      };
      for (const path of Object.values(place)) mkdirSync(path);
      return place;
    });
    const findPlace = () => {
      const place = places.pop();
      if (place === undefined) throw new Error(`${name}: runs more often than was said`);
      return place;
    };
    return { command, env: { ...variables, PATH }, findPlace };
  };
  /** Where a hook has done everything before. */
  const again = (name: string, variables: Env, command: Program['command'] = hook): Program => {
    const env = at(name, variables);
    execFileSync(hook[0], hook.slice(1), { env, stdio: 'ignore' });
    return { command, env };
  };
  const get = (name: string, variables: Env, input: string): Program => ({
    command: [join(bin, 'docker-credential-registry-auth'), 'get'],
    env: at(name, variables),
    input,
  });
  const here = triple('HERE', `localhost:${port}`, USER, PASSWORD);
  const aws = (count: number): Env => ({ ...ecrTriples(count), AWS_ENDPOINT_URL_ECR: ecr });
  const start = [node, '--', join(lib, 'start.cjs')] as const;
  return {
    'node -e 0': empty(1),
    'node -e 0, 30 secrets': empty(10),
    'node -e 0, 300 secrets': empty(100),
    'hook, nothing to do': again('nothing', {}),
    'hook, 1 registry, first time': first('first 1', triples(1)),
    'hook, 10 registries, first time': first('first 10', triples(10)),
    'the same with a home in memory': first('memory', triples(10), { folder: caches }),
    'hook, 100 registries, first time': first('first 100', triples(100)),
    'hook, 1 registry, nothing changed': again('again 1', triples(1)),
    'hook, 10 registries, nothing changed': again('again 10', triples(10)),
    'hook, 100 registries, nothing changed': again('again 100', triples(100)),
    'the same without our wrapper': again('bare', triples(10), [
      ...start,
      'registry-auth',
      'hook',
      'postStart',
    ]),
    'helper get, static': get('again 1', triples(1), hostOf(0)),
    'helper get, cached token': get('cached', aws(1), ecrHost(0)),
    'check, 1 registry': again('checked', here, [join(bin, 'registry-auth'), 'check']),
    'hook, 1 exchange with AWS': first('exchange 1', aws(1)),
    'hook, 10 exchanges with AWS': first('exchange 10', aws(10)),
    'docker login, 10 times': first('docker', here, { command: ['/bin/sh', '-c', DOCKER_LOGIN] }),
    'one jq script, 10 registries': first('jq', triples(10), { command: ['/bin/sh', '-c', JQ] }),
    'docker-credential-ecr-login get, cached token': {
      command: ['docker-credential-ecr-login', 'get'],
      env: { ...at('ecr-login', {}), ...amazonsOwn(homeOf('ecr-login')) },
      input: ecrHost(0),
    },
  } satisfies Record<string, Program>;
}

/** With no engine to ask, docker's command line logs in by itself: ten times to one registry. */
const DOCKER_LOGIN = `
export DOCKER_HOST=unix:///no/engine
for id in 0 1 2 3 4 5 6 7 8 9; do
  printf %s "$HERE_CONTAINER_REGISTRY_PASSWORD" |
    docker login --username "$HERE_CONTAINER_REGISTRY_USER" --password-stdin \\
      "$HERE_CONTAINER_REGISTRY_SERVER" >/dev/null 2>&1 || exit
done`;

/** What a person would write who knows jq well, and no more than that. */
const JQ = `
umask 077
mkdir -p ~/.docker
cd ~/.docker
[ -e config.json ] || echo '{}' >config.json
jq '.auths += ([env | to_entries[] | select(.key | endswith("_CONTAINER_REGISTRY_SERVER"))
  | (.key | rtrimstr("SERVER")) as $start
  | {key: .value, value: {auth: (env[$start + "USER"] + ":" + env[$start + "PASSWORD"] | @base64)}}]
  | from_entries)' config.json >config.json.new
mv config.json.new config.json`;

function hostOf(index: number): string {
  return `registry-${index}.example.com`;
}

function triples(count: number): Env {
  const all = Array.from({ length: count }, (_, index) =>
    triple(`T${index}`, hostOf(index), USER, `${PASSWORD}-${index}`),
  );
  return Object.assign({}, ...all);
}

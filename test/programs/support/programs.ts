import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { type Place, withVariables } from '../../contract/support/place.ts';
import { whyNoClient } from '../../contract/support/run-client.ts';
import type { Need } from '../../support/needs.ts';
import { type Finished, run } from '../../support/run.ts';
import { type Engine, startEngine } from './engine.ts';
import { ANONYMOUS, FAILS, keyOf } from './logins.ts';

/** Who a program comes as for each image, and all that it printed. */
export type Sent = { readonly logins: Readonly<Record<string, string>>; readonly said: string };

/** A program of others that looks credentials up in its own process. */
export type Program = Need & {
  readonly name: string;
  readonly send: (place: Place, images: readonly string[]) => Promise<Sent>;
};

type Runner = Need & {
  readonly run: (place: Place, words: readonly string[]) => Promise<Finished>;
};

const BROUGHT = resolve('build/programs');
const SCRIPTS = resolve('test/programs');

const GO = runnerOf([resolve('build/clients/programs')], '.ci/clients');
const NODE = runnerOf(
  [process.execPath, join(BROUGHT, 'node/pull.cjs')],
  '.ci/programs',
  join(BROUGHT, 'node/node_modules'),
);
const PYTHON = runnerOf(
  [join(BROUGHT, 'python/bin/python'), join(SCRIPTS, 'python/pull.py')],
  '.ci/programs',
);
const JAVA = optional(
  runnerOf(
    ['java', '-cp', `${join(BROUGHT, 'java')}/*:${join(BROUGHT, 'java')}`, 'Jib'],
    '.ci/programs, where Maven is,',
    join(BROUGHT, 'java/Jib.class'),
    // Java does not look at HOME.
    ({ home }) => ({ JAVA_TOOL_OPTIONS: `-Duser.home=${home}` }),
  ),
);
const RUST = optional(
  runnerOf([join(BROUGHT, 'rust/debug/docker_credential')], '.ci/programs, where cargo is,'),
);

const DOCKER = {
  ...runnerOf(['docker'], 'docker.io'),
  missing: whyNoClient('docker', ['--version'], /^Docker version/),
};

/** Of one image. */
export const DOCKER_RUN = pull(DOCKER, 'docker run', 'run');
export const DOCKER_CLI = lookUp(GO, 'docker/cli', 'docker-cli');
export const BUILDX = lookUp(GO, 'buildx', 'buildx');
export const GGCR = lookUp(GO, 'go-containerregistry', 'go-containerregistry');
export const TESTCONTAINERS_GO = pull(GO, 'testcontainers-go', 'testcontainers');
export const TESTCONTAINERS_GO_BUILD = build(GO, 'testcontainers-go', 'testcontainers-build');
export const DOCKER_PY = pull(PYTHON, 'docker-py', 'docker-py');
export const DOCKER_PY_BUILD = build(PYTHON, 'docker-py', 'docker-py-build');
export const DOCKERODE = pull(NODE, 'dockerode', 'dockerode');

export const TESTCONTAINERS_NODE = pull(NODE, 'testcontainers-node', 'testcontainers');
export const TESTCONTAINERS_PYTHON = pull(PYTHON, 'testcontainers-python', 'testcontainers');
export const TESTCONTAINERS_NODE_BUILD = build(NODE, 'testcontainers-node', 'testcontainers-build');
export const DOCKER_CREDENTIAL = lookUp(RUST, 'docker_credential', undefined, keyOf);

export const PROGRAMS: readonly Program[] = [
  DOCKER_CLI,
  BUILDX,
  GGCR,
  TESTCONTAINERS_GO,
  TESTCONTAINERS_GO_BUILD,
  TESTCONTAINERS_NODE,
  TESTCONTAINERS_NODE_BUILD,
  DOCKER_PY,
  DOCKER_PY_BUILD,
  TESTCONTAINERS_PYTHON,
  lookUp(JAVA, 'Jib'),
  DOCKER_CREDENTIAL,
];

function runnerOf(
  [program = '', ...first]: readonly string[],
  bringer: string,
  needed = program,
  more: (place: Place) => Place['env'] = () => ({}),
): Runner {
  return {
    missing: existsSync(needed)
      ? undefined
      : `${relative('', needed)} is not there: ${bringer} brings it`,
    run: (place, words) => {
      const env = { ...place.env, ...more(place) };
      return run(program, [...first, ...words], { env, cwd: place.home, timeoutMs: 60_000 });
    },
  };
}

/** Not every machine that runs CI has its tools. */
function optional(runner: Runner): Runner {
  return { ...runner, isOptional: true };
}

/** One that prints what it finds. */
function lookUp(
  { run: start, ...need }: Runner,
  name: string,
  word?: string,
  toAsked = (image: string) => image,
): Program {
  const send = async (place: Place, images: readonly string[]) => {
    const words = [...(word ? [word] : []), ...images.map(toAsked)];
    const { stdout, stderr } = await start(place, words);
    const found: Found[] = JSON.parse(stdout);
    const all = images.map((image, index) => [image, nameOf(found[index] ?? {})]);
    return { logins: Object.fromEntries(all), said: stdout + stderr };
  };
  return { ...need, name: `${name} looks up`, send };
}

type Found = { readonly user?: string; readonly secret?: string; readonly error?: string };

function nameOf({ user, secret, error }: Found): string {
  if (error !== undefined) return FAILS;
  return user ? `${user}:${secret}` : ANONYMOUS;
}

/** One that lets an engine pull. Images are told apart by what is after the last slash. */
function pull(runner: Runner, name: string, word: string): Program {
  const find = ({ pulls }: Engine, images: readonly string[]) =>
    images.map((image) => pulls.get(basename(image)) ?? FAILS);
  return withEngine(runner, `${name} pulls`, word, find);
}

/** One that lets an engine build: what it can pull is what was sent along. */
function build(runner: Runner, name: string, word: string): Program {
  const find = ({ builds }: Engine, images: readonly string[]) =>
    images.map((image, index) => {
      const sent = builds.length === images.length ? builds[index] : undefined;
      return sent ? (sent[keyOf(image)] ?? ANONYMOUS) : FAILS;
    });
  return withEngine(runner, `${name} builds upon`, word, find);
}

function withEngine(
  { run: start, ...need }: Runner,
  name: string,
  word: string,
  find: (engine: Engine, images: readonly string[]) => readonly string[],
): Program {
  const send = async (place: Place, images: readonly string[]) => {
    const engine = await startEngine(place.home);
    try {
      const DOCKER_HOST = engine.address;
      const env = { DOCKER_HOST, TESTCONTAINERS_RYUK_DISABLED: 'true' };
      const { stdout, stderr } = await start(withVariables(place, env), [word, ...images]);
      const found = find(engine, images);
      const logins = Object.fromEntries(images.map((image, index) => [image, found[index] ?? '']));
      return { logins, said: stdout + stderr };
    } finally {
      await engine.close();
    }
  };
  return { ...need, name, send };
}

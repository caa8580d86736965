import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configWith, loginsOf, triple } from '../support/triples.ts';
import { isLeftover, readFolder, writeFolder } from './folder.ts';
import { type Call, type Ended, launch, launchInside, type Place } from './launch.ts';
import { randomFrom } from './random.ts';
import { contentOf } from './stage.ts';

/** How many of what run, and how many of all of them at once. */
export type Crowd = {
  readonly applies: number;
  readonly gets: number;
  readonly stores: number;
  readonly width: number;
};

/** Another program, which changes other logins of the file until `isOver`. */
export type Stranger = (
  place: Place,
  isOver: () => boolean,
) => Promise<{ readonly commands: number; readonly logins: Record<string, string> }>;

/** What became of it. */
export type Result = {
  readonly violations: readonly string[];
  /** Entries of ours that were not there until the next call. */
  readonly missing: number;
  readonly commands: number;
  readonly seconds: number;
};

const range = (count: number) => Array.from({ length: count }, (_, index) => index);
const newHost = (index: number) => `new-${index}.example.com`;
const heldHost = (index: number) => `held-${index}.example.com`;
const oldHost = (index: number) => `old-${index}.example.com`;
const secretOf = (host: string) => `secret-of-${host}`;
const byHand = (host: string) => `by-hand-for-${host}`;

const tripleOf = (host: string) =>
  triple(host.replace(/\W/g, '_').toUpperCase(), host, 'ada', secretOf(host));
const triplesOf = (hosts: readonly string[]) => Object.assign({}, ...hosts.map(tripleOf));

const applyCall = (env: Record<string, string>, ...words: string[]): Call => ({
  program: 'registry-auth',
  args: ['apply', ...words],
  env,
});

const helperCall = (verb: string, input: string, env = {}): Call => ({
  program: 'docker-credential-registry-auth',
  args: [verb],
  env,
  input,
});

const getCall = (host: string, env = {}): Call => helperCall('get', host, env);
const storeCall = (host: string): Call => {
  const login = { ServerURL: host, Username: 'eve', Secret: byHand(host) };
  return helperCall('store', JSON.stringify(login), tripleOf(host));
};

/** Hosts whose entries are in the file before anybody comes. */
const OLD_HOSTS = range(10).map(oldHost);
const FOREIGN = { 'foreign.example': ['bob', 'secret-of-bob'] } as const;

/** In an order that is always the same, and mixes them. */
function shuffle<T>(tasks: readonly T[]): T[] {
  const random = randomFrom(tasks.length);
  const ranked = tasks.map((task) => ({ task, rank: random() }));
  return ranked.sort((one, other) => one.rank - other.rank).map(({ task }) => task);
}

/**
 * Lets them run: `apply` with a triple each, the helper's `get` for entries in the
 * file and for hosts that get a login by hand at that moment, and its `store`.
 */
export async function runCrowd(crowd: Crowd, place: Place, stranger?: Stranger): Promise<Result> {
  const newHosts = range(crowd.applies).map(newHost);
  const heldHosts = range(crowd.stores).map(heldHost);
  writeFolder(place.home, contentOf({ '.docker/config.json': configWith(FOREIGN) }));
  await launchInside(applyCall(triplesOf(OLD_HOSTS)), place);
  await launchInside(applyCall(triplesOf(heldHosts), '--credentials', 'helper'), place);

  const start = performance.now();
  let isOver = false;
  const others = stranger?.(place, () => isOver);
  const tasks = shuffle([
    ...newHosts.map((host) => () => expectWell(applyCall(tripleOf(host)), place)),
    ...heldHosts.map((host) => () => expectWell(storeCall(host), place)),
    ...range(crowd.gets).map((index) => () => expectAnswer(index, heldHosts, place)),
  ]);
  const failures: string[] = [];
  const lane = async () => {
    for (let task = tasks.pop(); task; task = tasks.pop()) failures.push(...(await task()));
  };
  await Promise.all(range(crowd.width).map(lane));
  isOver = true;
  const { commands = 0, logins = {} } = (await others) ?? {};
  const seconds = (performance.now() - start) / 1000;

  const ours = [...OLD_HOSTS, ...newHosts];
  const missing = findMissing(place, ours).length;
  // What docker, which takes no lock, has undone comes with the next call of the same shell.
  if (stranger) await launchInside(applyCall(triplesOf(ours)), place);
  const violations = [
    ...failures,
    ...findMissing(place, ours).map((host) => `${host}: our entry is not there`),
    ...findUnrecorded(place, [...ours, ...heldHosts]),
    ...(await findForgotten(place, heldHosts)),
    ...findLost(place, { 'foreign.example': 'bob:secret-of-bob', ...logins }),
    ...[...readFolder(place.home).keys()].filter(isLeftover).map((path) => `${path}: left behind`),
  ];
  return { violations, missing, commands, seconds };
}

async function expectWell(call: Call, place: Place): Promise<string[]> {
  const ended = await launch(call, place);
  return ended.status === 0 ? [] : [describe(call, ended)];
}

function describe({ args }: Call, { status, stdout, stderr }: Ended): string {
  return `${args.join(' ')}: exit status ${status}: ${(stdout + stderr).trim()}`;
}

/** Expects the secret of the entry; of a login by hand that is being stored, the old or the new one. */
async function expectAnswer(
  index: number,
  heldHosts: readonly string[],
  place: Place,
): Promise<string[]> {
  const held = index % 2 === 1 ? heldHosts[index % heldHosts.length] : undefined;
  const host = held ?? OLD_HOSTS[index % OLD_HOSTS.length] ?? '';
  const call = getCall(host, held === undefined ? {} : tripleOf(host));
  const right = held === undefined ? [secretOf(host)] : [secretOf(host), byHand(host)];
  const ended = await launch(call, place);
  const isRight = ended.status === 0 && right.includes(JSON.parse(ended.stdout).Secret);
  return isRight ? [] : [describe(call, ended)];
}

function loginsIn(place: Place): Record<string, string> {
  return loginsOf(readFileSync(join(place.home, '.docker', 'config.json'), 'utf8'));
}

function findMissing(place: Place, hosts: readonly string[]): string[] {
  const logins = loginsIn(place);
  return hosts.filter((host) => logins[host] !== `ada:${secretOf(host)}`);
}

/** Logins of ours without a record in the file: other programs that write it keep our records. */
function findUnrecorded({ home }: Place, hosts: readonly string[]): string[] {
  const { plugins } = JSON.parse(readFileSync(join(home, '.docker', 'config.json'), 'utf8'));
  const records = new Set(Object.keys(Object(plugins?.['registry-auth'])));
  return hosts.flatMap((host) => (records.has(host) ? [] : [`${host}: has no record of ours`]));
}

/** Logins through our helper that it does not answer with. */
async function findForgotten(place: Place, hosts: readonly string[]): Promise<string[]> {
  const answers = hosts.map(async (host) => {
    const { stdout } = await launchInside(getCall(host, tripleOf(host)), place);
    return JSON.parse(stdout).Secret === byHand(host) ? [] : [`${host}: its login is forgotten`];
  });
  return (await Promise.all(answers)).flat();
}

/** Logins of others that are not as they were last; the empty text is a logout. */
function findLost(place: Place, expected: Record<string, string>): string[] {
  const logins = loginsIn(place);
  return Object.entries(expected).flatMap(([host, login]) =>
    (logins[host] ?? '') === login ? [] : [`${host}: a foreign login is lost`],
  );
}

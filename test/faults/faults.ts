import { parseArgs } from 'node:util';
import { type Crowd, runCrowd } from './crowd.ts';
import { killAfter, killAt, refuse, type Scene, type Trial, traceCalls } from './disturb.ts';
import { DOCKER, startDocker } from './docker.ts';
import { writeFolder } from './folder.ts';
import { launch } from './launch.ts';
import { randomFrom } from './random.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { findOracle, openStage } from './stage.ts';
import { errorsOf, STRACE } from './strace.ts';

/**
 * `npm run faults`: kills our programs at random moments and at each of their calls of the system,
 * lets each of these calls fail, and lets many of our programs and docker run at once; and looks
 * what is left of it, at once and after the next call. docs/quality.md tells what it found.
 */
const { values } = parseArgs({
  options: {
    /** The random moments of an earlier run. */
    seed: { type: 'string' },
    /** Only one: moments, kills, refusals, crowds. */
    part: { type: 'string' },
    /** Only scenarios whose names hold it. */
    only: { type: 'string', default: '' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const MOMENTS = 500;
/** Scenarios that run at once. */
const LANES = 2;
const ROUNDS = 5;

const isWanted = (part: string): boolean => values.part === undefined || values.part === part;

type Trier = (scene: Scene, index: number) => Promise<Trial[]>;

/** The moments of a scenario are its own, whatever else runs. */
const killAtMoments: Trier = async (scene, index) => {
  const life = await medianLife(scene);
  const random = randomFrom(seed + index);
  const moments = Array.from({ length: Math.ceil(MOMENTS / SCENARIOS.length) }, random);
  return inOrder(moments, (moment) => killAfter(moment * life, scene));
};

async function medianLife({ scenario, oracle, stage }: Scene): Promise<number> {
  const times = await inOrder([1, 2, 3, 4, 5], async () => {
    writeFolder(stage.place.home, oracle.old);
    return (await launch(scenario.call, stage.place)).ms;
  });
  return times.sort((a, b) => a - b)[2] ?? 0;
}

const killAtCalls: Trier = async (scene) =>
  inOrder(await traceCalls(scene), (call) => killAt(call, scene));

const refuseCalls: Trier = async (scene) => {
  const calls = await traceCalls(scene);
  const cases = calls.flatMap((call) => errorsOf(call).map((error) => ({ call, error })));
  return inOrder(cases, ({ call, error }) => refuse(call, error, scene));
};

async function inOrder<T, R>(all: readonly T[], act: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (const one of all) results.push(await act(one));
  return results;
}

const TRIERS = { moments: killAtMoments, kills: killAtCalls, refusals: refuseCalls };

async function disturb(scenario: Scenario): Promise<number> {
  const stage = openStage(scenario);
  try {
    const scene = { scenario, stage, oracle: await findOracle(scenario, stage.place) };
    const parts = Object.entries(TRIERS).filter(([part]) => isWanted(part) && canTry(part));
    const bad = await inOrder(parts, async ([part, tryAll]) => {
      const trials = await tryAll(scene, SCENARIOS.indexOf(scenario));
      const between = trials.filter(({ reached }) => reached === 'between').length;
      const found = trials.filter(({ violations }) => violations.length > 0);
      print([part, trials.length, between, found.length, scenario.name]);
      for (const { name, violations } of found)
        console.log(`    ${[name, ...violations].join('\n      ')}`);
      return found.length;
    });
    return sum(bad);
  } finally {
    stage.close();
  }
}

function canTry(part: string): boolean {
  return part === 'moments' || STRACE.missing === undefined;
}

function print(cells: readonly (string | number)[]): void {
  console.log(`| ${cells.join(' | ')} |`);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

async function disturbAll(): Promise<number> {
  const waiting = SCENARIOS.filter(({ name }) => name.includes(values.only));
  if (STRACE.missing) console.log(`kills and refusals are left out, because ${STRACE.missing}`);
  print(['part', 'runs', 'in their midst', 'violations', 'scenario']);
  print(['---', '---', '---', '---', '---']);
  const lane = async () => {
    let bad = 0;
    for (let one = waiting.shift(); one; one = waiting.shift()) bad += await disturb(one);
    return bad;
  };
  return sum(await Promise.all(Array.from({ length: LANES }, lane)));
}

const NUMBERS = { applies: 32, gets: 200, stores: 20 };
const CROWDS: readonly { name: string; crowd: Crowd; withDocker: boolean }[] = [
  { name: 'ours, all at once', crowd: { ...NUMBERS, width: 252 }, withDocker: false },
  { name: 'ours, six at once', crowd: { ...NUMBERS, width: 6 }, withDocker: false },
  { name: 'ours, all at once, and docker', crowd: { ...NUMBERS, width: 252 }, withDocker: true },
  { name: 'ours, six at once, and docker', crowd: { ...NUMBERS, width: 6 }, withDocker: true },
];

async function gatherAll(): Promise<number> {
  if (DOCKER.missing) console.log(`two crowds are left out, because ${DOCKER.missing}`);
  print(['crowd', 'rounds', 'docker commands', 'ours undone by docker', 'violations']);
  print(['---', '---', '---', '---', '---']);
  const possible = CROWDS.filter(({ withDocker }) => !withDocker || DOCKER.missing === undefined);
  return sum(await inOrder(possible, gather));
}

async function gather({ name, crowd, withDocker }: (typeof CROWDS)[number]): Promise<number> {
  const stage = openStage({});
  const docker = withDocker ? await startDocker() : undefined;
  try {
    const results = await inOrder(Array.from({ length: ROUNDS }), () =>
      runCrowd(crowd, stage.place, docker?.stranger),
    );
    const violations = results.flatMap((one) => one.violations);
    const commands = sum(results.map((one) => one.commands));
    const missing = sum(results.map((one) => one.missing));
    print([name, ROUNDS, commands, missing, violations.length]);
    for (const violation of violations) console.log(`    ${violation}`);
    return violations.length;
  } finally {
    await docker?.close();
    stage.close();
  }
}

async function main(): Promise<void> {
  console.log(`seed ${seed}; the same moments again: npm run faults -- --seed ${seed}\n`);
  const disturbed = Object.keys(TRIERS).some(isWanted) ? await disturbAll() : 0;
  if (isWanted('crowds')) console.log();
  const gathered = isWanted('crowds') ? await gatherAll() : 0;
  if (disturbed + gathered > 0) process.exitCode = 1;
}

await main();

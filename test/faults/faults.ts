import { parseArgs } from 'node:util';
import { type Crowd, runCrowd } from './crowd.ts';
import {
  killAfter,
  killAt,
  killAtAndWait,
  refuse,
  type Scene,
  type Trial,
  traceCalls,
} from './disturb.ts';
import { DOCKER, startDocker } from './docker.ts';
import { writeFolder } from './folder.ts';
import { launch } from './launch.ts';
import { randomFrom } from './random.ts';
import { SCENARIOS, type Scenario } from './scenarios.ts';
import { findOracle, openStage, type Stage } from './stage.ts';
import { findStops, openStopScene, STOPS, type StopTrial, stopAfter, stopBoth } from './stop.ts';
import { errorsOf, STRACE, type SystemCall } from './strace.ts';

/**
 * `npm run faults`: kills our programs at random moments and at each of their calls of the system,
 * lets each of these calls fail, stops them while others write, and lets many of our programs and
 * docker run at once; and looks what is left of it, at once and after the next call.
 * docs/quality.md tells what it found.
 */
const { values } = parseArgs({
  options: {
    /** The random moments of an earlier run. */
    seed: { type: 'string' },
    /** Only one: moments, kills, refusals, crowds, stops. */
    part: { type: 'string' },
    /** Only scenarios whose names hold it. */
    only: { type: 'string', default: '' },
  },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const MOMENTS = 690;
/** Scenarios that run at once. */
const LANES = 3;
const ROUNDS = 5;

// Scenarios run at once, so every call has a process of its own: see launch.ts.
process.env.PROCESSES = 'all';

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

/** Once in each scenario the next call comes at once, and waits for the lock of the dead one. */
const killAtCalls: Trier = async (scene) => {
  const calls = await traceCalls(scene);
  const isRename = ({ name }: SystemCall) => name.startsWith('rename');
  const waited = scene.scenario.next ? [] : calls.filter(isRename).slice(0, 1);
  return [
    ...(await inOrder(calls, (call) => killAt(call, scene))),
    ...(await inOrder(waited, (call) => killAtAndWait(call, scene))),
  ];
};

const refuseCalls: Trier = async (scene) => {
  const calls = await traceCalls(scene);
  const cases = calls.flatMap((call) => errorsOf(call).map((error) => ({ call, error })));
  return inOrder(cases, ({ call, error }) => refuse(call, error, scene));
};

async function inOrder<T, R>(
  all: readonly T[],
  act: (one: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  for (const [index, one] of all.entries()) results.push(await act(one, index));
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
  { name: 'ours, all at once, and others', crowd: { ...NUMBERS, width: 252 }, withDocker: true },
  { name: 'ours, six at once, and others', crowd: { ...NUMBERS, width: 6 }, withDocker: true },
];

async function gatherAll(): Promise<number> {
  if (DOCKER.missing) console.log(`two crowds are left out, because ${DOCKER.missing}`);
  print(['crowd', 'rounds', 'commands of others', 'ours undone by others', 'violations']);
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

/** Each waits three seconds, most of them for nothing. */
const STOP_LANES = 6;
/** Before these calls of the system both are stopped. */
const BOTH = 6;

async function stopAll(): Promise<number> {
  if (STRACE.missing) console.log(`stops are left out, because ${STRACE.missing}`);
  if (STRACE.missing) return 0;
  print(['stopped', 'runs', 'violations']);
  print(['---', '---', '---']);
  const stages = Array.from({ length: STOP_LANES }, () => openStage({}));
  try {
    const [first] = stages as [Stage];
    const bad = await inOrder(STOPS, async (scenario, index) => {
      const scene = await openStopScene(scenario, first);
      const stops = await findStops(scene, first);
      const found = await inLanes(stages, stops, (stop, stage) => stopAfter(stop, scene, stage));
      const isFirst = index === 0;
      const both = isFirst ? stops.slice(-BOTH) : [];
      const more = await inLanes(stages, both, (stop, stage) => stopBoth(stop, scene, stage));
      return tellStops(scenario.name, found) + (isFirst ? tellStops('two of three', more) : 0);
    });
    return sum(bad);
  } finally {
    for (const stage of stages) stage.close();
  }
}

function tellStops(name: string, trials: readonly StopTrial[]): number {
  const bad = trials.filter(({ violations }) => violations.length > 0);
  print([name, trials.length, bad.length]);
  for (const one of bad) console.log(`    ${[one.name, ...one.violations].join('\n      ')}`);
  return bad.length;
}

async function inLanes<T, R>(
  stages: readonly Stage[],
  all: readonly T[],
  act: (one: T, stage: Stage) => Promise<R>,
): Promise<R[]> {
  const waiting = [...all];
  const results: R[] = [];
  const lane = async (stage: Stage) => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift())
      results.push(await act(one, stage));
  };
  await Promise.all(stages.map(lane));
  return results;
}

async function main(): Promise<void> {
  console.log(`seed ${seed}; the same moments again: npm run faults -- --seed ${seed}\n`);
  const disturbed = Object.keys(TRIERS).some(isWanted) ? await disturbAll() : 0;
  if (isWanted('crowds')) console.log();
  const gathered = isWanted('crowds') ? await gatherAll() : 0;
  if (isWanted('stops')) console.log();
  const stopped = isWanted('stops') ? await stopAll() : 0;
  if (disturbed + gathered + stopped > 0) process.exitCode = 1;
}

await main();

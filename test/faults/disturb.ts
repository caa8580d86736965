import { ageLocks, type Content, isLeftover, readFolder, writeFolder } from './folder.ts';
import {
  differences,
  judgeAnswer,
  judgeEnd,
  judgeMiddle,
  judgeWords,
  type Oracle,
} from './judge.ts';
import { type Disturbance, type Ended, launch, launchInside } from './launch.ts';
import type { Scenario } from './scenarios.ts';
import type { Stage } from './stage.ts';
import { disturbWords, readTrace, type SystemCall, traceWords, wasReached } from './strace.ts';

/** One disturbed call and the next one: what is wrong, and how far the first had come. */
export type Trial = {
  readonly name: string;
  readonly violations: readonly string[];
  readonly reached: 'old' | 'between' | 'done';
};

/** A scenario, what is right in it, and where it runs. */
export type Scene = { readonly scenario: Scenario; readonly oracle: Oracle; readonly stage: Stage };

/** Kills the call so long after its start. */
export function killAfter(ms: number, scene: Scene): Promise<Trial> {
  const name = `killed after ${ms.toFixed(1)} ms`;
  return tryIt(name, scene, { killAfterMs: ms }, () => []);
}

/** Kills the call instead of one of its calls of the system. */
export function killAt(system: SystemCall, scene: Scene): Promise<Trial> {
  return tryAt(system, 'signal=KILL', scene, ({ status }) =>
    status === null ? [] : ['was not killed'],
  );
}

/** Where the end of a lock is refused, it stays until a later call finds it old. */
const CLEANING = [
  /^(?:unlink|unlinkat|rmdir|getdents64)\(/,
  /^(?:openat\(.*O_NONBLOCK.*O_DIRECTORY|statx|newfstatat|fstat).*\.lock\b/,
];

/** The same, and the next call finds a lock that may be a living one's: it waits for its time. */
export async function killAtAndWait(system: SystemCall, scene: Scene): Promise<Trial> {
  const judge = ({ status }: Ended) => (status === null ? [] : ['was not killed']);
  const trial = await tryAt(system, 'signal=KILL', scene, judge, { isLockYoung: true });
  return { ...trial, name: `${trial.name}, then waited for` };
}

/** Lets one call of the system fail. */
export function refuse(system: SystemCall, error: string, scene: Scene): Promise<Trial> {
  return tryAt(system, `error=${error}`, scene, (ended, content) => {
    const isDone = differences(content, scene.oracle.done).filter(isOfFiles).length === 0;
    const isCleaning = CLEANING.some((one) => one.test(system.line));
    // One that was there before is removed only by a call that takes the lock.
    const isNew = (path: string) => isLeftover(path) && !scene.oracle.old.has(path);
    const left = isCleaning ? [] : [...content.keys()].filter(isNew);
    return [
      ...judgeAnswer(scene.scenario.call, ended, isDone),
      ...left.map((path) => `${path}: left behind`),
    ];
  });
}

/** Node's own calls of the system are not always as many; then another one was disturbed. */
const ATTEMPTS = 10;

async function tryAt(
  system: SystemCall,
  how: string,
  scene: Scene,
  judge: Judge,
  manner: Manner = {},
): Promise<Trial> {
  const { log, place } = scene.stage;
  const name = `${how} at ${tell(system, scene)}`;
  let target: SystemCall | undefined = system;
  for (let attempt = 0; target && attempt < ATTEMPTS; attempt += 1) {
    const before = disturbWords(log, target, how);
    const trial = await tryIt(name, scene, { ...manner, before }, judge);
    if (wasReached(log, place.home, target)) return trial;
    const calls: SystemCall[] = await traceCalls(scene);
    target = calls.find((one) => one.name === system.name && one.nth === system.nth);
  }
  return { name, violations: ['was never reached'], reached: 'old' };
}

/** What an undisturbed call asks of the system for our directories. */
export async function traceCalls({ scenario, oracle, stage }: Scene): Promise<SystemCall[]> {
  const { place, log } = stage;
  writeFolder(place.home, oracle.old);
  const { status } = await launch(scenario.call, place, { before: traceWords(log) });
  const isDone = differences(readFolder(place.home), oracle.done).length === 0;
  if (status !== 0 || !isDone) throw new Error(`${scenario.name}: is another one under strace`);
  return readTrace(log, place.home);
}

/** A lock that is left is a violation of its own. */
function isOfFiles(difference: string): boolean {
  return !isLeftover(difference.replace(/: .*/, ''));
}

/** Whether the next call comes at once, and not when the lock is old. */
type Manner = { readonly isLockYoung?: boolean };

/** A lock that may be a living one's is waited for so long, but for what clocks differ by. */
const LEAST_WAIT_MS = 2_500;

type Judge = (ended: Ended, content: Content) => string[];

async function tryIt(
  name: string,
  { scenario, oracle, stage }: Scene,
  { isLockYoung = false, ...disturbance }: Disturbance & Manner,
  judge: Judge,
): Promise<Trial> {
  const { home } = stage.place;
  writeFolder(home, oracle.old);
  const ended = await launch(scenario.call, stage.place, disturbance);
  const middle = readFolder(home);
  if (!isLockYoung) ageLocks(home);
  const launchNext = isLockYoung ? launch : launchInside;
  const next = await launchNext(scenario.next ?? scenario.call, stage.place);
  const violations = [
    ...judge(ended, middle),
    ...judgeMiddle(middle, oracle),
    ...[ended, next].flatMap(judgeWords),
    ...(isLockYoung && next.ms < LEAST_WAIT_MS ? ['the lock was not waited for'] : []),
    ...(next.status === 0 ? [] : [`the next call: exit status ${next.status}`]),
    ...judgeEnd(readFolder(home), oracle, scenario.gone ?? []).map((one) => `at the end ${one}`),
  ];
  return { name, violations, reached: reachedIn(middle, oracle) };
}

function reachedIn(content: Content, { old, done }: Oracle): Trial['reached'] {
  if (differences(content, old).length === 0) return 'old';
  return differences(content, done).length === 0 ? 'done' : 'between';
}

/** As a person would name it, the same in each run. */
function tell({ line, name, when }: SystemCall, { stage }: Scene): string {
  const what = line.replaceAll(stage.place.home, '~').replace(/\)? += .*/, '');
  return `${name} ${when}, ${what.slice(0, 90)}`;
}

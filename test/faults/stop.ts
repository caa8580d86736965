import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { triple } from '../support/triples.ts';
import { type Content, isLeftover, readFolder, writeFolder } from './folder.ts';
import { differences, judgeWords } from './judge.ts';
import { type Call, type Ended, launch, type Place, start } from './launch.ts';
import { call, helper, NEW, ODD, OLD, type Step } from './scenarios.ts';
import { contentOf, prepare, type Stage } from './stage.ts';
import {
  delayWords,
  errorsOf,
  RENAME,
  readTrace,
  type SystemCall,
  stopWords,
  traceWords,
  wasReached,
} from './strace.ts';

/** A call that is stopped, and those that write meanwhile. */
export type StopScenario = {
  readonly name: string;
  readonly before: readonly Step[];
  readonly call: Call;
};

export type StopTrial = { readonly name: string; readonly violations: readonly string[] };

const BY_HAND = `${OLD}-by-hand`;
const ACME = 'acme.example.com';
const HELD = 'held.example.com';
const OTHER = 'other-held.example.com';
const acme = (password: string) => triple('ACME', ACME, 'ada', password);
const held = triple('HELD', HELD, 'ada', OLD);
const other = triple('OTHER', OTHER, 'ada', OLD);
const TWO_HELD = call('apply --credentials helper', { ...held, ...other });

/** Another registry, and a login by hand: they take the lock for dead, and do their work. */
const MEANWHILE: readonly Call[] = [
  call('apply', triple('TEAM', 'team.example.com', 'ada', NEW)),
  helper('store', BY_HAND, held, HELD),
];

export const STOPS: readonly StopScenario[] = [
  { name: 'an entry', before: [TWO_HELD], call: call('apply', acme(NEW)) },
  {
    name: 'a login through the helper',
    before: [TWO_HELD],
    call: helper('store', BY_HAND, other, OTHER),
  },
  {
    name: 'a login through the helper that becomes an entry',
    before: [TWO_HELD, helper('store', BY_HAND, other, OTHER)],
    call: call('apply', other),
  },
  {
    name: 'a logout',
    before: [TWO_HELD, call('apply', acme(OLD)), helper('store', BY_HAND, other, OTHER)],
    call: call('logout ACME OTHER', {}),
  },
];

export type StopScene = {
  readonly scenario: StopScenario;
  readonly old: Content;
  /** What undisturbed calls make of it, in whatever order they come, the likeliest first. */
  readonly ends: readonly ((place: Place) => Promise<Content>)[];
};

export async function openStopScene(scenario: StopScenario, { place }: Stage): Promise<StopScene> {
  writeFolder(place.home, contentOf({ '.docker/config.json': ODD }));
  await prepare(scenario.before, place);
  const old = readFolder(place.home);
  return { scenario, old, ends: endsOf([...MEANWHILE, scenario.call], old) };
}

/** Each is found once, when it is asked for, in a home that nothing else needs by then. */
function endsOf(calls: readonly Call[], old: Content): StopScene['ends'] {
  return ordersOf(calls).map((order) => {
    let end: Content | undefined;
    return async (place) => {
      if (end) return end;
      writeFolder(place.home, old);
      await prepare(order, place);
      end = readFolder(place.home);
      return end;
    };
  });
}

function ordersOf<T>(all: readonly T[]): T[][] {
  if (all.length === 0) return [[]];
  return all.flatMap((one) =>
    ordersOf(all.filter((each) => each !== one)).map((order) => [one, ...order]),
  );
}

/**
 * Where the call may be stopped between taking the lock and giving it back: after each call of the
 * system that changes something, and right before it.
 */
export async function findStops({ scenario, old }: StopScene, stage: Stage): Promise<SystemCall[]> {
  const { place, log } = stage;
  writeFolder(place.home, old);
  const { status } = await launch(scenario.call, place, { before: traceWords(log) });
  if (status !== 0) throw new Error(`${scenario.name}: fails under strace`);
  const calls = readTrace(log, place.home);
  const isLock = ({ line }: SystemCall) => line.includes('/config.json.lock"');
  const first = calls.findIndex((one) => /^mkdir/.test(one.name) && isLock(one));
  const last = calls.findLastIndex((one) => /^(?:rmdir|unlinkat)/.test(one.name) && isLock(one));
  if (first < 1 || last < first) throw new Error(`${scenario.name}: takes no lock`);
  const near = calls.filter((_, index) => {
    const isNear = [calls[index], calls[index + 1]].some((one) => one && isChanging(one));
    return index >= first - 1 && index <= last && isNear;
  });
  return near.map(({ line, ...one }) => ({ ...one, line: line.replaceAll(place.home, '~') }));
}

function isChanging(one: SystemCall): boolean {
  return errorsOf(one).length > 2 && !/O_RDONLY/.test(one.line);
}

/** Node's own calls of the system are not always as many; then another one was stopped. */
const ATTEMPTS = 6;

/** Stops the call after a call of the system, lets the others run to their end, and goes on. */
export async function stopAfter(
  system: SystemCall,
  scene: StopScene,
  stage: Stage,
): Promise<StopTrial> {
  const { place, log } = stage;
  const name = `stopped after ${tell(system)}`;
  let target: SystemCall | undefined = system;
  for (let attempt = 0; target && attempt < ATTEMPTS; attempt += 1) {
    const violations = await stopOnce(target, scene, stage);
    if (violations && wasReached(log, place.home, target)) return { name, violations };
    const calls: SystemCall[] = await findStops(scene, stage);
    target = calls.find((one) => one.name === system.name && one.nth === system.nth);
  }
  return { name, violations: ['was never reached'] };
}

/** Undefined where the call ended without a stop. */
async function stopOnce(
  system: SystemCall,
  { scenario, old, ends }: StopScene,
  { place, log }: Stage,
): Promise<string[] | undefined> {
  writeFolder(place.home, old);
  rmSync(log, { force: true });
  const stopped = start(scenario.call, place, { before: stopWords(log, system) });
  if (!(await isStopped(log, stopped.ended))) return undefined;
  const others = await Promise.all(MEANWHILE.map((one) => launch(one, place)));
  const middle = readFolder(place.home);
  process.kill(stopped.pid, 'SIGCONT');
  const all = [await stopped.ended, ...others];
  return [
    ...all.flatMap(judgeEnded),
    ...judgeMiddle(middle),
    ...(await judgeEnd(place, ends)).map((one) => `at the end ${one}`),
  ];
}

function judgeEnded(ended: Ended): string[] {
  const isWell = ended.status === 0;
  const failed = isWell ? [] : [`exit status ${ended.status}: ${ended.stdout}${ended.stderr}`];
  return [...failed, ...judgeWords(ended)];
}

/** The others did not wait for it: what they wrote is there. */
function judgeMiddle(content: Content): string[] {
  const has = (path: string, text: string) => content.get(path)?.text.includes(text);
  return [
    ...(has('.docker/config.json', '"team.example.com"') ? [] : ['the other entry is not there']),
    ...(has('.docker/registry-auth-logins.json', `"${HELD}"`) ? [] : ['the login is not there']),
  ];
}

/** It is what it would have been in some order; so nothing is lost, nor left behind. */
async function judgeEnd(place: Place, ends: StopScene['ends']): Promise<string[]> {
  const content = readFolder(place.home);
  const all: string[][] = [];
  for (const end of ends) {
    const found = differences(content, await end(place));
    if (found.length === 0) return [];
    all.push(found);
  }
  const left = [...content.keys()].filter(isLeftover).map((path) => `${path}: left behind`);
  return left.length > 0 ? left : (all.sort((a, b) => a.length - b.length)[0] ?? []);
}

/** strace writes each line as it comes. */
async function isStopped(log: string, ended: Promise<Ended>): Promise<boolean> {
  for (;;) {
    if (/^--- stopped by SIGSTOP ---/m.test(readLog(log))) return true;
    if ((await Promise.race([ended, sleep(5)])) !== undefined) return false;
  }
}

function readLog(log: string): string {
  try {
    return readFileSync(log, 'utf8');
  } catch {
    return '';
  }
}

function tell({ line, name, when }: SystemCall): string {
  return `${name} ${when}, ${line.slice(0, 90)}`;
}

/** Longer than a lock is believed in. */
const HELD_UP_MS = 5_000;

/**
 * Stops the call, then the next one right before it renames; a third one writes; then both go on.
 */
export async function stopBoth(
  system: SystemCall,
  { old }: StopScene,
  { place, log }: Stage,
): Promise<StopTrial> {
  const calls = ['FIRST', 'SECOND', 'THIRD'].map((id) =>
    call('apply', triple(id, `${id.toLowerCase()}.example.com`, 'ada', NEW)),
  );
  const [first, second, third] = calls as [Call, Call, Call];
  const ends = endsOf(calls, old);
  const name = `both stopped, the first after ${tell(system)}`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    writeFolder(place.home, old);
    rmSync(log, { force: true });
    const stopped = start(first, place, { before: stopWords(log, system) });
    if (!(await isStopped(log, stopped.ended))) continue;
    const delayed = start(second, place, { before: delayWords(RENAME, HELD_UP_MS, '1') });
    await isTaken(place);
    const others = [await launch(third, place)];
    process.kill(stopped.pid, 'SIGCONT');
    const all = [await stopped.ended, await delayed.ended, ...others];
    const judged = await judgeEnd(place, ends);
    const atEnd = judged.map((one) => `at the end ${one}`);
    return { name, violations: [...all.flatMap(judgeEnded), ...atEnd] };
  }
  return { name, violations: ['was never reached'] };
}

/** Waits until the second one has taken the lock from the first one. */
async function isTaken({ home }: Place): Promise<void> {
  const lock = join(home, '.docker/config.json.lock');
  const before = inodeOf(lock);
  for (let turn = 0; turn < 2_000 && inodeOf(lock) === before; turn += 1) await sleep(5);
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}

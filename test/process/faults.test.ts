import { afterAll, describe, expect, jest, test } from '@jest/globals';
import {
  killAfter,
  killAt,
  killAtAndWait,
  refuse,
  type Scene,
  type Trial,
  traceCalls,
} from '../faults/disturb.ts';
import { SCENARIOS } from '../faults/scenarios.ts';
import { findOracle, openStage, type Stage } from '../faults/stage.ts';
import { findStops, openStopScene, STOPS, stopAfter } from '../faults/stop.ts';
import { errorsOf, STRACE, type SystemCall } from '../faults/strace.ts';
import { testWith } from '../support/needs.ts';

/** A small part of `npm run faults`, always the same. */

jest.setTimeout(60_000);

const stages: Stage[] = [];
afterAll(() => {
  for (const stage of stages.splice(0)) stage.close();
});

function openNewStage(options: Parameters<typeof openStage>[0]): Stage {
  const stage = openStage(options);
  stages.push(stage);
  return stage;
}

const scenes = new Map<string, Promise<Scene>>();

/** A scene is for one test at a time, and these run one after the other. */
function sceneOf(name: string): Promise<Scene> {
  const scene = scenes.get(name) ?? openScene(name);
  scenes.set(name, scene);
  return scene;
}

async function openScene(name: string): Promise<Scene> {
  const scenario = SCENARIOS.find((one) => one.name.startsWith(name));
  if (!scenario) throw new Error(`${name}: no scenario`);
  const stage = openNewStage(scenario);
  return { scenario, stage, oracle: await findOracle(scenario, stage.place) };
}

/** The calls of the system that these expressions match, of which there must be some. */
async function callsOf(scene: Scene, ...lines: readonly RegExp[]): Promise<SystemCall[]> {
  const calls = (await traceCalls(scene)).filter(({ line }) => lines.some((one) => one.test(line)));
  if (calls.length < lines.length) throw new Error(`no such calls: ${lines.join(' ')}`);
  return calls;
}

async function inOrder<T>(all: readonly T[], act: (one: T) => Promise<Trial>): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const one of all) trials.push(await act(one));
  return trials;
}

const violationsOf = (trials: readonly Pick<Trial, 'name' | 'violations'>[]) =>
  trials.flatMap(({ name, violations }) => violations.map((one) => `${name}: ${one}`));

/** The first and the last call of each name: `npm run faults` refuses every one. */
function firstAndLast(calls: readonly SystemCall[]): SystemCall[] {
  const names = [...new Set(calls.map(({ name }) => name))];
  const ends = names.flatMap((name) => [
    calls.find((one) => one.name === name),
    calls.findLast((one) => one.name === name),
  ]);
  return calls.filter((one) => ends.includes(one));
}

const isChanging = (call: SystemCall) => errorsOf(call).length > 2 && !/O_RDONLY/.test(call.line);

describe('after a kill every file is the old or the new one, and the next call makes it good', () => {
  test('at any moment', async () => {
    const scene = await sceneOf('a secret that is rotated');
    const moments = [10, 20, 25, 30, 35, 45];
    const trials = await inOrder(moments, (moment) => killAfter(moment, scene));
    expect(violationsOf(trials)).toEqual([]);
  });

  testWith([STRACE], 'at each change that a call makes', async () => {
    const scene = await sceneOf('a removal in a codespace');
    const calls = (await traceCalls(scene)).filter(isChanging);
    const trials = await inOrder(calls, (call) => killAt(call, scene));
    expect(violationsOf(trials)).toEqual([]);
    // Some of them in the midst of it, or nothing would be shown.
    expect(trials.map(({ reached }) => reached)).toContain('between');
  });

  testWith([STRACE], "of npm's file no copy is left", async () => {
    const scene = await sceneOf("npm's own file");
    const trials = await inOrder(await callsOf(scene, /^rename.*npmrc/), (call) =>
      killAt(call, scene),
    );
    expect(violationsOf(trials)).toEqual([]);
  });
});

describe('a lock that nobody gives back', () => {
  testWith([STRACE], 'is waited for, and swept with what is in it', async () => {
    const scene = await sceneOf('a login by hand in place');
    const calls = await callsOf(scene, /^rename.*registry-auth-logins/);
    const trials = await inOrder(calls, (call) => killAtAndWait(call, scene));
    expect(violationsOf(trials)).toEqual([]);
  });

  // What it reads last, right before it would put an old text in place of a new one.
  testWith([STRACE], 'costs nobody anything when its maker goes on', async () => {
    const names = ['an entry', 'a login through the helper', 'a logout'];
    const trials = names.map(async (name) => {
      const stage = openNewStage({});
      const scenario = STOPS.find((one) => one.name === name);
      if (!scenario) throw new Error(`${name}: no scenario`);
      const scene = await openStopScene(scenario, stage);
      const stops = await findStops(scene, stage);
      const at = stops.findLastIndex((one) => one.name.startsWith('rename'));
      return stopAfter(stops[at - 1] as SystemCall, scene, stage);
    });
    expect(violationsOf(await Promise.all(trials))).toEqual([]);
  });
});

const ROOT = { missing: process.getuid?.() === 0 ? undefined : 'only root may give a file away' };

describe('where the system refuses, it is said, and nothing is lost', () => {
  testWith([STRACE], 'any change', async () => {
    const scene = await sceneOf("somebody's login");
    const calls = firstAndLast((await traceCalls(scene)).filter(isChanging));
    const trials = await inOrder(calls, (call) => refuse(call, 'ENOSPC', scene));
    expect(violationsOf(trials)).toEqual([]);
  });

  testWith([STRACE], "a write, as if it were a pipe's", async () => {
    for (const [name, file] of [
      ['foreign entries', /^write.*\/config\.json\.lock\//],
      ['a login by hand, then', /^write.*\/registry-auth-logins\.json\.lock\//],
    ] as const) {
      const scene = await sceneOf(name);
      const calls = await callsOf(scene, file);
      const trials = await inOrder(calls, (call) => refuse(call, 'EPIPE', scene));
      expect(violationsOf(trials)).toEqual([]);
    }
  });

  testWith([STRACE], 'the end of the lock, and of the look at a directory', async () => {
    const scene = await sceneOf('foreign entries');
    const lock = /^(?:statx|newfstatat|fstat|close).*\.lock/;
    const end = [/^getdents64.*\.lock/, /^rmdir/, /^close\(\d+<[^>]*\/\.docker>/];
    const calls = await callsOf(scene, lock, ...end);
    const trials = await inOrder(firstAndLast(calls), (call) => refuse(call, 'EIO', scene));
    expect(violationsOf(trials)).toEqual([]);
  });

  testWith([STRACE, ROOT], "a file's group", async () => {
    const scene = await sceneOf('foreign entries');
    const trials = await inOrder(await callsOf(scene, /^fchown/), (call) =>
      refuse(call, 'EIO', scene),
    );
    expect(violationsOf(trials)).toEqual([]);
  });

  testWith([STRACE], 'the end of the logins', async () => {
    const scene = await sceneOf('a login through the helper that becomes');
    const calls = await callsOf(scene, /^rename.*registry-auth-logins\.json"/, /^unlink/);
    const trials = await inOrder(calls, (call) => refuse(call, 'EIO', scene));
    expect(violationsOf(trials)).toEqual([]);
  });

  testWith([STRACE], 'a look at what has been written', async () => {
    const scene = await sceneOf('a home without anything');
    const calls = (await callsOf(scene, /^(?:statx|newfstatat|readlink).*\.docker/)).slice(-4);
    const trials = await inOrder(calls, (call) => refuse(call, 'EACCES', scene));
    expect(violationsOf(trials)).toEqual([]);
  });
});

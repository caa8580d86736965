import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { writeFolder } from '../faults/folder.ts';
import { launch } from '../faults/launch.ts';
import { contentOf, openStage, type Stage } from '../faults/stage.ts';
import { readTrace, STRACE, traceWords } from '../faults/strace.ts';
import { testWith } from '../support/needs.ts';
import { entry, triple } from '../support/triples.ts';

const stages: Stage[] = [];
afterAll(() => {
  for (const stage of stages.splice(0)) stage.close();
});

function openHome(files: Record<string, string>): Stage {
  const stage = openStage({});
  stages.push(stage);
  writeFolder(stage.place.home, contentOf(files));
  return stage;
}

/** What a command does for it that its files rest on the disk, in its order. */
async function stepsOf({ place, log }: Stage, ...args: string[]): Promise<string[]> {
  const env = triple('TEAM', 'team.example', 'ada', 'secret');
  const call = { program: 'registry-auth', args, env } as const;
  const { status } = await launch(call, place, { before: traceWords(log) });
  expect(status).toBe(0);
  return readTrace(log, place.home).flatMap(({ line }) => stepOf(line));
}

function stepOf(line: string): string[] {
  const temp = /^fsync\(\d+<.*\/\.([\w.-]+\.json)\.\w+\.tmp>.* = 0$/.exec(line)?.[1];
  const folder = /^fsync\(\d+<.*\/([\w.-]+)>.* = 0$/.exec(line)?.[1];
  const removed = /^unlink.*\/([\w.-]+\.json)".* = 0$/.exec(line)?.[1];
  const renamed = /^rename.*\/([\w.-]+\.json)".* = 0$/.exec(line)?.[1];
  if (temp) return [`text of ${temp}`];
  if (folder) return [`folder ${folder}`];
  if (removed) return [`end of ${removed}`];
  return renamed ? [`rename to ${renamed}`] : [];
}

const LEDGER = ['text of registry-auth.json', 'rename to registry-auth.json'];
const CONFIG = ['text of config.json', 'rename to config.json'];

describe('for a power cut, each text is on the disk before its name leads to it', () => {
  testWith(
    [STRACE],
    'and the ledger before config.json, in a folder that keeps this order',
    async () => {
      const stage = openHome({});
      expect(await stepsOf(stage, 'apply')).toEqual([...LEDGER, ...CONFIG, 'folder .docker']);
      expect(await stepsOf(stage, 'apply')).toEqual([]);
      expect(await stepsOf(stage, 'logout')).toEqual([
        ...[...CONFIG, 'folder .docker'],
        ...['end of registry-auth.json', 'folder .docker'],
      ]);
    },
  );

  testWith([STRACE], 'and what is known no more goes when config.json is there', async () => {
    const login = { auths: { 'team.example': entry('ada', 'by hand') } };
    const stage = openHome({ '.docker/config.json': JSON.stringify(login) });
    expect(await stepsOf(stage, 'apply')).toEqual([
      ...[...LEDGER, ...CONFIG, 'folder .docker'],
      ...[...LEDGER, 'folder .docker'],
    ]);
  });

  testWith([STRACE], 'and the ledger first, where config.json is in another folder', async () => {
    const stage = openHome({ '.docker/other.json': '{}', 'elsewhere/config.json': '{}' });
    symlinkSync('../elsewhere/config.json', join(stage.place.home, '.docker/config.json'));
    expect(await stepsOf(stage, 'apply')).toEqual([
      ...[...LEDGER, 'folder .docker'],
      ...[...CONFIG, 'folder elsewhere'],
    ]);
  });
});

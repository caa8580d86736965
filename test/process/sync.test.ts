import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { writeFolder } from '../faults/folder.ts';
import { type Call, launch } from '../faults/launch.ts';
import { contentOf, openStage, type Stage } from '../faults/stage.ts';
import { readTrace, STRACE, traceWords } from '../faults/strace.ts';
import { testWith } from '../support/needs.ts';
import { triple } from '../support/triples.ts';

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
function stepsOf(stage: Stage, ...args: string[]): Promise<string[]> {
  return stepsOfCall(stage, { program: 'registry-auth', args });
}

async function stepsOfCall({ place, log }: Stage, words: Omit<Call, 'env'>): Promise<string[]> {
  const call = { ...words, env: triple('TEAM', 'team.example', 'ada', 'secret') };
  const { status } = await launch(call, place, { before: traceWords(log) });
  expect(status).toBe(0);
  return readTrace(log, place.home).flatMap(({ line }) => stepOf(line));
}

function stepOf(line: string): string[] {
  const text = /^fsync\(\d+<.*\/([\w.-]+\.json)\.lock\/\w+>.* = 0$/.exec(line)?.[1];
  const folder = /^fsync\(\d+<.*\/([\w.-]+)>.* = 0$/.exec(line)?.[1];
  const [, from, to] = /^rename.*?"(?:.*\/)?([\w.-]+)".*\/([\w.-]+)".* = 0$/.exec(line) ?? [];
  if (text) return [`text of ${text}`];
  if (folder) return [`folder ${folder}`];
  if (from?.endsWith('.json')) return [`end of ${from}`];
  return to ? [`rename to ${to}`] : [];
}

const CONFIG = ['text of config.json', 'rename to config.json'];
const LOGINS = ['text of registry-auth-logins.json', 'rename to registry-auth-logins.json'];

describe('for a power cut, each text is on the disk before its name leads to it', () => {
  testWith([STRACE], 'and a folder keeps the new name', async () => {
    const stage = openHome({});
    expect(await stepsOf(stage, 'apply')).toEqual([...CONFIG, 'folder .docker']);
    expect(await stepsOf(stage, 'apply')).toEqual([]);
    expect(await stepsOf(stage, 'logout')).toEqual([...CONFIG, 'folder .docker']);
  });

  testWith([STRACE], 'and a login goes when it is an entry of config.json', async () => {
    const stage = openHome({});
    const input = JSON.stringify({ ServerURL: 'team.example', Username: 'eve', Secret: 'by hand' });
    await stepsOf(stage, 'apply', '--credentials', 'helper');
    const store = { program: 'docker-credential-registry-auth', args: ['store'], input } as const;
    expect(await stepsOfCall(stage, store)).toEqual([...LOGINS, 'folder .docker']);
    expect(await stepsOf(stage, 'apply')).toEqual([
      ...[...CONFIG, 'folder .docker'],
      ...['end of registry-auth-logins.json', 'folder .docker'],
    ]);
  });

  testWith([STRACE], 'and the folder is the one where config.json really is', async () => {
    const stage = openHome({ '.docker/other.json': '{}', 'elsewhere/config.json': '{}' });
    symlinkSync('../elsewhere/config.json', join(stage.place.home, '.docker/config.json'));
    expect(await stepsOf(stage, 'apply')).toEqual([...CONFIG, 'folder elsewhere']);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { type Crowd, runCrowd } from '../faults/crowd.ts';
import { DOCKER, startDocker } from '../faults/docker.ts';
import { writeFolder } from '../faults/folder.ts';
import { type Ended, launch, type Place } from '../faults/launch.ts';
import { contentOf, openStage, type Stage } from '../faults/stage.ts';
import { RENAME, STRACE } from '../faults/strace.ts';
import { testWith } from '../support/needs.ts';
import { whyNot } from '../support/run.ts';
import { loginsOf, triple } from '../support/triples.ts';

/** A small part of `npm run faults`. */

jest.setTimeout(60_000);

const stages: Stage[] = [];
afterAll(() => {
  for (const stage of stages.splice(0)) stage.close();
});

/** On arm64 they have other names. */
const UNLINK = '?unlink,?unlinkat,?rmdir';
/** In a container, no process outside is known by its number. */
const CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc'];

function openNewStage(): Stage {
  const stage = openStage({});
  stages.push(stage);
  return stage;
}

/** With one triple, below another program. */
function applyAs(id: string, place: Place, before: readonly string[]): Promise<Ended> {
  const env = triple(id, `${id}.example`, 'ada', id);
  return launch({ program: 'registry-auth', args: ['apply'], env }, place, { before });
}

describe('two that find the lock of a third, which was killed', () => {
  testWith([STRACE], 'never hold it both, however slow they are', async () => {
    const { place } = openNewStage();
    const lock = '.docker/config.json.lock';
    const half = { [lock]: { kind: 'directory' }, [`${lock}/3f9k2m`]: '{"auths":{' } as const;
    writeFolder(place.home, contentOf(half));
    const apply = (id: string, delay: string) =>
      applyAs(id, place, ['strace', '-o', '/dev/null', '-e', `inject=${delay}`]);
    // One stops between its judgement of the lock and the deed. Meanwhile the other takes it over,
    // and stops before it renames config.json.
    const slow = apply('SLOW', `${UNLINK}:delay_enter=500000:when=1`);
    await sleep(200);
    const other = apply('OTHER', `${RENAME}:delay_enter=1000000:when=1`);
    expect((await Promise.all([slow, other])).map(({ status }) => status)).toEqual([0, 0]);
    const logins = loginsOf(readFileSync(join(place.home, '.docker/config.json'), 'utf8'));
    expect(Object.keys(logins).sort()).toEqual(['other.example', 'slow.example']);
    expect(readdirSync(join(place.home, '.docker'))).toEqual(['config.json']);
  });
});

const UNSHARE = { missing: whyNot('unshare', [...CONTAINER.slice(1), 'true']) };

testWith(
  [STRACE, UNSHARE],
  'of two containers with one home neither takes it for dead what the other holds',
  async () => {
    const { place } = openNewStage();
    writeFolder(place.home, contentOf({}));
    const apply = (id: string, before: readonly string[]) =>
      applyAs(id, place, [...CONTAINER, ...before]);
    // It has a number that nobody has in the other, and stops right before it renames config.json.
    const older = ['sh', '-c', `${'(:);'.repeat(50)} exec "$@"`, 'sh'];
    const delay = `inject=${RENAME}:delay_enter=800000:when=1`;
    const slow = apply('SLOW', [...older, 'strace', '-f', '-o', '/dev/null', '-e', delay]);
    await sleep(400);
    const all = await Promise.all([slow, apply('OTHER', [])]);
    expect(all.map(({ status }) => status)).toEqual([0, 0]);
    const logins = loginsOf(readFileSync(join(place.home, '.docker/config.json'), 'utf8'));
    expect(Object.keys(logins).sort()).toEqual(['other.example', 'slow.example']);
  },
);

describe('many at once', () => {
  const CROWD: Crowd = { applies: 8, gets: 16, stores: 4, width: 14 };

  test('lose nothing, and none of them fails', async () => {
    const stage = openNewStage();
    expect(await runCrowd(CROWD, stage.place)).toMatchObject({ violations: [], missing: 0 });
  });

  testWith([DOCKER], 'lose no login that docker writes meanwhile', async () => {
    const stage = openNewStage();
    const { stranger, close } = await startDocker();
    const { violations, commands } = await runCrowd(CROWD, stage.place, stranger).finally(close);
    expect([violations, commands >= 12]).toEqual([[], true]);
  });
});

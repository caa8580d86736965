import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { type Crowd, runCrowd } from '../faults/crowd.ts';
import { DOCKER, startDocker } from '../faults/docker.ts';
import { openStage, type Stage } from '../faults/stage.ts';
import { testWith } from '../support/needs.ts';

/** A small part of `npm run faults`. */

jest.setTimeout(60_000);

const stages: Stage[] = [];
afterAll(() => {
  for (const stage of stages.splice(0)) stage.close();
});

describe('many at once', () => {
  const CROWD: Crowd = { applies: 8, gets: 16, stores: 4, width: 14 };

  test('lose nothing, and none of them fails', async () => {
    const stage = openStage({});
    stages.push(stage);
    expect(await runCrowd(CROWD, stage.place)).toMatchObject({ violations: [], missing: 0 });
  });

  testWith([DOCKER], 'lose no login that docker writes meanwhile', async () => {
    const stage = openStage({});
    stages.push(stage);
    const { stranger, close } = await startDocker();
    const { violations, commands } = await runCrowd(CROWD, stage.place, stranger).finally(close);
    expect([violations, commands >= 12]).toEqual([[], true]);
  });
});

import { describe, expect, test } from '@jest/globals';
import { CANARY } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { appliedHome, GOOD, loginsIn, newCli } from './support/cli.ts';

const cli = newCli();
const OLD = triple('OLD', 'old.example', 'ada', CANARY);
const OTHER = triple('OTHER', 'other.example', 'ada', CANARY);
const ALL = {
  'good.example': `ada:${CANARY}`,
  'old.example': `ada:${CANARY}`,
  'other.example': `ada:${CANARY}`,
};
const home = () => appliedHome(cli, { ...GOOD, ...OLD, ...OTHER });

describe('apply --prune', () => {
  test.each([
    [['OLD'], ['good.example', 'other.example']],
    [['old.example'], ['good.example', 'other.example']],
    [['OLD', 'OTHER'], ['good.example']],
  ])('removes what it names, and nothing else: %j', async (names, rest) => {
    const there = await home();
    expect(await cli(['apply', '--prune', ...names], { home: there, env: GOOD })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(Object.keys(loginsIn(there)).sort()).toEqual(rest);
  });

  test('without a name changes nothing, in a shell without any secret too, and lists the names', async () => {
    const there = await home();
    for (const env of [{}, GOOD]) {
      const { status, stdout, stderr } = await cli(['apply', '--prune'], { home: there, env });
      const ids = env === GOOD ? 'OLD OTHER' : 'GOOD OLD OTHER';
      expect([status, stdout, stderr]).toEqual([
        1,
        '',
        '--prune: names nothing to remove [PRUNE_UNNAMED]\n' +
          `  fix: name what to remove: registry-auth apply --prune ${ids}\n`,
      ]);
    }
    expect(loginsIn(there)).toEqual(ALL);
  });

  test.each(['GOOD', 'good.example'])(
    'of what still has its secrets is a problem: %s',
    async (name) => {
      const there = await home();
      const { status, stderr } = await cli(['apply', '--prune', name], { home: there, env: GOOD });
      expect([status, stderr]).toEqual([
        1,
        expect.stringContaining(`${name}: still has its secrets here`),
      ]);
      expect(loginsIn(there)).toEqual(ALL);
    },
  );

  test('of a triple that lacks a part leaves its entry', async () => {
    const there = await home();
    const env = { ...GOOD, OLD_CONTAINER_REGISTRY_PASSWORD: CANARY };
    const { status, stderr } = await cli(['apply', '--prune', 'OLD'], { home: there, env });
    expect([status, stderr]).toEqual([1, expect.stringContaining('[PRUNE_STILL_SET]')]);
    expect(loginsIn(there)).toEqual(ALL);
  });

  test('of what is not there is said, and the rest is done', async () => {
    const there = await home();
    const { status, stderr } = await cli(['apply', '--prune', 'NONE', 'OLD'], {
      home: there,
      env: GOOD,
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining('[NOTHING_TO_LOG_OUT]')]);
    expect(Object.keys(loginsIn(there)).sort()).toEqual(['good.example', 'other.example']);
  });

  test('of a dry run removes nothing', async () => {
    const there = await home();
    const words = ['apply', '--dry-run', '--prune', 'OLD'];
    const { status, stdout } = await cli(words, { home: there, env: GOOD });
    expect([status, stdout]).toEqual([0, expect.stringContaining('would be removed')]);
    expect(loginsIn(there)).toEqual(ALL);
  });

  test('is needed before names', async () => {
    expect(await cli(['apply', 'OLD'], { home: await home(), env: GOOD })).toMatchObject({
      status: 2,
    });
  });
});

test('a hook names what it leaves, and how to remove it', async () => {
  const there = await home();
  const { stdout } = await cli(['hook', 'postStart'], { home: there, env: GOOD });
  expect(stdout.split('\n').slice(1)).toEqual([
    'registry-auth: left as before, although its secret is not set here: OLD (other), OTHER (other)',
    'registry-auth: to remove it: registry-auth logout OLD OTHER',
    '',
  ]);
});

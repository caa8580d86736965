import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { makeRuntime, testInMemory } from '../support/memory.ts';
import { CANARY, expectNoSecret, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { ASK, CONFIG, GOOD, MORE } from './support/cli.ts';
import { install } from './support/installed.ts';

const PHASES = ['onCreate', 'updateContent', 'postCreate', 'postStart'] as const;
const STILL = (count: number) =>
  `registry-auth: ${count} ${count === 1 ? 'problem was' : 'problems were'} shown by an earlier hook\n`;

const without = (env: Record<string, string>, part: string) =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.endsWith(part)));
const ACME = triple('ACME', 'acme.example', 'ada', CANARY);
const CASES: readonly (readonly [string, Record<string, string>, Record<string, string>?])[] = [
  ['a missing PASSWORD', without(ACME, 'PASSWORD')],
  ['a SERVER that is none', triple('ACME', 'acme example', 'ada', CANARY)],
  ['two triples for one registry', { ...ACME, ...triple('BETA', 'acme.example', 'bob', 'b') }],
  ['a colon in USER', triple('ACME', 'acme.example', 'a:b', CANARY)],
  ['a broken config.json', ACME, { [CONFIG]: '{' }],
  ['an expired token of ECR', triple('ACME', HOSTS(), 'AWS', deadToken())],
];

function HOSTS(): string {
  return '123456789012.dkr.ecr.us-east-1.amazonaws.com';
}

function deadToken(): string {
  return Buffer.from(JSON.stringify({ expiration: 1 })).toString('base64');
}

describe('a problem is shown in full once for each start:', () => {
  for (const [name, env, files] of CASES)
    testInMemory(name, async () => {
      const cli = install();
      const home = scratchHome(files ?? {});
      for (const start of ['first', 'second']) {
        const all = { ...GOOD, ...env, XDG_RUNTIME_DIR: makeRuntime() };
        const phases = start === 'first' ? PHASES : (['postStart'] as const);
        const shown: string[] = [];
        for (const phase of phases) {
          const { status, stderr } = await cli(['hook', phase], { home, env: all });
          expect([phase, status, stderr.endsWith(MORE)]).toEqual([phase, 0, true]);
          shown.push(stderr.slice(0, -MORE.length));
        }
        const [full = '', ...others] = shown;
        expect(full).toMatch(/^registry-auth: .*\[[A-Z_]+\]\n {2}fix: /);
        expect(others).toEqual(others.map(() => STILL(1)));
      }
    });

  testInMemory('what is new is shown in full beside what is not', async () => {
    const cli = install({ strict: true });
    const home = scratchHome();
    const XDG_RUNTIME_DIR = makeRuntime();
    const first = { ...without(ACME, 'PASSWORD'), XDG_RUNTIME_DIR };
    await cli(['hook', 'onCreate'], { home, env: first });
    const second = { ...first, ...triple('BETA', 'beta example', 'ada', CANARY) };
    const { status, stderr } = await cli(['hook', 'postCreate'], { home, env: second });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^registry-auth: BETA_[^\n]*\n {2}fix: [^\n]*\nregistry-auth: 1 problem was /,
    );
    const third = await cli(['hook', 'postStart'], { home, env: second });
    expect([third.status, third.stderr]).toEqual([1, STILL(2) + MORE]);
    expectNoSecret({ folder: XDG_RUNTIME_DIR }, [CANARY]);
  });

  testInMemory(
    'in another home, and in a container that is made anew, all is shown again',
    async () => {
      const cli = install();
      const env = { ...without(ACME, 'PASSWORD'), XDG_RUNTIME_DIR: makeRuntime() };
      for (const [home, phase] of [
        [scratchHome(), 'postStart'],
        [scratchHome(), 'postStart'],
      ] as const)
        for (const one of [phase, 'onCreate'] as const) {
          const { stderr } = await cli(['hook', one], { home, env });
          expect(stderr).toContain('[TRIPLE_INCOMPLETE]');
        }
    },
  );

  testInMemory('a hook without a problem leaves nothing behind', async () => {
    const XDG_RUNTIME_DIR = makeRuntime();
    await install()(['hook', 'onCreate'], {
      home: scratchHome(),
      env: { ...GOOD, XDG_RUNTIME_DIR },
    });
    expect(readdirSync(XDG_RUNTIME_DIR)).toEqual([]);
  });
});

test('without storage in memory each hook shows all', async () => {
  const home = scratchHome();
  const cli = install();
  const env = { ...without(ACME, 'PASSWORD'), XDG_RUNTIME_DIR: join(home, 'none') };
  const shown = [];
  for (const phase of PHASES) shown.push((await cli(['hook', phase], { home, env })).stderr);
  // /dev/shm is there on most machines.
  expect(shown[0]).toContain('[TRIPLE_INCOMPLETE]');
});

test('the last line names the command that helps', async () => {
  const env = { ...GOOD, ...triple('POOR', 'localhost:9', 'ada', CANARY) };
  const { stderr } = await install({ check: true })(['hook', 'postStart'], {
    ...{ home: scratchHome(), env },
  });
  expect(stderr.endsWith(ASK)).toBe(true);
});

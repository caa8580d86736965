import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { found } from './support/helper.ts';
import { configWith, triple } from './support/triple.ts';

const BUNDLE = join('dist', 'registry-auth', 'lib', 'docker-credential-registry-auth.cjs');

const home = scratchHome({
  '.docker/config.json': configWith({ 'quay.io': ['eve', CANARY] }),
});
const env = {
  PATH: process.env.PATH,
  HOME: home,
  ...triple('ACME', 'reg.example.com', 'ada', CANARY),
  ...triple('HUB', 'docker.io', 'bob', CANARY),
};

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Starts the helper and leaves its standard input open, as docker-py does. */
function start(...args: string[]) {
  const running = spawn(process.execPath, [BUNDLE, ...args], { env, stdio: 'pipe' });
  children.push(running);
  const finished = Promise.all([
    text(running.stdout),
    text(running.stderr),
    once(running, 'close'),
  ]).then(([stdout, stderr, [status]]) => ({ status, stdout, stderr }));
  return { stdin: running.stdin, finished };
}

const VERSION = /^docker-credential-registry-auth \(registry-auth\) \d+\.\d+\.\d+\n$/;

describe('with nobody at the other end of standard input', () => {
  test.each(['version', '--version', '-v'])('%s answers', async (verb) => {
    expect(await start(verb).finished).toEqual({
      status: 0,
      stdout: expect.stringMatching(VERSION),
      stderr: '',
    });
  });

  test('list answers with the user of each key, and no secret', async () => {
    expect(await start('list').finished).toEqual({
      status: 0,
      stdout: `${JSON.stringify({
        'reg.example.com': 'ada',
        'https://index.docker.io/v1/': 'bob',
        'docker.io': 'bob',
      })}\n`,
      stderr: '',
    });
  });

  test('an unknown verb is refused', async () => {
    expect(await start('dance').finished).toMatchObject({ status: 1, stderr: '' });
  });
});

test('get waits for a server that comes late and in pieces', async () => {
  const { stdin, finished } = start('get');
  stdin.write('reg.');
  // As long as another helper takes for its whole life.
  await start('version').finished;
  stdin.end('example.com');
  expect(await finished).toEqual(found('reg.example.com', 'ada', CANARY));
});

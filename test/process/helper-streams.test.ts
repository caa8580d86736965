import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LIB } from '../support/built.ts';
import { CANARY, scratchHome } from '../support/process.ts';
import { type Running, start } from '../support/run.ts';
import { configWith, triple } from '../support/triples.ts';
import { found } from './support/helper.ts';

const BUNDLE = join(LIB, 'docker-credential-registry-auth.cjs');

const home = scratchHome({
  '.docker/config.json': configWith({ 'quay.io': ['eve', CANARY] }),
});
const env = {
  ...triple('ACME', 'reg.example.com', 'ada', CANARY),
  ...triple('HUB', 'docker.io', 'bob', CANARY),
};

/** Starts the helper and leaves its standard input open, as docker-py does. */
function ask(verb: string): Running {
  return start(process.execPath, [BUNDLE, verb], { env, home });
}

const VERSION = /^docker-credential-registry-auth \(registry-auth\) \d+\.\d+\.\d+\n$/;

describe('with nobody at the other end of standard input', () => {
  test.each(['version', '--version', '-v'])('%s answers', async (verb) => {
    expect(await ask(verb).finished).toEqual({
      status: 0,
      stdout: expect.stringMatching(VERSION),
      stderr: '',
    });
  });

  test('list answers with the user of each key, and no secret', async () => {
    expect(await ask('list').finished).toEqual({
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
    expect(await ask('dance').finished).toMatchObject({ status: 1, stderr: '' });
  });
});

test('get waits for a server that comes late and in pieces', async () => {
  const { stdin, finished } = ask('get');
  stdin.write('reg.');
  // As long as another helper takes for its whole life.
  await ask('version').finished;
  stdin.end('example.com');
  expect(await finished).toEqual(found('reg.example.com', 'ada', CANARY));
});

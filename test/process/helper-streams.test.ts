import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LIB } from '../support/built.ts';
import { CANARY, scratchHome } from '../support/process.ts';
import { type Running, run, start } from '../support/run.ts';
import { configWith, triple } from '../support/triples.ts';
import { LOGINS } from './support/cli.ts';
import { found, helper, refused, SILENT } from './support/helper.ts';

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

/** The helper in a shell, which gives it other streams than a client would. */
function inShell(line: string, at = home) {
  const words = ['-c', line, process.execPath, BUNDLE];
  return run('/bin/sh', words, { env, home: at, timeoutMs: 20_000 });
}
const HELPER = '"$0" "$1"';

describe('standard input', () => {
  const TOO_LONG = refused('registry-auth: standard input is longer than 64 KiB');

  test.each(['get', 'store', 'erase'])(
    'of %s is read to its 64th KiB, and no further',
    async (verb) => {
      const { stdin, finished } = ask(verb);
      const more = () => {
        while (stdin.writable && stdin.write('x'.repeat(1 << 16)));
      };
      stdin.on('drain', more);
      more();
      expect(await finished).toEqual(TOO_LONG);
    },
  );

  test('with a login that is too long changes nothing', async () => {
    const empty = scratchHome();
    const login = (length: number) =>
      JSON.stringify({ ServerURL: 'r.io', Username: 'u', Secret: 'x'.repeat(length) });
    expect(await helper('store', login(1 << 16), { env, home: empty })).toEqual(TOO_LONG);
    expect(existsSync(join(empty, LOGINS))).toBe(false);
    expect(await helper('store', login(60_000), { env, home: empty })).toEqual(SILENT);
  });

  test('that does not block is waited for', async () => {
    // What libuv leaves of a pipe where a process is killed.
    const unblock = `process.stdin.resume(); setTimeout(process.kill, 100, process.pid, 'SIGKILL')`;
    const line = `{ sleep 1; printf reg.; sleep 0.1; echo example.com; } |
      { "$0" -e "${unblock}"; exec ${HELPER} get; }`;
    const { stdout } = found('reg.example.com', 'ada', CANARY);
    expect(await inShell(line)).toMatchObject({ status: 0, stdout });
  });

  test('that is a directory or closed is no server', async () => {
    const directory = 'registry-auth: standard input cannot be read (EISDIR)';
    expect(await inShell(`exec ${HELPER} get </`)).toEqual(refused(directory));
    expect(await inShell(`exec ${HELPER} get <&-`)).toEqual(refused('no credentials server URL'));
  });
});

test('standard output that is full is said in one line, without what was to be on it', async () => {
  const stderr = 'registry-auth: unexpected Error ENOSPC\n';
  const line = `echo reg.example.com | ${HELPER} get >/dev/full`;
  expect(await inShell(line)).toEqual({ status: 1, stdout: '', stderr });
  expect(await inShell(`${line} 2>/dev/full`)).toEqual({ status: 1, stdout: '', stderr: '' });
});

test('a login that is larger than a file of the process may be is refused by that name', async () => {
  const login = JSON.stringify({ ServerURL: 'r.io', Username: 'u', Secret: CANARY });
  const line = `ulimit -f 0; echo '${login}' | ${HELPER} store`;
  expect(await inShell(line, scratchHome())).toEqual(
    refused(/larger than the limit for files.*ulimit -f/),
  );
});

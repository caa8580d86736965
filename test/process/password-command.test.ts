import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { readIfThere } from '../../src/io/files/bounded-read.ts';
import { watchArguments } from '../support/arguments.ts';
import { LIB } from '../support/built.ts';
import { testInMemory } from '../support/memory.ts';
import { expectNoSecret, scratchHome } from '../support/process.ts';
import { runNode } from '../support/run.ts';
import { configWith, entry, triple } from '../support/triples.ts';
import { loginsIn, othersIn, recordsIn } from './support/cli.ts';
import { makeScene, makeSceneInside, type Scene } from './support/ecr-scene.ts';
import { found, NOT_FOUND, SILENT } from './support/helper.ts';
import { installAlone as install } from './support/installed.ts';

const HOST = 'registry.example.com';
const SECRET = 'canary~made-by-a-command~4tQz81';
const HELPED = { auths: {}, credHelpers: { [HOST]: 'registry-auth' } };
const NAME = 'ACME_CONTAINER_REGISTRY_PASSWORD_COMMAND';
/** The parts of the secret, which the text of a command may hold without it. */
const [FIRST, SECOND] = ['canary~made-by', '-a-command~4tQz81'];
const PRINT = `printf '%s%s\\n' '${FIRST}' '${SECOND}'`;

/** A triple whose password a command makes. */
function made(command: string, user = 'ada', server = HOST): Record<string, string> {
  const { ACME_CONTAINER_REGISTRY_PASSWORD: _, ...others } = triple('ACME', server, user, '');
  return { ...others, [NAME]: command };
}

let scene: Scene;
/** Leaves a letter in the home at each run. */
let counted: Record<string, string>;
const runsIn = (home: string) => {
  const log = join(home, 'runs');
  return existsSync(log) ? readFileSync(log, 'utf8').length : 0;
};
const runs = () => runsIn(scene.home);
const countedIn = (home: string) => made(`printf x >> '${home}/runs'; ${PRINT}`);

async function enter(next: Promise<Scene>): Promise<void> {
  scene = await next;
  counted = countedIn(scene.home);
}
beforeEach(() => enter(makeSceneInside()));

/** For what takes time, or shows in the list of processes. */
const enterAlone = () => enter(makeScene());

/** What the helper answers where no secret can be made. */
function without(what: string) {
  const line = `registry-auth: ${NAME}: ${what}; fix: run it with sh -c in a terminal, from the folder /, until it prints only the secret [PASSWORD_COMMAND_FAILED]\n`;
  return { ...NOT_FOUND, stderr: line };
}

describe('no start runs a command', () => {
  test.each([
    'hook onCreate',
    'hook postStart',
    'apply',
    'apply --dry-run',
    'status',
    `status ${HOST}`,
    'logout',
  ])('%s', async (words) => {
    await scene.cli(words.split(' '), counted);
    expect(runs()).toBe(0);
  });

  test('nor a hook with the option check', async () => {
    const home = scratchHome();
    const cli = install({ check: true });
    const { status, stderr } = await cli(['hook', 'postStart'], { env: countedIn(home) });
    expect({ status, stderr, runs: runsIn(home) }).toEqual({ status: 0, stderr: '', runs: 0 });
  });

  test('and all else is written beside one that would hang', async () => {
    const env = { ...made('sleep 60'), ...triple('GOOD', 'good.example', 'ada', 'good') };
    const { status, stdout } = await scene.cli(['hook', 'postStart'], env);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'registry-auth: 2 registries ready: ACME (other), GOOD (other)\n',
    });
    expect(othersIn(scene.home)).toEqual({
      auths: { 'good.example': entry('ada', 'good') },
      credHelpers: { [HOST]: 'registry-auth' },
    });
  });
});

describe('what stands in config.json', () => {
  test("is our helper's name alone, and a checksum of the command", async () => {
    await scene.cli(['apply'], counted);
    expect(othersIn(scene.home)).toEqual(HELPED);
    expect(recordsIn(scene.home)).toEqual({
      [HOST]: expect.stringMatching(/^ACME helper secret:[0-9a-f]{4}$/),
    });
  });

  test('is the entry of a password no more once a command takes its place, and again after', async () => {
    const plain = triple('ACME', HOST, 'ada', 'plain-password');
    await scene.cli(['apply'], plain);
    await scene.cli(['apply'], counted);
    expect(othersIn(scene.home)).toEqual(HELPED);
    await scene.cli(['apply'], plain);
    expect(othersIn(scene.home)).toEqual({ auths: { [HOST]: entry('ada', 'plain-password') } });
  });

  test('goes with the triple', async () => {
    await scene.cli(['apply'], counted);
    await scene.cli(['logout'], counted);
    expect(othersIn(scene.home)).toEqual({ auths: {} });
  });

  test('is nothing, and said, where docker cannot find our helper', async () => {
    const { stderr } = await scene.cli(['apply'], { ...counted, PATH: '/usr/bin:/bin' });
    expect(stderr).toContain('[HELPER_NOT_FOUND]');
    expect(existsSync(join(scene.home, '.docker'))).toBe(false);
  });

  test('is a namespace and its host, with what the command makes for both', async () => {
    const env = { ...counted, ACME_CONTAINER_REGISTRY_SERVER: `${HOST}/team` };
    await scene.cli(['apply'], env);
    for (const asked of [HOST, `${HOST}/team`])
      expect(await scene.ask('get', asked, env)).toEqual(found(asked, 'ada', SECRET));
  });
});

describe('a login that is not ours', () => {
  const foreign = configWith({ [HOST]: ['bob', 'foreign'] });

  test('in the file stays there, and the command answers as long as it is set', async () => {
    const file = join(scene.home, '.docker/config.json');
    mkdirSync(dirname(file));
    writeFileSync(file, foreign);
    await scene.cli(['apply'], counted);
    expect(loginsIn(scene.home)).toEqual({ [HOST]: 'bob:foreign' });
    expect(await scene.ask('get', HOST, counted)).toEqual(found(HOST, 'ada', SECRET));
    await scene.cli(['logout'], counted);
    expect(readFileSync(file, 'utf8')).toBe(foreign);
  });

  test('made by docker login is kept until the command changes, and runs nothing', async () => {
    await scene.cli(['apply'], counted);
    const login = JSON.stringify({ ServerURL: HOST, Username: 'eve', Secret: 'by hand' });
    expect(await scene.ask('store', login, counted)).toEqual(SILENT);
    await scene.cli(['hook', 'postStart'], counted);
    expect(await scene.ask('get', HOST, counted)).toEqual(found(HOST, 'eve', 'by hand'));
    expect(runs()).toBe(0);
    const changed = made(`${PRINT}; true`);
    expect(await scene.ask('get', HOST, changed)).toEqual(found(HOST, 'ada', SECRET));
  });
});

test('a second apply has nothing to write', async () => {
  await scene.cli(['apply'], counted);
  const { stdout } = await scene.cli(['apply'], counted);
  expect(stdout).toContain('nothing to change');
});

test('in a prebuild our helper is named, with no checksum', async () => {
  const prebuild = { CODESPACES: 'true', ACTION_NAME: 'createPrebuildTemplate' };
  await scene.cli(['hook', 'onCreate'], { ...counted, ...prebuild });
  expect(recordsIn(scene.home)).toEqual({ [HOST]: 'ACME helper' });
  expect(runs()).toBe(0);
});

test('what runs commands and makes tokens is loaded for them alone', async () => {
  const lib = scratchHome();
  cpSync(LIB, lib, { recursive: true });
  const others = ['ecr', 'instead', 'made', 'near', 'pasted', 'run'];
  for (const name of others)
    writeFileSync(join(lib, `${name}.cjs`), `process.stderr.write('loaded ${name} '); throw 0;`);
  const plain = triple('ACME', HOST, 'ada', 'a-Password-1');
  const run = (words: string[], env: Record<string, string>, input = '') =>
    runNode(join(lib, 'start.cjs'), words, { env, input, home: scene.home });
  for (const words of [
    ['registry-auth', 'hook', 'postStart'],
    ['registry-auth', 'status'],
  ])
    expect((await run(words, plain)).stderr).not.toContain('loaded');
  const get = ['docker-credential-registry-auth', 'get'];
  expect(await run(get, plain, HOST)).toEqual(found(HOST, 'ada', 'a-Password-1'));
  expect((await run(get, made(PRINT), HOST)).stderr).toContain('loaded instead');
});

test('a command for a namespace of a host that another triple serves is said to be out of reach', async () => {
  const env = { ...counted, ACME_CONTAINER_REGISTRY_SERVER: `${HOST}/team` };
  const both = { ...env, ...triple('HOST', HOST, 'bob', 'password-of-bob') };
  const { stderr } = await scene.cli(['apply'], both);
  expect(stderr).toMatch(/^ACME_CONTAINER_REGISTRY_SERVER: .* \[NAMESPACE_UNREACHABLE\]$/m);
  expect(loginsIn(scene.home)).toEqual({ [HOST]: 'bob:password-of-bob' });
  const { stdout, status } = await scene.cli(['status', '--json'], both);
  const { keys, problems } = JSON.parse(stdout);
  const codes = problems.map(({ code }: { code: string }) => code);
  expect([status, keys.map(({ id, state }: Record<string, string>) => [id, state]), codes]).toEqual(
    [
      1,
      [
        ['ACME', 'unasked'],
        ['HOST', 'file'],
      ],
      ['NAMESPACE_UNREACHABLE'],
    ],
  );
});

describe('get', () => {
  testInMemory('runs it once for ten pulls', async () => {
    for (let pull = 0; pull < 10; pull += 1)
      expect(await scene.ask('get', HOST, counted)).toEqual(found(HOST, 'ada', SECRET));
    expect(runs()).toBe(1);
  });

  testInMemory('runs it once for two at the same time', async () => {
    await enterAlone();
    const slow = made(`sleep 1; ${counted[NAME]}`);
    const answers = await Promise.all([1, 2].map(() => scene.ask('get', HOST, slow)));
    expect(answers).toEqual([1, 2].map(() => found(HOST, 'ada', SECRET)));
    expect(runs()).toBe(1);
  });

  testInMemory('runs another command, and for another user or host', async () => {
    await scene.ask('get', HOST, counted);
    await scene.ask('get', HOST, made(`${counted[NAME]}; true`));
    await scene.ask('get', HOST, { ...counted, ACME_CONTAINER_REGISTRY_USER: 'eve' });
    const other = { ...counted, ACME_CONTAINER_REGISTRY_SERVER: 'other.example' };
    await scene.ask('get', 'other.example', other);
    expect(runs()).toBe(4);
  });

  testInMemory('keeps what it printed in memory, and forgets it with the triple', async () => {
    await scene.cli(['apply'], counted);
    await scene.ask('get', HOST, counted);
    expect(readdirSync(scene.cache)).toHaveLength(1);
    const { stderr } = await scene.cli(['logout', 'ACME'], counted);
    expect(stderr).toBe('cached tokens: 1 removed from memory [TOKENS_FORGOTTEN]\n');
    expect(readdirSync(scene.cache)).toEqual([]);
  });

  testInMemory('forgets it at a start of a codespace without the triple', async () => {
    await scene.ask('get', HOST, counted);
    await scene.cli(['hook', 'postStart'], { CODESPACES: 'true' });
    expect(readdirSync(scene.cache)).toEqual([]);
  });

  testInMemory('uses a JWT until a minute before its own end', async () => {
    const jwtFor = (seconds: number) => {
      const payload = { exp: Math.floor(Date.now() / 1000) + seconds };
      return `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.sig`;
    };
    for (const [seconds, count] of [
      [3_600, 1],
      [50, 3],
    ] as const) {
      const command = `printf x >> '${scene.home}/runs'; echo ${jwtFor(seconds)}`;
      for (let pull = 0; pull < 2; pull += 1) await scene.ask('get', HOST, made(command));
      expect([seconds, runs()]).toEqual([seconds, count]);
    }
  });

  testInMemory('takes a JWT that ends after all time for one without an end', async () => {
    const payload = Buffer.from('{"exp":1.9e18}').toString('base64url');
    const counted = made(`echo eyJhbGciOiJub25lIn0.${payload}.sig`);
    await scene.cli(['apply'], counted);
    await scene.ask('get', HOST, counted);
    for (const words of ['status', 'status --json', 'export docker-config']) {
      const { status, stderr } = await scene.cli(words.split(' '), counted);
      expect([words, status, stderr]).toEqual([words, 0, '']);
    }
    const { stderr } = await scene.cli(['check'], counted);
    expect(stderr).not.toContain('unexpected');
  });

  test('runs nothing for `list`, for another host, and after docker logout', async () => {
    const { stdout } = await scene.ask('list', '', counted);
    expect(JSON.parse(stdout)).toEqual({ [HOST]: 'ada' });
    expect(await scene.ask('get', 'other.example', counted)).toEqual(NOT_FOUND);
    await scene.cli(['apply'], counted);
    expect(await scene.ask('erase', HOST, counted)).toEqual(SILENT);
    expect(await scene.ask('get', HOST, counted)).toEqual(NOT_FOUND);
    expect(runs()).toBe(0);
  });

  test('says whose secrets are not here in a shell without the command', async () => {
    await scene.cli(['apply'], counted);
    const { stderr, stdout } = await scene.ask('get', HOST);
    expect([stdout, stderr]).toEqual([
      NOT_FOUND.stdout,
      expect.stringContaining('[SECRETS_NOT_HERE]'),
    ]);
  });

  test('does not answer with an entry of another user where the command fails', async () => {
    await scene.cli(['apply'], triple('ACME', HOST, 'bob', 'password-of-bob'));
    expect(loginsIn(scene.home)).toEqual({ [HOST]: 'bob:password-of-bob' });
    expect(await scene.ask('get', HOST, made('false'))).toEqual(without('exits with status 1'));
  });
});

describe('get, in a process of its own,', () => {
  beforeEach(enterAlone);

  test.each([
    ['ends with a status', `${PRINT}; exit 3`, 'exits with status 3'],
    ['names no program', 'no-such-program', 'exits with status 127: a program in it is not found'],
    ['names what is no program', '/', 'exits with status 126: a program in it cannot be run'],
    ['is no shell', 'if', 'exits with status 2'],
    ['is ended by a signal', `${PRINT}; kill -9 $$`, 'is ended by SIGKILL'],
    ['prints nothing', 'true', 'prints nothing'],
    ['prints white space', "printf ' \\n\\n'", 'prints nothing'],
    ['prints without an end', 'yes canary', 'prints more than 64 KiB'],
    ['prints 1 GB', 'head -c 1000000000 /dev/zero', 'prints more than 64 KiB'],
    ['prints a NUL', "printf 'a\\000b'", 'prints a NUL character'],
    ['prints no UTF-8', "printf '\\377\\376'", 'prints something other than UTF-8 text'],
    [
      'prints several lines',
      'echo one; echo two',
      'prints several lines, but a secret is one line',
    ],
    ['reads stdin', 'read -r line && echo "$line"', 'exits with status 1'],
    ['needs a terminal', 'read -r line < /dev/tty && echo "$line"', undefined],
    ['prints after it has ended', `(sleep 1; ${PRINT}) &`, 'prints nothing'],
  ])('says what is wrong with a command that %s', async (_name, command, what) => {
    const startedAt = performance.now();
    const reply = await scene.ask('get', HOST, made(command));
    const status = /exits with status \d/.exec(reply.stderr)?.[0] ?? '';
    expect(reply).toEqual(without(what ?? status));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  test('waits ten seconds for one that hangs, and ends it with all that it has started', async () => {
    const command = `echo $$ > '${scene.home}/group'; sleep 61 & sleep 62; ${PRINT}`;
    const startedAt = performance.now();
    expect(await scene.ask('get', HOST, made(command))).toEqual(without('takes longer than 10 s'));
    expect(performance.now() - startedAt).toBeLessThan(13_000);
    await untilGone(scene.home);
  });

  test('ends what a command leaves running, and waits for nothing that has left its group', async () => {
    const left = `echo $$ > '${scene.home}/group'; sleep 63 & ${PRINT}`;
    expect(await scene.ask('get', HOST, made(left))).toEqual(found(HOST, 'ada', SECRET));
    await untilGone(scene.home);
    const away = `setsid sleep 5 & printf x; ${PRINT}`;
    const startedAt = performance.now();
    expect(await scene.ask('get', HOST, made(away, 'eve'))).toEqual(
      found(HOST, 'eve', `x${SECRET}`),
    );
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  test('ends the command when it is ended itself', async () => {
    const command = `echo $$ > '${scene.home}/group'; sleep 64`;
    const words = ['--', join(LIB, 'start.cjs'), 'docker-credential-registry-auth', 'get'];
    const env = { PATH: process.env.PATH, HOME: scene.home, ...made(command) };
    const pull = spawn(process.execPath, words, { env });
    pull.stdin.end(HOST);
    while (groupIn(scene.home) === '') await new Promise((wake) => setTimeout(wake, 20));
    pull.kill('SIGTERM');
    await once(pull, 'close');
    await untilGone(scene.home);
  });
});

function groupIn(home: string): string {
  const file = join(home, 'group');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

/** A process that is killed may take a moment. */
async function untilGone(home: string): Promise<void> {
  const giveUpAt = performance.now() + 2_000;
  while (!isGone(home)) {
    if (performance.now() > giveUpAt) throw new Error('a process of the command still runs');
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

/** Whether nothing of a group runs any more; what nobody has waited for yet does not run. */
function isGone(home: string): boolean {
  const group = groupIn(home);
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return !processes.some((pid) => {
    const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
    const [state, , leader] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return leader === group && state !== 'Z';
  });
}

describe('a command has', () => {
  beforeEach(enterAlone);

  /** Runs it, and returns what it wrote to a file. */
  async function seen(command: string, env: Record<string, string> = {}): Promise<string> {
    const file = join(scene.home, 'seen');
    await scene.ask('get', HOST, { ...made(`(${command}) > '${file}'; ${PRINT}`), ...env });
    return readFileSync(file, 'utf8');
  }

  test('the environment without any triple', async () => {
    const others = { ...triple('HUB', 'docker.io', 'ada', 'hub-password'), LEFT: 'left' };
    const lines = (await seen('env', others)).split('\n');
    expect(lines).toContain('LEFT=left');
    expect(lines.filter((line) => line.includes('CONTAINER_REGISTRY'))).toEqual([]);
  });

  test('no program of a relative folder, and no folder of a repository', async () => {
    expect(await seen('pwd; echo "$PATH"', { PATH: `node_modules/.bin::/usr/bin:/bin` })).toBe(
      '/\n/usr/bin:/bin\n',
    );
  });

  test('no stdin', async () => {
    expect(await seen('cat; echo end')).toBe('end\n');
  });
});

describe('what people ask for', () => {
  testInMemory('status says that a command makes it, and until when that is used', async () => {
    await scene.cli(['apply'], counted);
    const row = (state: RegExp) =>
      new RegExp(`^  ACME  other +${HOST}  ${state.source}; from environment$`, 'm');
    const before = await scene.cli(['status'], counted);
    expect([before.status, before.stdout]).toEqual([
      0,
      expect.stringMatching(row(/ready \(from its command\)/)),
    ]);
    await scene.ask('get', HOST, counted);
    const after = await scene.cli(['status'], counted);
    expect(after.stdout).toMatch(row(/ready \(from its command\), kept until 2\S+Z/));
    const { keys } = JSON.parse((await scene.cli(['status', '--json'], counted)).stdout);
    expect(keys).toEqual([
      expect.objectContaining({ state: 'command', expiresAt: expect.stringMatching(/^2/) }),
    ]);
    expect(runs()).toBe(1);
  });

  test('check runs it, and says why it failed', async () => {
    await scene.cli(['apply'], counted);
    const { stdout } = await scene.cli(['check', 'ACME', '--json'], counted);
    expect(JSON.parse(stdout).results[0]).toMatchObject({ source: 'environment' });
    expect(runs()).toBe(1);
    const failing = made('exit 7');
    await scene.cli(['apply'], failing);
    const failed = await scene.cli(['check', 'ACME'], failing);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain(
      `exchange-failed  ${NAME}: exits with status 7 [PASSWORD_COMMAND_FAILED]`,
    );
  });

  test('export runs it, and withholds all where it fails', async () => {
    const { stdout } = await scene.cli(['export', 'kubernetes'], counted);
    const [, data = ''] = /dockerconfigjson: (\S+)$/m.exec(stdout) ?? [];
    expect(JSON.parse(Buffer.from(data, 'base64').toString())).toEqual({
      auths: { [HOST]: entry('ada', SECRET) },
    });
    const failed = await scene.cli(['export', 'kubernetes'], made('exit 7'));
    expect([failed.status, failed.stdout]).toEqual([1, '']);
    expect(failed.stderr).toContain('[PASSWORD_COMMAND_FAILED]');
  });
});

describe('beside Amazon ECR', () => {
  const server = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

  test('a command makes the token of USER AWS', async () => {
    const env = made(PRINT, 'AWS', server);
    expect(await scene.cli(['apply'], env)).toMatchObject({ status: 0, stderr: '' });
    expect(await scene.ask('get', server, env)).toEqual(found(server, 'AWS', SECRET));
    expect(scene.standIn.requests).toEqual([]);
  });

  test('and no secret of a key', async () => {
    const { stderr } = await scene.cli(['apply'], made(PRINT, 'AKIAIOSFODNN7EXAMPLE', server));
    expect(stderr).toBe(
      'ACME_CONTAINER_REGISTRY_USER: is not AWS, which goes with the token that a command makes [ECR_USER_INVALID]\n' +
        '  fix: set USER to AWS, and PASSWORD_COMMAND to aws ecr get-login-password\n',
    );
  });
});

describe('what a command printed', () => {
  testInMemory('is in no file, output, argument list or other environment', async () => {
    await enterAlone();
    const env = {
      ...made(`sleep 0.3; ${PRINT}; echo "${SECOND}${FIRST}" >&2`),
      CODESPACES: 'true',
    };
    const watch = watchArguments();
    const said: string[] = [];
    for (const words of [['hook', 'postStart'], ['apply'], ['check'], ['status'], ['logout']]) {
      const { stdout, stderr } = await scene.cli(words, env);
      said.push(stdout, stderr);
    }
    const pull = scene.ask('get', HOST, env);
    const { stdout, stderr } = await pull;
    expect(JSON.parse(stdout)).toMatchObject({ Secret: SECRET });
    expectNoSecret(said.join('') + stderr, [SECRET, `${SECOND}${FIRST}`]);
    expectNoSecret({ folder: scene.home }, [SECRET, `${SECOND}${FIRST}`]);
    expectNoSecret(watch.stop().join('\n'), [SECRET]);
  });
});

describe('where it is not taken from', () => {
  test('an env file gets a problem, and nothing is run, not when the helper is asked, either', async () => {
    const variables = made(`printf x >> ${scene.home}/runs`);
    const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'`);
    const file = join(scene.home, 'team.env');
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
    const { status, stderr } = await scene.cli(['apply', '--env-file', file]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `${NAME} in ${file}: is not used, because an env file must not name a file to read or a command to run [PASSWORD_IN_ENV_FILE]\n  fix: set the three variables in the environment\n`,
    });
    // As if it had been used before.
    await scene.cli(['apply', '--env-file', file], triple('ACME', HOST, 'ada', 'plain'));
    expect((await scene.ask('get', HOST)).stdout).not.toContain(SECRET);
    expect(runs()).toBe(0);
  });

  test.each([
    [{ ACME_CONTAINER_REGISTRY_PASSWORD: 'plain' }, 'PASSWORD'],
    [{ ACME_CONTAINER_REGISTRY_PASSWORD_FILE: '/run/secrets/acme' }, 'PASSWORD_COMMAND'],
  ])('beside another way to give the password it is a problem', async (more, other) => {
    const { stderr } = await scene.cli(['apply'], { ...counted, ...more });
    const subject = other === 'PASSWORD' ? NAME : 'ACME_CONTAINER_REGISTRY_PASSWORD_FILE';
    expect(stderr).toBe(
      `${subject}: is set, and ${other} too [PASSWORD_TWICE]\n  fix: keep one of them, and remove the others\n`,
    );
    expect(existsSync(join(scene.home, '.docker'))).toBe(false);
  });
});

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { CANARY, expectNoSecret, runBundle, scratchHome } from '../support/process.ts';
import { configWith, entry, triple } from '../support/triples.ts';
import { CONFIG, loginsIn, newCli, othersIn, recordsIn } from './support/cli.ts';
import { found, helper, NOT_FOUND } from './support/helper.ts';

const HOST = 'registry.example.com';
const NAME = 'ACME_CONTAINER_REGISTRY_PASSWORD_FILE';
const cli = newCli();

let home: string;
let file: string;
let env: Record<string, string>;
beforeEach(() => {
  home = scratchHome({ secret: `${CANARY}\n` });
  file = join(home, 'secret');
  env = naming(file);
});

/** A triple whose password is in a file. */
function naming(path: string): Record<string, string> {
  const { ACME_CONTAINER_REGISTRY_PASSWORD: _, ...others } = triple('ACME', HOST, 'ada', '');
  return { ...others, [NAME]: path };
}

const get = (variables: Record<string, string>) => helper('get', HOST, { home, env: variables });

describe('a file', () => {
  test('is written as a password is, without its last line break', async () => {
    const { status, stderr } = await cli(['apply'], { home, env });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(othersIn(home)).toEqual({ auths: { [HOST]: entry('ada', CANARY) } });
    expect(recordsIn(home)).toEqual({
      [HOST]: expect.stringMatching(/^ACME entry:([0-9a-f]{8}) secret:\1$/),
    });
  });

  test.each([
    ['a line break of Windows', `${CANARY}\r\n`, CANARY],
    ['a byte order mark', `\ufeff${CANARY}`, CANARY],
    ['white space at its end, which may belong to it', `${CANARY} \n`, `${CANARY} `],
    ['several lines', 'one\ntwo\n', 'one\ntwo'],
  ])('with %s', async (_name, text, secret) => {
    writeFileSync(file, text);
    await cli(['apply'], { home, env });
    expect(loginsIn(home)).toEqual({ [HOST]: `ada:${secret}` });
  });

  test('that is another one is in force at the next hook, and nothing is written before', async () => {
    await cli(['hook', 'postStart'], { home, env });
    const { mtimeMs } = statSync(join(home, CONFIG));
    await cli(['hook', 'postStart'], { home, env });
    expect(statSync(join(home, CONFIG)).mtimeMs).toBe(mtimeMs);
    writeFileSync(file, `${CANARY}2\n`);
    expect((await cli(['status'], { home, env })).stdout).toContain(
      'config.json has an older secret',
    );
    await cli(['hook', 'postStart'], { home, env });
    expect(loginsIn(home)).toEqual({ [HOST]: `ada:${CANARY}2` });
  });

  test('that is another one is in force at once where our helper answers', async () => {
    await cli(['apply', '--credentials', 'helper'], { home, env });
    expectNoSecret({ folder: join(home, '.docker') }, [CANARY]);
    expect(await get(env)).toEqual(found(HOST, 'ada', CANARY));
    writeFileSync(file, 'rotated');
    expect(await get(env)).toEqual(found(HOST, 'ada', 'rotated'));
  });

  test('is what export prints', async () => {
    const { stdout } = await runBundle('registry-auth', ['export', 'kubernetes', '--json'], {
      home,
      env,
    });
    const { manifest } = JSON.parse(stdout);
    const [, data = ''] = /dockerconfigjson: (\S+)/.exec(manifest) ?? [];
    expect(JSON.parse(Buffer.from(data, 'base64').toString())).toEqual({
      auths: { [HOST]: entry('ada', CANARY) },
    });
  });

  test('is read through a link, as those of Kubernetes are', async () => {
    symlinkSync(file, join(home, 'link'));
    await cli(['apply'], { home, env: naming(join(home, 'link')) });
    expect(loginsIn(home)).toEqual({ [HOST]: `ada:${CANARY}` });
  });
});

describe('what is no such file is a problem', () => {
  const at = (name: string) => join(home, name);
  const cases: readonly [name: string, make: () => string, what: string][] = [
    ['a device', () => '/dev/zero', 'names something that is not a regular file'],
    ['a directory', () => home, 'names a directory'],
    ['a file below a file', () => at('secret/more'), 'names a file that does not exist'],
    ['nothing', () => at('none'), 'names a file that does not exist'],
    ['a relative path', () => 'secret', 'is not the absolute path of a file'],
    ['the secret itself', () => CANARY, 'is not the absolute path of a file'],
    [
      'a pipe that nobody writes to',
      () => {
        spawnSync('mkfifo', [at('pipe')]);
        return at('pipe');
      },
      'names something that is not a regular file',
    ],
    [
      'a link that leads to itself',
      () => {
        symlinkSync(at('loop'), at('loop'));
        return at('loop');
      },
      'names a link that leads nowhere',
    ],
    [
      'a link that leads out of reach',
      () => {
        symlinkSync('/nowhere/at/all', at('link'));
        return at('link');
      },
      'names a file that does not exist',
    ],
    [
      '1 GB',
      () => {
        const opened = openSync(at('large'), 'w');
        ftruncateSync(opened, 1e9);
        closeSync(opened);
        return at('large');
      },
      'names a file that is larger than 1 MiB',
    ],
    ['no UTF-8', () => write(Buffer.from([0x61, 0xff])), 'names a file that is not UTF-8 text'],
    [
      'UTF-16',
      () => write(Buffer.from('\ufeffa', 'utf16le')),
      'names a file of UTF-16 text, not UTF-8',
    ],
    ['nothing in it', () => write(''), 'names a file that is empty'],
    ['a line break alone', () => write('\r\n'), 'names a file that is empty'],
    ['a NUL', () => write(`${CANARY}\0`), 'names a file that holds a NUL character'],
    [
      'more than any secret',
      () => write(CANARY.repeat(3_000)),
      'names a file of more than 65536 characters',
    ],
  ];

  function write(bytes: Buffer | string): string {
    writeFileSync(file, bytes);
    return file;
  }

  // To open a pipe may take for ever.
  const alone = newCli(runBundle);

  test.each(cases)('%s', async (_name, make, what) => {
    const { status, stderr } = await alone(['apply'], { home, env: naming(make()) });
    expect(status).toBe(1);
    expect(stderr.split(' [')[0]).toBe(`${NAME}: ${what}`);
    expect(stderr).toContain('[PASSWORD_FILE_UNREADABLE]\n  fix: ');
    expectNoSecret(stderr, [home.slice(1)]);
    expect(existsSync(join(home, '.docker'))).toBe(false);
  });

  test('one that is gone between two runs, and the login stays', async () => {
    await cli(['hook', 'postStart'], { home, env: { ...env, CODESPACES: 'true' } });
    rmSync(file);
    const { status, stderr } = await cli(['hook', 'postStart'], {
      home,
      env: { ...env, CODESPACES: 'true' },
    });
    expect([status, stderr.split('\n')[0]]).toEqual([
      0,
      `registry-auth: ${NAME}: names a file that does not exist [PASSWORD_FILE_UNREADABLE]`,
    ]);
    expect(loginsIn(home)).toEqual({ [HOST]: `ada:${CANARY}` });
  });

  test('and the helper says so, and has no login', async () => {
    await cli(['apply', '--credentials', 'helper'], { home, env });
    rmSync(file);
    const line = `registry-auth: ${NAME}: names a file that does not exist; fix: set it to the absolute path of a file that holds only the secret [PASSWORD_FILE_UNREADABLE]\n`;
    expect(await get(env)).toEqual({ ...NOT_FOUND, stderr: line });
  });
});

test('the login of a triple whose variable is gone goes', async () => {
  const codespace = { CODESPACES: 'true' };
  await cli(['hook', 'postStart'], { home, env: { ...env, ...codespace } });
  const { [NAME]: _, ...others } = env;
  await cli(['hook', 'postStart'], { home, env: { ...others, ...codespace } });
  expect(loginsIn(home)).toEqual({});
});

test('a triple that lacks another part is told so, and its login stays', async () => {
  const { ACME_CONTAINER_REGISTRY_USER: _, ...others } = env;
  const config = configWith({ [HOST]: ['bob', 'foreign'] });
  const { stderr } = await cli(['apply'], { home: scratchHome({ [CONFIG]: config }), env: others });
  expect(stderr).toContain(
    'ACME_CONTAINER_REGISTRY_USER: missing, but SERVER and PASSWORD are set',
  );
});

test('an env file that names one gets a problem, and nothing is read', async () => {
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
  writeFileSync(join(home, 'team.env'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const { stderr } = await cli(['apply', '--env-file', 'team.env'], { home, cwd: home, env: {} });
  expect(stderr).toBe(
    `${NAME} in team.env: is not used, because an env file must not name a file to read or a command to run [PASSWORD_IN_ENV_FILE]\n  fix: set the three variables in the environment\n`,
  );
  expect(existsSync(join(home, CONFIG))).toBe(false);
});

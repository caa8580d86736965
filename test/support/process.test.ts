import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CANARY, expectNoSecret, scratchHome } from './process.ts';
import { runNode } from './run.ts';
import { searchFor } from './secrets.ts';
import { configWith } from './triples.ts';

const KEY =
  '-----BEGIN KEY-----\nZmlyc3QgbGluZSBvZiBhIGtleQ\n"second" <line> of it\n-----END KEY-----\n';
const login = { user: 'ada', password: CANARY };
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the search for secrets finds', () => {
  test.each([
    { name: 'the secret itself', text: `x${CANARY}y`, form: 'plain' },
    { name: 'base64', text: base64(CANARY), form: 'base64' },
    { name: 'base64 that begins one byte earlier', text: base64(`:${CANARY}!`), form: 'base64' },
    { name: 'base64 that begins two bytes earlier', text: base64(`a:${CANARY}!!`), form: 'base64' },
    { name: 'base64 without padding', text: base64(CANARY).replace(/=/g, ''), form: 'base64' },
    { name: 'base64url', text: Buffer.from(CANARY).toString('base64url'), form: 'base64' },
    { name: 'base64 of a login', text: base64(`bob:${CANARY}`), form: 'base64' },
    { name: 'a path segment', text: `/${encodeURIComponent(CANARY)}/`, form: 'URL-encoded' },
    { name: 'a form field', text: `${new URLSearchParams({ p: CANARY })}`, form: 'URL-encoded' },
    {
      name: 'lower-case percent codes',
      text: encodeURIComponent(CANARY).replace(/%../g, (code) => code.toLowerCase()),
      form: 'URL-encoded',
    },
    { name: 'JSON', text: JSON.stringify({ p: CANARY }), form: 'JSON-escaped' },
    {
      name: 'JSON as Go writes it',
      text: JSON.stringify(CANARY)
        .replace(/</g, '\\u003c')
        .replace(/>/g, '\\u003e')
        .replace('&', '\\u0026'),
      form: 'JSON-escaped',
    },
    { name: 'hexadecimal', text: `0x${Buffer.from(CANARY).toString('hex')}`, form: 'hex' },
    {
      name: 'hexadecimal in capitals',
      text: Buffer.from(CANARY).toString('hex').toUpperCase(),
      form: 'hex',
    },
    {
      name: 'the login in a URL',
      text: `${Object.assign(new URL('http://ada@host'), { password: CANARY })}`,
      form: 'URL-encoded',
    },
    {
      name: 'JSON inside JSON',
      text: JSON.stringify({ body: JSON.stringify({ p: CANARY }) }),
      form: 'JSON in JSON',
    },
    {
      name: 'base64 of JSON, as docker sends it to its engine',
      text: base64(JSON.stringify({ username: 'ada', password: CANARY })),
      form: 'base64 of JSON',
    },
    {
      name: 'base64 of a config.json, as Kubernetes keeps it',
      text: base64(configWith({ host: ['ada', CANARY] })),
      form: 'base64 of base64',
    },
  ])('$name', ({ text, form }) => {
    expect(() => expectNoSecret(text, [CANARY])).toThrow(`the text: holds a secret (${form})`);
    expect(() => expectNoSecret(text, ['another-secret', login])).toThrow('holds a secret');
  });

  test.each(KEY.split('\n').slice(1, -2))('a line of a secret: %s', (line) => {
    for (const text of [line, base64(`x${line}`), JSON.stringify({ line })])
      expect(() => expectNoSecret(text, { KEY })).toThrow('the text: holds KEY (');
  });

  test.each([KEY, JSON.stringify({ KEY }), base64(KEY), encodeURIComponent(KEY)])(
    'a secret of several lines as a whole: %j',
    (text) => {
      expect(() => expectNoSecret(text, { KEY })).toThrow('the text: holds KEY (');
    },
  );

  test('each of several secrets, with its name', () => {
    const { findIn } = searchFor({ ONE: CANARY, OTHER: login, THIRD: 'long-enough', NONE: KEY });
    const text = `long-enough ${base64(CANARY)} long-enough`;
    expect(findIn(Buffer.from(text)).sort()).toEqual(['ONE (base64)', 'THIRD (plain)']);
  });

  test('a file in a subfolder', () => {
    const folder = scratchHome({ 'a.txt': 'fine', 'logs/b.log': base64(`ada:${CANARY}`) });
    expect(() => expectNoSecret({ folder }, [login])).toThrow(
      'logs/b.log: holds a secret (base64)',
    );
  });

  test('a file name', () => {
    const folder = scratchHome({ 'token-long-enough.txt': '' });
    expect(() => expectNoSecret({ folder }, ['long-enough'])).toThrow('holds a secret (plain)');
  });
});

describe('the search for secrets', () => {
  test('passes what holds none', () => {
    expectNoSecret(`canary ${base64('ada:something else')}`, [CANARY, login]);
    expectNoSecret({ folder: scratchHome({ 'a/b': 'fine' }) }, [CANARY]);
    expectNoSecret(`-----BEGIN KEY-----\n${CANARY.slice(0, -1)}`, { CANARY, KEY });
    expectNoSecret(CANARY, []);
  });

  test('leaves out the allowed files only', () => {
    const folder = scratchHome({
      '.docker/config.json': CANARY,
      '.docker/config.json.tmp': CANARY,
    });
    const allow = ['.docker/config.json'];
    expect(() => expectNoSecret({ folder }, [CANARY], { allow })).toThrow('config.json.tmp');
  });

  test('never repeats the secret', () => {
    const search = () => expectNoSecret(CANARY, [CANARY]);
    expect(search).not.toThrow(CANARY);
    expect(search).toThrow();
  });

  test('refuses a secret that is too short and a folder that is not there', () => {
    expect(() => expectNoSecret('text', ['short'])).toThrow('fewer than 8 characters');
    expect(() => expectNoSecret({ folder: join(scratchHome(), 'none') }, [CANARY])).toThrow(
      'ENOENT',
    );
  });
});

describe('a child process', () => {
  const home = scratchHome({
    'print.cjs':
      'console.log(JSON.stringify([process.env, process.argv.slice(2), require("fs").readFileSync(0, "utf8")])); process.exitCode = 3;',
    'hang.cjs': 'setInterval(() => undefined, 1000);',
  });
  const print = async (options: Parameters<typeof runNode>[2]) => {
    const { stdout, ...rest } = await runNode(join(home, 'print.cjs'), ['a b', '"'], options);
    return { printed: JSON.parse(stdout), ...rest };
  };

  test('sees the given environment, PATH, HOME and XDG_RUNTIME_DIR, and nothing else', async () => {
    process.env.LEAKED = 'yes';
    const { printed, status, stderr } = await print({ env: { GIVEN: '1' }, home, input: 'typed' });
    delete process.env.LEAKED;
    const { SystemRoot, TEMP, USERPROFILE, ...env } = printed[0];
    const { PATH, XDG_RUNTIME_DIR } = process.env;
    expect(env).toEqual({ PATH, HOME: home, XDG_RUNTIME_DIR, GIVEN: '1' });
    expect(printed.slice(1)).toEqual([['a b', '"'], 'typed']);
    expect([status, stderr]).toEqual([3, '']);
  });

  test('can go without a HOME', async () => {
    const { printed } = await print({ env: { HOME: undefined } });
    expect(printed[0]).not.toHaveProperty('HOME');
  });

  test('is ended when it takes too long', async () => {
    const running = runNode(join(home, 'hang.cjs'), [], { timeoutMs: 300 });
    await expect(running).rejects.toThrow('hang.cjs : ended by SIGKILL (limit 300 ms)');
  });

  test('the scratch home is private', () => {
    expect(existsSync(home)).toBe(true);
    if (process.platform !== 'win32') expect(statSync(home).mode & 0o777).toBe(0o700);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openConfig, updateConfig } from '../../src/dockerconfig/file.ts';
import type { Texts, Write } from '../../src/dockerconfig/state.ts';
import { type ConfigDir, chooseConfigDir } from '../../src/io/place/config-dir.ts';
import { configError } from '../../src/io/place/config-error.ts';
import type { Problem } from '../../src/problem.ts';
import { age, leaveLock, lockOf } from '../support/lock.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'registry-auth-dir-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function dir(): ConfigDir {
  return chooseConfigDir({ HOME: home }, { uid: 0 });
}

/** Reads, plans new texts from the old ones and writes them in their order; throws what is wrong. */
async function update(plan: (texts: Texts) => Partial<Texts>): Promise<void> {
  const opened = openConfig({ HOME: home }, { uid: 0 });
  if ('problem' in opened) throw configError(opened.problem);
  const planned = ({ texts }: { texts: Texts }) => ({
    writes: Object.entries(plan(texts)).map(([file, text]) => ({ file, text }) as Write),
  });
  const done = await updateConfig(opened.dir, opened.state, planned, Date.now);
  if ('problem' in done) throw configError(done.problem);
}

async function write(config: string): Promise<void> {
  await update((texts) => (texts.config === config ? {} : { config }));
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

async function problemOf(action: () => unknown): Promise<string> {
  try {
    await action();
    return 'none';
  } catch (error) {
    if (!(error instanceof Error && 'problem' in error)) throw error;
    const { code, subject, what } = error.problem as Problem;
    return `${code} ${subject}: ${what}`;
  }
}

describe('where config.json is', () => {
  test('below HOME, shown with a tilde', () => {
    expect(dir()).toMatchObject({
      config: join(home, '.docker/config.json'),
      logins: join(home, '.docker/registry-auth-logins.json'),
      shown: '~/.docker/config.json',
      uid: 0,
    });
  });

  test('in DOCKER_CONFIG, which may be without a HOME', () => {
    expect(chooseConfigDir({ DOCKER_CONFIG: '/elsewhere' }, { uid: 0 }).shown).toBe(
      '/elsewhere/config.json',
    );
  });

  test.each([
    [{}, 'HOME_MISSING HOME: not set, so there is no place for ~/.docker/config.json'],
    [{ HOME: '' }, 'HOME_MISSING HOME: not set, so there is no place for ~/.docker/config.json'],
    [{ HOME: '/does/not/exist' }, 'HOME_MISSING HOME: names a directory that does not exist'],
  ])('is never guessed: %j', async (env, problem) => {
    expect(await problemOf(() => chooseConfigDir(env, { uid: 0 }))).toBe(problem);
  });
});

describe('a write', () => {
  test('makes a directory and a file that only the user can read', async () => {
    await write('{"a":1}');
    expect([
      mode(join(home, '.docker')),
      mode(dir().config),
      readFileSync(dir().config, 'utf8'),
    ]).toEqual(['700', '600', '{"a":1}']);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('keeps the mode of the file', async () => {
    mkdirSync(join(home, '.docker'));
    writeFileSync(dir().config, '{}');
    chmodSync(dir().config, 0o640);
    await write('{"a":1}');
    expect(mode(dir().config)).toBe('640');
  });

  test('makes nothing at all where nothing changes', async () => {
    await update(() => ({}));
    expect(readdirSync(home)).toEqual([]);
  });

  test('goes through a link of the directory, as a codespace has it', async () => {
    mkdirSync(join(home, 'shared'));
    symlinkSync(join(home, 'shared'), join(home, '.docker'));
    await write('{"a":1}');
    expect(readlinkSync(join(home, '.docker'))).toBe(join(home, 'shared'));
    expect(readFileSync(join(home, 'shared/config.json'), 'utf8')).toBe('{"a":1}');
  });

  test.each([
    ['a file', () => writeFileSync(join(home, 'real.json'), '{}')],
    ['nothing yet', () => undefined],
  ])('goes through a relative link of the file to %s', async (_, prepare) => {
    mkdirSync(join(home, '.docker'));
    prepare();
    symlinkSync('../real.json', dir().config);
    await write('{"a":1}');
    expect(lstatSync(dir().config).isSymbolicLink()).toBe(true);
    expect(readFileSync(join(home, 'real.json'), 'utf8')).toBe('{"a":1}');
  });

  test('goes through a link of the directory to nothing yet', async () => {
    symlinkSync(join(home, 'deep/shared'), join(home, '.docker'));
    await write('{"a":1}');
    expect(readFileSync(join(home, 'deep/shared/config.json'), 'utf8')).toBe('{"a":1}');
  });

  test('makes the file of logins for the user alone, and removes it where that is the plan', async () => {
    await update(() => ({ config: '{"a":1}', logins: '{"r.io":{}}\n' }));
    expect([mode(dir().logins), readFileSync(dir().logins, 'utf8')]).toEqual([
      '600',
      '{"r.io":{}}\n',
    ]);
    await update(() => ({ logins: undefined }));
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
    expect(readFileSync(dir().config, 'utf8')).toBe('{"a":1}');
  });

  test('of the logins alone makes no config.json', async () => {
    await update(() => ({ logins: '{}' }));
    expect(readdirSync(join(home, '.docker'))).toEqual(['registry-auth-logins.json']);
  });

  test('that ends a login makes its entry first, so that it is somewhere at every moment', async () => {
    await update(() => ({ config: '{}', logins: '{"r.io":{}}' }));
    // Somebody's, which does not go by waiting.
    mkdirSync(join(lockOf(dir().logins), 'folder/deep'), { recursive: true });
    age(lockOf(dir().logins), 10_000);
    expect(
      await problemOf(() => update(() => ({ config: '{"auths":{}}', logins: undefined }))),
    ).toBe(
      'CONFIG_BUSY ~/.docker/registry-auth-logins.json: is locked by another process, or keeps changing; left unchanged',
    );
    expect([dir().config, dir().logins].map((path) => readFileSync(path, 'utf8'))).toEqual([
      '{"auths":{}}',
      '{"r.io":{}}',
    ]);
  });

  test('plans again when somebody else wrote in between, and loses nothing', async () => {
    await write('first');
    const seen: Texts[] = [];
    await update((texts) => {
      seen.push(texts);
      if (texts.config?.endsWith('+ours')) return {};
      // A stranger, who takes no lock, writes while we plan.
      if (seen.length < 3) writeFileSync(dir().config, `theirs ${seen.length}`);
      return { config: `${texts.config}+ours`, logins: `login ${seen.length}` };
    });
    expect(readFileSync(dir().config, 'utf8')).toBe('theirs 2+ours');
    expect(readFileSync(dir().logins, 'utf8')).toBe('login 3');
    expect(seen.map(({ config }) => config)).toEqual(['first', 'theirs 1', 'theirs 2']);
    expect(seen.map(({ logins }) => logins)).toEqual([undefined, undefined, undefined]);
    expect(readdirSync(join(home, '.docker'))).toEqual([
      'config.json',
      'registry-auth-logins.json',
    ]);
  });

  test('gives up where somebody else writes all the time, and leaves that as it is', async () => {
    await write('{}');
    let count = 0;
    const start = Date.now();
    const problem = await problemOf(() =>
      update(() => {
        count += 1;
        writeFileSync(dir().config, `{"theirs":${count}}`);
        return { config: '{"ours":1}', logins: '{"ours":1}' };
      }),
    );
    expect(problem).toBe(
      'CONFIG_BUSY ~/.docker/config.json: is locked by another process, or keeps changing; left unchanged',
    );
    expect(Date.now() - start).toBeLessThan(5_000);
    expect(readFileSync(dir().config, 'utf8')).toBe(`{"theirs":${count}}`);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('of many at once: none is lost', async () => {
    const add = (name: string) =>
      update(({ config = '[]' }) => {
        const names: string[] = JSON.parse(config);
        return names.includes(name) ? {} : { config: JSON.stringify([...names, name]) };
      });
    const names = Array.from({ length: 20 }, (_, index) => `name-${index}`);
    await Promise.all(names.map(add));
    expect(JSON.parse(readFileSync(dir().config, 'utf8')).sort()).toEqual([...names].sort());
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('does not wait for the locks of a process that died', async () => {
    await write('{}');
    leaveLock(dir().config);
    leaveLock(dir().logins);
    await write('{"a":1}');
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
    expect(readFileSync(dir().config, 'utf8')).toBe('{"a":1}');
  });

  test('of nothing sweeps what a process left that died, and that alone', async () => {
    await write('{}');
    leaveLock(dir().config);
    leaveLock(dir().logins, 0);
    await update(() => ({}));
    expect(readdirSync(join(home, '.docker'))).toEqual([
      'config.json',
      'registry-auth-logins.json.lock',
    ]);
  });

  test('shows that it lives while it waits for the lock of the logins', async () => {
    await write('{}');
    leaveLock(dir().logins, 0);
    const done = update(() => ({ logins: '{}' }));
    age(lockOf(dir().config), 2_900);
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(Date.now() - statSync(lockOf(dir().config)).mtimeMs).toBeLessThan(2_900);
    rmSync(lockOf(dir().logins), { recursive: true, force: true });
    await done;
  });

  test('does it all again where its lock was taken for a dead one', async () => {
    await write('first');
    const seen: (string | undefined)[] = [];
    await update(({ config }) => {
      seen.push(config);
      if (seen.length === 1) writeFileSync(dir().config, 'second');
      if (seen.length === 2) rmSync(lockOf(dir().config), { recursive: true });
      if (seen.length === 2) writeFileSync(dir().config, 'third');
      return { config: `${config}+ours` };
    });
    expect(seen).toEqual(['first', 'second', 'third']);
    expect(readFileSync(dir().config, 'utf8')).toBe('third+ours');
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });
});

describe('a file that somebody empties and writes anew, as VS Code does', () => {
  /**
   * Another process fills the file after a while: this one waits without turning. A shell, because
   * Node may need longer to start than is waited for.
   */
  function fillLater(text: string): ChildProcess {
    const args = ['-c', 'sleep 0.05; printf %s "$2" >"$1"', 'sh', dir().config, text];
    return spawn('sh', args, { stdio: 'ignore' });
  }

  test.each([
    ['nothing yet', ''],
    ['half of it yet', '{"auths": {"r.i'],
  ])('is waited for where it holds %s', async (_, text) => {
    await write('{}');
    writeFileSync(dir().config, text);
    const child = fillLater('{"auths":{"theirs.io":{}}}');
    const seen: (string | undefined)[] = [];
    await update((texts) => {
      seen.push(texts.config);
      return { config: `${texts.config} ` };
    });
    if (child.exitCode === null) await once(child, 'exit');
    expect(seen.at(-1)).toBe('{"auths":{"theirs.io":{}}}');
    expect(readFileSync(dir().config, 'utf8').trim()).toBe('{"auths":{"theirs.io":{}}}');
  });

  test('is waited for no longer than a moment, and then is what it is', async () => {
    await write(' ');
    const start = Date.now();
    const seen: (string | undefined)[] = [];
    await update((texts) => {
      seen.push(texts.config);
      return {};
    });
    const took = Date.now() - start;
    expect([seen, took >= 280, took < 1_500]).toEqual([[' '], true, true]);
  });

  test.each([
    ['before', 2_500],
    ['in the future', -2_500],
  ])('long %s is not waited for', async (_, ms) => {
    await write('');
    age(dir().config, ms);
    const start = Date.now();
    await update(() => ({}));
    expect(Date.now() - start).toBeLessThan(200);
  });
});

describe('what cannot be read or written is a problem, and stays as it is', () => {
  const cases: [name: string, prepare: () => void, problem: string][] = [
    [
      'a directory in its place',
      () => mkdirSync(dir().config, { recursive: true }),
      'CONFIG_NOT_READABLE ~/.docker/config.json: is a directory; left unchanged',
    ],
    [
      'a device behind a link',
      () => {
        mkdirSync(join(home, '.docker'));
        symlinkSync('/dev/null', dir().config);
      },
      'CONFIG_NOT_READABLE ~/.docker/config.json: is not a regular file; left unchanged',
    ],
    [
      'a directory in a place where the system makes none',
      () => symlinkSync('/proc/self/none/docker', join(home, '.docker')),
      'CONFIG_NOT_WRITABLE ~/.docker/config.json: cannot be written (ENOENT); left unchanged',
    ],
    [
      'a file in place of the directory',
      () => writeFileSync(join(home, '.docker'), ''),
      'CONFIG_NOT_READABLE ~/.docker/config.json: is below something that is not a directory; left unchanged',
    ],
    [
      'a link in a circle',
      () => {
        mkdirSync(join(home, '.docker'));
        symlinkSync('config.json', dir().config);
      },
      'CONFIG_NOT_READABLE ~/.docker/config.json: is a symbolic link that leads in a circle; left unchanged',
    ],
    [
      'bytes that are no text',
      () => {
        mkdirSync(join(home, '.docker'));
        writeFileSync(dir().config, Buffer.from([0x7b, 0xff, 0x7d]));
      },
      'CONFIG_NOT_READABLE ~/.docker/config.json: is not UTF-8 text; left unchanged',
    ],
    [
      'more than four megabytes',
      () => {
        mkdirSync(join(home, '.docker'));
        writeFileSync(dir().config, `{"x":"${'x'.repeat(5 << 20)}"}`);
      },
      'CONFIG_NOT_READABLE ~/.docker/config.json: is too large to be a configuration; left unchanged',
    ],
    [
      'a directory in place of the logins',
      () => mkdirSync(dir().logins, { recursive: true }),
      'CONFIG_NOT_READABLE ~/.docker/registry-auth-logins.json: is a directory; left unchanged',
    ],
    [
      'a directory of somebody at the name of the lock',
      () => {
        mkdirSync(join(lockOf(dir().config), 'folder/deep'), { recursive: true });
        age(lockOf(dir().config), 10_000);
      },
      'CONFIG_BUSY ~/.docker/config.json: is locked by another process, or keeps changing; left unchanged',
    ],
  ];

  test.each(cases)('%s', async (_, prepare, problem) => {
    prepare();
    const before = readdirSync(home, { recursive: true });
    expect(await problemOf(() => write('{}'))).toBe(problem);
    expect(readdirSync(home, { recursive: true })).toEqual(before);
  });
});

import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Change } from '../../src/domain/decide/change.ts';
import type { Texts } from '../../src/domain/decide/state.ts';
import {
  type ConfigDir,
  findConfigDir,
  openConfig,
  updateConfig,
} from '../../src/io/config-dir.ts';
import { ConfigError } from '../../src/io/config-error.ts';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'registry-auth-dir-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function dir(): ConfigDir {
  return findConfigDir({ HOME: home }, 0);
}

/** Reads, plans from the texts and writes; throws what is wrong. */
async function update(plan: (texts: Texts) => Change): Promise<void> {
  const opened = openConfig(dir);
  if ('problem' in opened) throw new ConfigError(opened.problem);
  const planned = ({ texts }: { texts: Texts }) => ({ change: plan(texts) });
  const done = await updateConfig(opened.dir, opened.state, planned, Date.now);
  if ('problem' in done) throw new ConfigError(done.problem);
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
    if (!(error instanceof ConfigError)) throw error;
    const { code, subject, what } = error.problem;
    return `${code} ${subject}: ${what}`;
  }
}

describe('where config.json is', () => {
  test('below HOME, shown with a tilde', () => {
    expect(dir()).toEqual({
      config: join(home, '.docker/config.json'),
      ledger: join(home, '.docker/registry-auth.json'),
      shown: '~/.docker/config.json',
      uid: 0,
      isNamed: false,
    });
  });

  test('in DOCKER_CONFIG, which may be without a HOME', () => {
    expect(findConfigDir({ DOCKER_CONFIG: '/elsewhere' }, 0).shown).toBe('/elsewhere/config.json');
  });

  test.each([
    [{}, 'HOME_MISSING HOME: not set, so there is no place for ~/.docker/config.json'],
    [{ HOME: '' }, 'HOME_MISSING HOME: not set, so there is no place for ~/.docker/config.json'],
    [{ HOME: '/does/not/exist' }, 'HOME_MISSING HOME: names a directory that does not exist'],
  ])('is never guessed: %j', async (env, problem) => {
    expect(await problemOf(() => findConfigDir(env, 0))).toBe(problem);
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

  test('removes the ledger where that is the plan, and never config.json', async () => {
    await update(() => ({ config: '{"a":1}', ledger: '{"version":2}' }));
    await update(() => ({ ledger: null }));
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('plans again when somebody else wrote in between, and loses nothing', async () => {
    await write('first');
    const seen: Texts[] = [];
    await update((texts) => {
      seen.push(texts);
      if (texts.config?.endsWith('+ours')) return {};
      // A stranger, who takes no lock, writes while we plan.
      if (seen.length < 3) writeFileSync(dir().config, `theirs ${seen.length}`);
      return { before: `ledger ${seen.length}`, config: `${texts.config}+ours` };
    });
    expect(readFileSync(dir().config, 'utf8')).toBe('theirs 2+ours');
    expect(readFileSync(dir().ledger, 'utf8')).toBe('ledger 3');
    expect(seen.map(({ config }) => config)).toEqual(['first', 'theirs 1', 'theirs 2']);
    // The second was stopped between its two files.
    expect(seen.map(({ ledger }) => ledger)).toEqual([undefined, undefined, 'ledger 2']);
  });

  test('of many at once: none is lost', async () => {
    const add = (name: string) =>
      update(({ config = '' }) => (config.includes(name) ? {} : { config: `${config}${name};` }));
    const names = Array.from({ length: 20 }, (_, index) => `name-${index}-`);
    await Promise.all(names.map(add));
    const words = readFileSync(dir().config, 'utf8').split(';').filter(Boolean).sort();
    expect(words).toEqual([...names].sort());
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('does not wait for the lock of a process that died', async () => {
    await write('{}');
    const lock = `${dir().ledger}.lock`;
    writeFileSync(lock, '');
    utimesSync(lock, new Date(0), new Date(0));
    await write('{"a":1}');
    expect(existsSync(lock)).toBe(false);
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
      'CONFIG_NOT_READABLE ~/.docker/config.json: is no regular file; left unchanged',
    ],
    [
      'a file in place of the directory',
      () => writeFileSync(join(home, '.docker'), ''),
      'CONFIG_NOT_READABLE ~/.docker/config.json: lies below something that is no directory; left unchanged',
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
  ];

  test.each(cases)('%s', async (_, prepare, problem) => {
    prepare();
    const before = readdirSync(home, { recursive: true });
    expect(await problemOf(() => write('{}'))).toBe(problem);
    expect(readdirSync(home, { recursive: true })).toEqual(before);
  });
});

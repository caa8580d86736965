import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { installWrappers } from '../support/built.ts';
import { testWith } from '../support/needs.ts';
import { CANARY, expectNoSecret, scratchHome } from '../support/process.ts';
import { run, whyNot } from '../support/run.ts';
import { CONFIG, GOOD, LOGINS, readHome } from './support/cli.ts';

/** A namespace of its own for mounts, which end with the program. */
const MOUNT = ['-m', 'sh', '-c'];
const MOUNTS = { missing: whyNot('unshare', [...MOUNT, 'mount --bind /tmp /tmp']) };

const PATH = installWrappers(scratchHome());
const TEXT = '{"auths":{"a.io":{"auth":"Ym9iOngx"}}}';

/** Runs `registry-auth` in a home where something is mounted. */
async function runMounted(home: string, mount: string, ...words: string[]) {
  const script = `${mount} && exec registry-auth "$@"`;
  const args = [...MOUNT, script, 'sh', ...words];
  const finished = await run('unshare', args, { home, cwd: home, env: { PATH, ...GOOD } });
  expectNoSecret(finished.stdout + finished.stderr, [CANARY]);
  return finished;
}

describe('a mount', () => {
  const SINGLE = `mount --bind ${CONFIG} ${CONFIG}`;

  for (const words of ['apply', 'hook postStart'])
    testWith([MOUNTS], `of config.json as a single file is said by ${words}`, async () => {
      const home = scratchHome({ [CONFIG]: TEXT });
      const { status, stdout, stderr } = await runMounted(home, SINGLE, ...words.split(' '));
      expect([status, stdout]).toEqual([words === 'apply' ? 1 : 0, '']);
      expect(stderr.replace(/^registry-auth: /, '')).toMatch(
        /^~\/\.docker\/config\.json: is mounted as a single file, which cannot be replaced safely; left unchanged \[CONFIG_NOT_WRITABLE\]\n {2}fix: mount the directory ~\/\.docker instead of the file, or set DOCKER_CONFIG to a directory that you can write to\n/,
      );
      expect([readHome(home, CONFIG), readdirSync(join(home, '.docker'))]).toEqual([
        TEXT,
        ['config.json'],
      ]);
    });

  testWith([MOUNTS], 'of a directory that is read-only is said, and nothing is left', async () => {
    const home = scratchHome({ [CONFIG]: TEXT });
    const mount = 'mount --bind .docker .docker && mount -o remount,bind,ro .docker';
    expect(await runMounted(home, mount, 'apply')).toEqual({
      status: 1,
      stdout: '',
      stderr:
        '~/.docker/config.json: is on a read-only file system; left unchanged [CONFIG_NOT_WRITABLE]\n' +
        '  fix: mount it writable, or set DOCKER_CONFIG to a directory that you can write to\n',
    });
    expect([readHome(home, CONFIG), readdirSync(join(home, '.docker'))]).toEqual([
      TEXT,
      ['config.json'],
    ]);
  });

  testWith([MOUNTS], 'of the directory itself, and of a volume, is written to', async () => {
    const home = scratchHome({ [CONFIG]: TEXT });
    const mount = 'mount --bind .docker .docker';
    expect(await runMounted(home, mount, 'apply')).toMatchObject({ status: 0, stderr: '' });
    expect(Object.keys(JSON.parse(readHome(home, CONFIG)).auths)).toEqual(['a.io', 'good.example']);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  testWith([MOUNTS], 'of the logins as a single file costs no login', async () => {
    const login = '{\n  "good.example": {"user":"bob","secret":"by-hand"}\n}\n';
    const helped = '{"auths":{},"credHelpers":{"good.example":"registry-auth"}}';
    const home = scratchHome({ [CONFIG]: helped, [LOGINS]: login });
    const mount = `mount --bind ${LOGINS} ${LOGINS}`;
    const { status, stderr } = await runMounted(home, mount, 'logout');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/^~\/\.docker\/registry-auth-logins\.json: is mounted as a single/),
    ]);
    // The entry that the login becomes is there first.
    expect(JSON.parse(readHome(home, CONFIG))).toEqual({
      auths: { 'good.example': { auth: Buffer.from('bob:by-hand').toString('base64') } },
    });
    expect(readHome(home, LOGINS)).toBe(login);
    expect(readdirSync(join(home, '.docker')).sort()).toEqual([
      'config.json',
      'registry-auth-logins.json',
    ]);
  });
});

describe('what keeps config.json from being written is said by every command, until it is gone:', () => {
  /** What the commands say, one after the other, in one home with these mounts. */
  async function sayAll(mount: string, home = scratchHome({ [CONFIG]: '{"auths":{}}' })) {
    const each = `for words in apply "hook postStart" status check logout; do
      registry-auth $words 2>&1 | grep -v ^registry-auth:.check; echo =; done`;
    const args = [...MOUNT, `${mount}\n${each}`];
    const { stdout } = await run('unshare', args, { home, cwd: home, env: { PATH, ...GOOD } });
    expectNoSecret(stdout, [CANARY]);
    return stdout.split('=\n').slice(0, -1);
  }
  const RECORD =
    '{"auths":{},"plugins":{"registry-auth":{"good.example":"GOOD entry:1a2b3c4d secret:5e6f7a8b"}}}';
  const FULL =
    'mount -t tmpfs -o mode=700,size=64k tmpfs .docker; head -c 99999 /dev/zero >.docker/x';
  const CAUSES = [
    ['a single file', `mount --bind ${CONFIG} ${CONFIG}`, 'is mounted as a single file'],
    [
      'a single file that others gave',
      `echo '{}' >'a b'; mount --bind 'a b' ${CONFIG}; mount -o remount,bind,ro ${CONFIG}`,
      'is mounted as a single file',
    ],
    [
      'a single file behind a link',
      `mkdir 'x y'; mv ${CONFIG} 'x y/c.json'; ln -s "$PWD/x y/c.json" ${CONFIG}; mount --bind 'x y/c.json' 'x y/c.json'`,
      'is mounted as a single file',
    ],
    [
      'a read-only directory',
      'mount --bind .docker .docker; mount -o remount,bind,ro .docker',
      'is on a read-only file system',
    ],
    [
      'a read-only home without the directory',
      'rm -r .docker; mount --bind . .; cd .; cd "$HOME"; mount -o remount,bind,ro .',
      'is on a read-only file system',
    ],
    ['a full disk', `${FULL} 2>/dev/null`, 'is on a full file system'],
    [
      'a disk that has no room for another file',
      'mount -t tmpfs -o mode=700,nr_inodes=2 tmpfs .docker; touch .docker/x',
      'is on a full file system',
    ],
  ] as const;

  for (const [name, mount, what] of CAUSES)
    testWith([MOUNTS], name, async () => {
      const said = await sayAll(mount);
      expect(said).toHaveLength(5);
      for (const one of said) {
        expect(one).toContain(`~/.docker/config.json: ${what}`);
        expect(one).not.toMatch(
          /fix: run registry-auth apply|logged out by hand|NOT_WRITTEN|LOGGED_OUT|removed/,
        );
      }
    });

  testWith([MOUNTS], 'also where our record is in it, and its entry is not', async () => {
    const home = scratchHome({ [CONFIG]: RECORD });
    const said = await sayAll(`mount --bind ${CONFIG} ${CONFIG}`, home);
    for (const one of said) {
      expect(one).toContain('is mounted as a single file');
      expect(one).not.toMatch(/logged out by hand|LOGGED_OUT|removed/);
    }
  });

  testWith([MOUNTS], 'and is not said where all is there, or nothing is wanted', async () => {
    const [applied = '', ...later] = await sayAll(
      `registry-auth apply >/dev/null; mount --bind ${CONFIG} ${CONFIG}`,
    );
    expect(applied).toMatch(/unchanged/);
    for (const one of later.slice(0, 3)) expect(one).not.toContain('single file');
    const home = scratchHome({ [CONFIG]: '{"auths":{}}' });
    const script = `mount --bind ${CONFIG} ${CONFIG} && registry-auth status`;
    const finished = await run('unshare', [...MOUNT, script], { home, cwd: home, env: { PATH } });
    expect(finished).toMatchObject({ status: 0, stderr: '' });
  });
});

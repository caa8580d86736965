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
        /^~\/\.docker\/config\.json: is mounted as a single file, which cannot be replaced safely; left unchanged \[CONFIG_NOT_WRITABLE\]\n {2}fix: mount its directory instead of the file\n/,
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
        '  fix: mount it writable, or set DOCKER_CONFIG to a writable directory\n',
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

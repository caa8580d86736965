import { chmodSync, chownSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { testWith } from '../support/needs.ts';
import { CANARY, expectNoSecret } from '../support/process.ts';
import { run } from '../support/run.ts';
import { CONFIG, GOOD, LOGINS, readHome } from './support/cli.ts';
import { ANYBODY, homeOfNobody, OPEN_NODE, runAsNobody, withMode } from './support/nobody.ts';

const CASES = [
  { name: 'a file that may not be read', path: CONFIG, mode: 0o000, code: 'CONFIG_NOT_READABLE' },
  { name: 'logins that may not be read', path: LOGINS, mode: 0o000, code: 'CONFIG_NOT_READABLE' },
  {
    name: 'a directory that may not be entered',
    path: '.docker',
    mode: 0o600,
    code: 'CONFIG_NOT_READABLE',
  },
  {
    name: 'a directory that may not be written',
    path: '.docker',
    mode: 0o500,
    code: 'CONFIG_NOT_WRITABLE',
  },
];

describe.each(CASES)('$name', ({ path, mode, code }) => {
  const subject = path === LOGINS ? `~/${LOGINS}` : `~/${CONFIG}`;
  const line = `${subject}: belongs to another user, or its permissions deny access; left unchanged [${code}]\n`;

  for (const words of ['apply', 'hook onCreate'])
    testWith([ANYBODY], `${words} says so and leaves all as it is`, async () => {
      const home = homeOfNobody({ [CONFIG]: '{"auths":{}}', [LOGINS]: '{}' });
      const finished = await withMode(join(home, path), mode, () =>
        runAsNobody(home, words.split(' '), GOOD),
      );
      expect(finished).toMatchObject({ status: words === 'apply' ? 1 : 0, stdout: '' });
      expect(finished.stderr.replace(/^registry-auth: /, '')).toMatch(line);
      expectNoSecret(finished.stderr, [CANARY]);
      expect([readHome(home, CONFIG), readHome(home, LOGINS)]).toEqual(['{"auths":{}}', '{}']);
      expect(readdirSync(join(home, '.docker')).sort()).toEqual([
        'config.json',
        'registry-auth-logins.json',
      ]);
    });
});

describe('where the directory may not be written', () => {
  for (const words of ['apply', 'status', 'check', 'logout'])
    testWith([ANYBODY], `${words} says so, and sends nobody to apply`, async () => {
      const home = homeOfNobody({ [CONFIG]: '{"auths":{}}' });
      const { stdout, stderr } = await withMode(join(home, '.docker'), 0o500, () =>
        runAsNobody(home, [words], GOOD),
      );
      expect(stderr).toMatch(
        /^~\/\.docker\/config\.json: belongs to another user, or its permissions/,
      );
      expect(stdout + stderr).not.toMatch(/NOT_WRITTEN|fix: run registry-auth apply|removed/);
    });

  testWith([ANYBODY], 'status says it of a file of root in a sticky directory', async () => {
    const home = homeOfNobody({ [CONFIG]: '{"auths":{}}' });
    const folder = join(home, '.docker');
    if (process.getuid?.() !== 0) return;
    chownSync(folder, 0, 0);
    chownSync(join(home, CONFIG), 0, 0);
    chmodSync(join(home, CONFIG), 0o644);
    const { stderr } = await withMode(folder, 0o1775, async () => {
      chownSync(folder, 0, 65_534);
      return runAsNobody(home, ['status'], GOOD);
    });
    expect(stderr).toMatch(/sticky bit; left unchanged \[CONFIG_NOT_WRITABLE\]/);
  });
});

describe('a first start under a umask that takes rights from us', () => {
  for (const umask of ['0177', '0777'])
    testWith([ANYBODY], `leaves a directory that can be used: ${umask}`, async () => {
      const home = homeOfNobody({ '.docker/x': '' });
      rmSync(join(home, '.docker'), { recursive: true });
      const script = `umask ${umask}; exec "$@"`;
      const words = ['-c', script, 'sh', OPEN_NODE, '--', join(home, 'cli.cjs'), 'apply'];
      const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
      const options = { ...user, env: GOOD, home, cwd: home };
      for (const said of ['written', 'unchanged']) {
        const { status, stdout } = await run('sh', words, options);
        expect([status, stdout]).toEqual([0, expect.stringContaining(said)]);
      }
      expect(statSync(join(home, '.docker')).mode & 0o777).toBe(0o700);
    });
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { testWith } from '../support/needs.ts';
import { CANARY, expectNoSecret } from '../support/process.ts';
import { CONFIG, GOOD, LOGINS, readHome } from './support/cli.ts';
import { ANYBODY, homeOfNobody, runAsNobody, withMode } from './support/nobody.ts';

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
  const line = `${subject}: belongs to another user or is closed to this one; left unchanged [${code}]\n`;

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

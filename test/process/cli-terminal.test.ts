import { stripVTControlCharacters } from 'node:util';
import { describe, expect } from '@jest/globals';
import { installWrappers } from '../support/built.ts';
import { testWith } from '../support/needs.ts';
import { CANARY, expectNoSecret, scratchHome } from '../support/process.ts';
import { run, whyNot } from '../support/run.ts';
import { triple } from '../support/triples.ts';

const SCRIPT = { missing: whyNot('script', ['--version'], {}, /util-linux/) };
const PATH = installWrappers(scratchHome());
const ENV = {
  ...{ PATH, SHELL: '/bin/sh', TERM: 'xterm-256color' },
  ...triple('BAD', 'bad example', 'ada', CANARY),
  ...triple('GOOD', 'a-rather-long-name.registry.example', 'ada', CANARY),
};

/** What a terminal of so many columns shows, without its colours. */
async function onTerminal(words: string, columns: number, env: Record<string, string> = {}) {
  const command = `stty cols ${columns}; registry-auth ${words}`;
  const { stdout } = await run('script', ['-qec', command, '/dev/null'], {
    ...{ env: { ...ENV, ...env }, home: scratchHome() },
  });
  expectNoSecret(stdout, [CANARY]);
  return stdout.replaceAll('\r', '');
}

const plain = (text: string) => stripVTControlCharacters(text);

describe('a terminal', () => {
  for (const words of ['status', 'apply --dry-run', 'check BAD', 'status GOOD', 'statsu'])
    testWith([SCRIPT], `shows no line of ${words} that is longer than it is wide`, async () => {
      const text = plain(await onTerminal(words, 70));
      const long = text.split('\n').filter((line) => line.length > 70);
      expect([
        text.length > 40,
        long.filter((line) => !/^more:|^ {4}gh |^ {2}reg/.test(line)),
      ]).toEqual([true, []]);
    });

  testWith([SCRIPT], 'shows colours, and not with NO_COLOR', async () => {
    expect(await onTerminal('status', 80)).toContain('\u001b[');
    expect(await onTerminal('status', 80, { NO_COLOR: '1' })).not.toContain('\u001b[');
  });

  testWith(
    [SCRIPT],
    'of which only one stream is one has no colours, and that one wraps',
    async () => {
      const text = await onTerminal('status | cat', 60);
      expect(text).not.toContain('\u001b[');
      const fix = text.split('\n').filter((line) => line.includes('BAD_') || / {7}\S/.test(line));
      expect(fix.length).toBeGreaterThan(1);
    },
  );

  testWith([SCRIPT], 'gets JSON as everything else does', async () => {
    const text = await onTerminal('status --json', 40);
    expect(JSON.parse(text).version).toBe(1);
  });
});

import { describe, expect, test } from '@jest/globals';
import { wrapLine } from '../../src/report/wrap.ts';

const LONG =
  'ACME_CONTAINER_REGISTRY_PASSWORD: missing, but SERVER and USER are set [TRIPLE_INCOMPLETE]';

describe('a line on a terminal', () => {
  test.each([20, 30, 40, 60, 80, 100])('of %d columns breaks between words alone', (width) => {
    const lines = wrapLine(LONG, width, 4).split('\n');
    expect(lines.map((line) => line.trim()).join(' ')).toBe(LONG);
    const isNarrow = (line: string) => line.length <= width || !line.trim().includes(' ');
    // Too narrow to read: as it is.
    expect(width < 30 ? lines.length === 1 : lines.every(isNarrow)).toBe(true);
    expect(lines.slice(1).every((line) => /^ {4}\S/.test(line))).toBe(true);
  });

  test('of no known width stays as it is', () => {
    expect(wrapLine(LONG, undefined, 4)).toBe(LONG);
    expect(wrapLine('  short', 80, 4)).toBe('  short');
  });

  test.each([
    'registry-auth apply --force',
    'registry-auth apply --env-file registry.env',
    'docker login registry.example.com',
    'podman logout docker.io && podman logout registry.example.com',
    'helm registry logout registry.example.com',
    'chmod go-rwx ~/.docker/config.json',
    'kubectl apply -f -',
    'registry-auth export kubernetes | kubectl apply -f -',
  ])('has never a part of: %s', (command) => {
    for (let before = 1; before < 60; before++) {
      const line = `  fix: ${'word '.repeat(before % 12)}${'x'.repeat(before)} run ${command}, or not`;
      expect(wrapLine(line, 40, 7)).toContain(command);
    }
  });

  test('counts no colour as text, and keeps the spaces of columns', () => {
    const red = (text: string) => `\u001b[31m${text}\u001b[39m`;
    expect(wrapLine(`${red('one')} two three four five six`, 30, 4)).toBe(
      `${red('one')} two three four five six`,
    );
    expect(wrapLine('  ACME  other       r.io  ready: in the file; from environment', 40, 26)).toBe(
      ['  ACME  other       r.io  ready: in the', '    file; from environment'].join('\n'),
    );
  });
});

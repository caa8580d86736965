import { expect, test } from '@jest/globals';
import { renderAnnotation, renderEntry, renderMask } from '../../src/action/protocol.ts';
import { type JobResult, renderJobSummary, renderLog } from '../../src/action/report.ts';

test('a command is one line, and its parts stay what they are', () => {
  expect(renderMask('100%\r\n:,')).toBe('::add-mask::100%25%0D%0A:,\n');
  expect(renderAnnotation('error', 'a: b, 100%\n', 'x::y, 100%\nz')).toBe(
    '::error title=a%3A b%2C 100%25%0A::x::y, 100%25%0Az\n',
  );
});

test('an entry ends at its own delimiter alone', () => {
  expect(renderEntry('NAME', 'one\nNAME=two\nEOF', 'd1')).toBe(
    'NAME<<d1\none\nNAME=two\nEOF\nd1\n',
  );
});

const RESULT: JobResult = {
  registries: [
    { id: 'A', provider: 'other', source: 'environment', ready: true, keys: [] },
    {
      id: 'B',
      provider: 'ecr',
      source: 'environment',
      ready: false,
      state: 'no-token',
      keys: [{ key: 'b.example', outcome: 'written' }],
    },
    {
      id: 'C',
      provider: 'ghcr',
      source: 'environment',
      ready: false,
      keys: [{ key: 'ghcr.io', outcome: 'kept' }],
    },
    {
      id: 'D',
      provider: 'other',
      source: 'environment',
      ready: false,
      keys: [{ key: 'd.example', outcome: 'removed' }],
    },
    // Written by another run, whose secret this job does not have.
    {
      id: 'E',
      provider: 'other',
      ready: false,
      keys: [{ key: 'e.example', outcome: 'unchanged' }],
    },
  ],
  problems: [
    {
      code: 'TRIPLE_EXPECTED',
      subject: 'F|<b>',
      what: 'is `not` there',
      fix: 'type this:',
      commands: ['gh *secret*'],
    },
  ],
  notices: [{ code: 'VALUE_TRIMMED', subject: 'A', what: 'was trimmed' }],
};

test('each registry has its state, and each message its annotation', () => {
  expect(renderLog(RESULT, false)).toBe(
    [
      'registry-auth: A (other): ready',
      'registry-auth: B (ecr): no token; our helper asks AWS for one at each pull',
      'registry-auth: C (ghcr): not used: an existing login is kept',
      'registry-auth: D (other): not ready',
      '::warning title=registry-auth TRIPLE_EXPECTED::F|<b>: is `not` there; fix: type this:%0Agh *secret*',
      '::notice title=registry-auth VALUE_TRIMMED::A: was trimmed',
      '',
    ].join('\n'),
  );
});

test('the summary shows texts, whatever Markdown makes of their characters', () => {
  const lines = renderJobSummary(RESULT).split('\n');
  expect(lines.slice(2, 8)).toEqual([
    '| registry | state |',
    '|---|---|',
    '| A (other) | ready |',
    '| B (ecr) | no token; our helper asks AWS for one at each pull |',
    '| C (ghcr) | not used: an existing login is kept |',
    '| D (other) | not ready |',
  ]);
  expect(lines.slice(9)).toEqual([
    '- F&#124;&#60;b&#62;: is &#96;not&#96; there; fix: type this: gh &#42;secret&#42; [TRIPLE_EXPECTED]',
    '- A: was trimmed [VALUE_TRIMMED]',
    '',
  ]);
});

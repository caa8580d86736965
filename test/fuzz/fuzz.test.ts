import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { fuzz } from './fuzz.ts';
import { type Parser, parser } from './parser.ts';
import { ENV_FILE } from './parsers/env-file.ts';
import { HELPER } from './parsers/helper.ts';
import { NPMRC } from './parsers/npmrc.ts';
import { MANY_RECORDS } from './parsers/record.ts';
import { PARSERS } from './parsers.ts';

jest.setTimeout(120_000);

/** New ones each time; what fails says which, and `npm run fuzz` tries more. */
const SEED = Math.floor(Math.random() * 2 ** 31);
/** Of a pure function fewer, because there are 10,000 at night. */
const runsOf = (one: Parser) => ([ENV_FILE, HELPER, NPMRC].includes(one) ? 150 : 100);

describe(`what others wrote, with seed ${SEED}`, () => {
  test.each(PARSERS)('$name', async (one) => {
    const runs = runsOf(one);
    expect(await fuzz(one, { seed: SEED, runs })).toMatchObject({ cases: runs });
  });
});

test('thousands of logins take no longer than their number says', async () => {
  expect(await fuzz(MANY_RECORDS, { seed: SEED, runs: 50 })).toMatchObject({ shapes: 5 });
});

test('each reader has a name of its own, for --only', () => {
  expect(new Set(PARSERS.map(({ name }) => name)).size).toBe(PARSERS.length);
});

describe('a reader that is wrong', () => {
  const made = (read: (text: string) => unknown, holds: (text: string) => void = () => {}) =>
    parser<null>({
      name: 'a reader',
      valid: fc.constantFrom('{"a": [1, 2]}', 'docker.io', 'x'.repeat(100)),
      around: [],
      extra: fc.constant(null),
      read: ({ text }) => read(text),
      properties: { 'it holds': ({ text }) => holds(text) },
    });
  const failure = (one: ReturnType<typeof made>, seed = 1) =>
    fuzz(one, { seed, runs: 300 }).then(
      () => 'nothing',
      (error: Error) => error.message,
    );

  test('is found where it throws, with the way to see it again', async () => {
    const broken = made((text) => {
      if (text.includes('\u2028')) throw new RangeError('too odd');
    });
    const said = await failure(broken);
    expect(said).toMatch(/^a reader: reads any text: too odd\ncase \d+: \[\{"text":"/);
    expect(said).toMatch(/\nagain: npm run fuzz -- --only 'a reader' --seed 1 --runs 300$/);
    expect(await failure(broken)).toBe(said);
  });

  test('is found where a property does not hold', async () => {
    const said = await failure(
      made(
        () => {},
        (text) => {
          if (text.length > 300) throw new Error('too long');
        },
      ),
    );
    expect(said).toContain('a reader: it holds: too long\n');
  });

  test('is found where its time grows with the square of the text', async () => {
    const slow = made(({ length }) => {
      let sum = 0;
      for (let one = 0; one < length; one += 2)
        for (let other = 0; other < one; other += 2) sum += other % 7;
      return sum;
    });
    expect(await failure(slow)).toMatch(/ms for 8 KiB, \d+\.\d ms for 64 KiB\ncase/);
  });

  test('is not found where it reads a text four times over', async () => {
    const linear = made((text) => {
      for (let time = 0; time < 4; time += 1) JSON.stringify([...text].reverse());
    });
    expect(await failure(linear)).toBe('nothing');
  });
});

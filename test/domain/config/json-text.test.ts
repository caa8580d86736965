import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type JsonValue, parseJsonText } from '../../../src/domain/config/json-text.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What the places say the text holds. */
function rebuild(text: string, { kind, members, start, end }: JsonValue): unknown {
  if (kind !== 'object') return JSON.parse(text.slice(start, end));
  return Object.fromEntries(members.map(({ key, value }) => [key, rebuild(text, value)]));
}

describe('agrees with JSON.parse', () => {
  const pieces = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '"a"',
      '"\\n"',
      '"\\x"',
      '"\\u00e9"',
      '"\\u00g"',
      'true',
      'nul',
      'null',
      'falsey',
    ],
    ...[
      '0',
      '-',
      '-0',
      '01',
      '1.',
      '1.5',
      '.5',
      '1e5',
      '1e',
      '1E+2',
      '+1',
      ' ',
      '\t',
      '\n',
      '\u00a0',
      '\ufeff',
      '\u2028',
      '\0',
      '//',
      '\\',
      'a',
    ],
  );

  test('on what is JSON and what is not', () => {
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (one) => {
        expect('kind' in parseJsonText(one)).toBe(isJson(one));
      }),
      { numRuns: 3000 },
    );
  });

  test('on what a text holds, with one character changed or not', () => {
    const json = fc
      .tuple(fc.jsonValue(), fc.constantFrom(0, 2, '\t'))
      .map(([value, indent]) => JSON.stringify(value, null, indent));
    fc.assert(
      fc.property(json, fc.nat(), fc.option(pieces), (text, at, piece) => {
        const place = at % (text.length + 1);
        const changed =
          piece === null ? text : text.slice(0, place) + piece + text.slice(place + 1);
        const parsed = parseJsonText(changed);
        expect('kind' in parsed).toBe(isJson(changed));
        if ('kind' in parsed) expect(rebuild(changed, parsed)).toEqual(JSON.parse(changed));
      }),
      { numRuns: 1000 },
    );
  });
});

test('a string of a megabyte, and a text nested too deep, are no danger', () => {
  expect(parseJsonText(JSON.stringify({ a: 'x"\\'.repeat(300_000) }))).toHaveProperty(
    'kind',
    'object',
  );
  expect(parseJsonText(`"${'a'.repeat(1_000_000)}`)).toEqual({ faultAt: 0 });
  expect(parseJsonText('['.repeat(100_000))).toEqual({ faultAt: 500 });
});

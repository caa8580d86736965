import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseChallenges } from '../../src/registry-client/scheme.ts';

const parse = (text: string) =>
  parseChallenges(text).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('challenges', () => {
  test.each([
    ['', []],
    ['  , ,', []],
    ['Basic', [['basic', {}]]],
    ['BASIC realm="Sonatype Nexus"', [['basic', { realm: 'Sonatype Nexus' }]]],
    ['bearer REALM=https://a.io/t', [['bearer', { realm: 'https://a.io/t' }]]],
    [
      'Bearer realm="https://a.io/t",service="a.io",scope="repository:a/b:pull,push"',
      [['bearer', { realm: 'https://a.io/t', service: 'a.io', scope: 'repository:a/b:pull,push' }]],
    ],
    [
      'Bearer realm = "https://a.io/t" , service = a.io',
      [['bearer', { realm: 'https://a.io/t', service: 'a.io' }]],
    ],
    [
      'Basic realm="a, b", Bearer realm="https://a.io/t"',
      [
        ['basic', { realm: 'a, b' }],
        ['bearer', { realm: 'https://a.io/t' }],
      ],
    ],
    [
      'Negotiate, NTLM, Basic realm="x"',
      [
        ['negotiate', {}],
        ['ntlm', {}],
        ['basic', { realm: 'x' }],
      ],
    ],
    [
      'Negotiate dG9rZW4=, Basic realm="x"',
      [
        ['negotiate', { dg9rzw4: '' }],
        ['basic', { realm: 'x' }],
      ],
    ],
    ['Basic realm="say \\"hi\\" \\\\ there"', [['basic', { realm: 'say "hi" \\ there' }]]],
    ['Basic realm="never ends, Bearer x=y', [['basic', { realm: 'never ends, Bearer x=y' }]]],
    ['Basic realm="never ends\\', [['basic', { realm: 'never ends' }]]],
    ['Basic realm="", realm="second"', [['basic', { realm: '' }]]],
    ['Basic realm=', [['basic', { realm: '' }]]],
    ['realm="without a scheme"', []],
    ['"" Basic realm="x"', [['basic', { realm: 'x' }]]],
    ['= = Basic realm=x', [['basic', { realm: 'x' }]]],
    ['Bearer __proto__="x",realm="y"', [['bearer', { ['__proto__']: 'x', realm: 'y' }]]],
  ])('%j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test('of any text are found without an error', () => {
    const pieces = fc.constantFrom(
      'Bearer',
      ' ',
      ',',
      '=',
      '"',
      '\\',
      'realm',
      'é',
      '\t',
      '\0',
      'a',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    fc.assert(fc.property(texts, (text) => Array.isArray(parseChallenges(text))));
  });

  test.each([
    ['blanks', `Basic${' '.repeat(200_000)}`],
    ['words with blanks', 'a '.repeat(100_000)],
    ['quotes', '"'.repeat(200_000)],
    ['backslashes', `Basic realm="${'\\'.repeat(200_000)}`],
    ['equals signs', '='.repeat(200_000)],
    ['one long string', `Basic realm="${'a'.repeat(200_000)}`],
    ['many beginnings', 'a="'.repeat(60_000)],
    ['tabs before no equals sign', `a${'\t'.repeat(1000)}b`.repeat(200)],
  ])('of a long text of %s take time in proportion to it', (_, text) => {
    // The processor's time, because other processes on the machine do not add to it.
    const start = process.cpuUsage();
    parseChallenges(text);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).toBeLessThan(500);
  });
});

import fc from 'fast-check';

/** Repetitions that make a loop or an expression look back again and again. */
export const PIECES = [
  '\n',
  '\r\n',
  ' ',
  '\t',
  '@',
  ':',
  '/',
  '-',
  '.',
  'a',
  '1',
  '"',
  "'",
  '\\',
  '\\"',
  '{',
  '[',
  '[[',
  '{"a":',
  '"a":1,',
  '=',
  '==',
  'A=',
  '%',
  '_',
  '-a',
  'a.',
  ':443',
  '@a/',
  '\u00e9',
  '\0',
];
/** What only some programs take for white space, a line end, a letter or the end of a text. */
const ODD = [
  ...['\ufeff', '\u2028', '\u2029', '\u0085', '\u00a0', '\u200b', '\u3000', '\v', '\f'],
  ...['\x1b[2J', '\x7f', '\u0080', '\u202e', '\ud800', '\udc00', '\ud83d\ude00', '\ufffd'],
  ...['e\u0301', '\u0130', '\u017f', '\u212a', '\uff0e', '\uff1a', '\uff0f', '\u3002'],
];

/** What means something to one of our parsers, or to JavaScript. */
const WORDS = [
  ...[
    '_CONTAINER_REGISTRY_',
    'SERVER',
    'USER',
    'PASSWORD',
    'https://',
    'http:',
    '//',
    '/v1/',
    '/v2',
  ],
  ...['docker.io', 'index.docker.io', 'r.io', ':443', ':0', '[::1]', 'xn--', '..', '?', '#', '%2f'],
  ...[
    '"auths"',
    '"credHelpers"',
    '"credsStore"',
    '"auth"',
    '"rows"',
    '"logins"',
    '"version":',
    '{}',
  ],
  ...[
    '[]',
    'null',
    'true',
    '0',
    '-0',
    '1e999',
    '\\u0000',
    '\\ud800',
    '""',
    ': ',
    ',',
    '}',
    ']',
    '\r',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasownproperty',
    'export ',
    '$',
    '${',
    '`',
    ';',
    ',',
  ],
];

const SURROGATES = [0xd800, 0x800] as const;

/**
 * Any character, as fast-check's own unit `binary` has it. That one makes a table of all of them
 * first, which takes seconds.
 */
const character = fc.nat(0x10ffff - SURROGATES[1]).map(
  (index) => String.fromCodePoint(index < SURROGATES[0] ? index : index + SURROGATES[1]),
  (text) => {
    const [code, ...others] = [...`${text}`].map((one) => one.codePointAt(0) ?? 0);
    if (code === undefined || others.length > 0) throw new Error('not one character');
    return code < SURROGATES[0] ? code : code - SURROGATES[1];
  },
);

export function anyText(length: { maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ ...length, unit: character });
}

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 2, arbitrary: fc.constantFrom(...ODD) },
  { weight: 3, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: anyText({ maxLength: 8 }) },
);

/** A word of any language's, a repetition of one, or nonsense. */
const nonsense = fc.oneof(
  fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join('')),
  fc.tuple(piece, fc.nat(2048)).map(([one, size]) => repeat(one, size)),
  fc.json({ maxDepth: 6 }),
  fc.tuple(fc.constantFrom('[', '{"a":', '{"auths":'), fc.nat(700)).map(([one, times]) => {
    return one.repeat(times);
  }),
);

/** A piece again and again, up to a length. */
export function repeat(one: string, size: number): string {
  return one.repeat(Math.ceil(size / Math.max(1, one.length)));
}

/** One thing that may happen to bytes on their way. */
const damage = fc.record({
  how: fc.constantFrom('flip', 'double', 'cut', 'end', 'insert', 'replace', 'exchange'),
  at: fc.nat(),
  size: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 512 })),
  bit: fc.nat(7),
  piece,
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function spoil(bytes: Buffer, { how, at, size, bit, piece: one }: Damage): Buffer {
  const start = at % (bytes.length + 1);
  const [before, rest] = [bytes.subarray(0, start), bytes.subarray(start)];
  const [hit, after] = [rest.subarray(0, size), rest.subarray(size)];
  switch (how) {
    case 'flip': {
      const flipped = Buffer.from(bytes);
      if (start < bytes.length) flipped[start] = (bytes[start] ?? 0) ^ (1 << bit);
      return flipped;
    }
    case 'double':
      return Buffer.concat([before, hit, hit, after]);
    case 'cut':
      return Buffer.concat([before, after]);
    case 'end':
      return before;
    case 'insert':
      return Buffer.concat([before, Buffer.from(one), rest]);
    case 'replace':
      return Buffer.concat([before, Buffer.from(one), after]);
    case 'exchange':
      return Buffer.concat([rest, before]);
  }
}

/** A text, and what stands on the disk for it: after damage the second is more than the first. */
export type Content = { readonly text: string; readonly bytes: Buffer };

function ofText(text: string): Content {
  return { text, bytes: Buffer.from(text) };
}

function ofBytes(bytes: Buffer): Content {
  return { text: bytes.toString('utf8'), bytes };
}

/** Right texts, most of them spoilt in a few places, and some nonsense. */
export function hostile(valid: fc.Arbitrary<string>): fc.Arbitrary<Content> {
  const damages = fc.array(damage, { minLength: 1, maxLength: 4 });
  return fc.oneof(
    { weight: 2, arbitrary: valid.map(ofText) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(valid, damages)
        .map(([text, all]) => ofBytes(all.reduce(spoil, Buffer.from(text)))),
    },
    { weight: 3, arbitrary: nonsense.map(ofText) },
  );
}

/** A text of any length that is all repetition, with a right text or a word around it. */
export type Shape = { readonly before: string; readonly piece: string; readonly after: string };

/** What stands before and after a repetition. */
export type Around = readonly [before: string, after: string];

export function shapes(
  valid: fc.Arbitrary<string>,
  places: readonly Around[],
): fc.Arbitrary<Shape> {
  const part = fc
    .tuple(valid, fc.nat(), fc.nat(60))
    .map(([text, at, size]) => text.slice(at % (text.length + 1)).slice(0, size));
  const one = fc.oneof(piece, part).filter((text) => text !== '');
  const pieces = fc.oneof(
    fc.constantFrom(...PIECES),
    fc.array(one, { minLength: 1, maxLength: 3 }).map((all) => all.join('')),
  );
  const side = fc.oneof(fc.constant(''), part, piece);
  const around = fc.oneof(fc.constantFrom(...places, ['', ''] as const), fc.tuple(side, side));
  return fc
    .tuple(pieces, around)
    .map(([repeated, [before, after]]) => ({ before, piece: repeated, after }));
}

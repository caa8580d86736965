import assert from 'node:assert/strict';
import fc from 'fast-check';
import { discover } from '../../../src/registries/discover.ts';
import { findTriples } from '../../../src/secrets/find.ts';
import type { Source } from '../../../src/secrets/triple.ts';
import { CANARY } from '../../support/secrets.ts';
import { triple } from '../../support/triples.ts';
import { parser } from '../parser.ts';

const PARTS = ['SERVER', 'USER', 'PASSWORD', 'SESSION_TOKEN'];
const IDS = ['A', 'B', '_', 'a1', 'A_CONTAINER_REGISTRY', '1A', '', '__proto__', 'É'];

/** Where the text of a case goes: into the name or the value of which variable, of which source. */
const place = fc.record({
  source: fc.nat(2),
  id: fc.constantFrom(...IDS),
  part: fc.constantFrom(...PARTS),
  isName: fc.constantFrom(false, false, false, true),
  /** Whether the other parts are there. */
  isWhole: fc.boolean(),
});
const others = fc.array(
  fc.record({
    source: fc.nat(2),
    id: fc.constantFrom(...IDS),
    part: fc.constantFrom(...PARTS),
    value: fc.constantFrom(
      '',
      ' ',
      '\n',
      'r.io',
      "'q.io/team' ",
      'u',
      'p\r\n',
      CANARY,
      'a:b',
      '\0',
    ),
  }),
  { maxLength: 16 },
);
const wholes = fc.array(
  fc.record({
    source: fc.nat(2),
    id: fc.constantFrom('A', 'B', '_', 'a1', 'GOOD_ONE'),
    password: fc.constantFrom('p', 'q\n', CANARY),
  }),
  { maxLength: 4 },
);
const extra = fc.record({ place, others, wholes });
type Extra = typeof extra extends fc.Arbitrary<infer T> ? T : never;

/** No case can name it. */
const GOOD = triple('GOOD_ONE', 'good.example', 'ada', 'the good one');

const nameOf = (id: string, part: string) => `${id}_CONTAINER_REGISTRY_${part}`;

function sourcesOf(text: string, { place: where, others: rest, wholes: all }: Extra): Source[] {
  const maps = [
    new Map(Object.entries(GOOD)),
    new Map<string, string>(),
    new Map<string, string>(),
  ];
  // The good one is the first source's.
  for (const { source, id, password } of all)
    if (source > 0 || id !== 'GOOD_ONE')
      for (const [name, value] of Object.entries(triple(id, 'r.io', 'u', password)))
        maps[source]?.set(name, value);
  for (const { source, id, part, value } of rest) maps[source]?.set(nameOf(id, part), value);
  const { source, id, part, isName, isWhole } = where;
  if (isWhole && !isName)
    for (const [name, value] of Object.entries(triple(id, 'q.io', 'u', 'p')))
      maps[source]?.set(name, value);
  if (isName) maps[source]?.set(nameOf(text, part), 'x');
  else maps[source]?.set(nameOf(id, part), text);
  return maps.map((map, index) => ({
    name: index === 0 ? 'environment' : `${index}.env`,
    ...(index === 0 ? {} : { file: `/${index}.env` }),
    variables: Object.fromEntries(map),
  }));
}

/** What counts as set, by other means than ours. */
function has({ variables }: Source, id: string, part: string): boolean {
  const value = Object.entries(variables).find(([name]) => name === nameOf(id, part))?.[1] ?? '';
  const unmarked = value.startsWith('\ufeff') ? value.slice(1) : value;
  const isLineEndOnly = unmarked.replaceAll('\r', '').replaceAll('\n', '') === '';
  const bare = seenOf(value).trim();
  const isQuoted = bare.length > 1 && QUOTES.includes(`${bare[0]}${bare.at(-1)}`);
  const inner = isQuoted ? bare.slice(1, -1).trim() : bare;
  return part === 'PASSWORD' || part === 'SESSION_TOKEN' ? !isLineEndOnly : inner !== '';
}

const QUOTES = [`''`, '""', '``', '\u201c\u201d', '\u2018\u2019', '\u00ab\u00bb'];

/** Ranges of Unicode that nothing is drawn for. */
const UNSEEN = [0xad, 0xad, 0x200b, 0x200f, 0x202a, 0x202e, 0x2060, 0x2064, 0xfeff, 0xfeff];

function seenOf(value: string): string {
  return Array.from(value, (one) => (isUnseen(one) ? '' : one)).join('');
}

function isUnseen(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return UNSEEN.some((from, at) => at % 2 === 0 && from <= code && code <= (UNSEEN[at + 1] ?? 0));
}

const isId = (id: string) => /^[A-Z_a-z]\w*$/.test(id);

export const DISCOVERY = parser<Extra>({
  name: 'discovery',
  valid: fc.constantFrom(
    'reg.example.com',
    ' "https://r.io/" ',
    'ada',
    `${CANARY}\n`,
    'A',
    'TEAM_1',
  ),
  around: [
    ["'", "'"],
    ['"', ''],
    ['A_', '_B'],
  ],
  extra,
  read: ({ text }) => {
    findTriples([{ name: 'environment', variables: triple('A', text, text, text, text) }]);
    findTriples([{ name: 'environment', variables: { [nameOf(text, 'USER')]: text } }]);
  },
  properties: {
    'a good triple is found, whatever stands beside it': ({ text }, given) => {
      const { triples } = findTriples(sourcesOf(text, given));
      const good = triples.filter(({ id }) => id === 'GOOD_ONE');
      const parts = { server: 'good.example', user: 'ada', password: 'the good one' };
      const none = { command: undefined, sessionToken: undefined, file: undefined };
      const noRole = { roleArn: undefined, externalId: undefined };
      assert.deepEqual(good, [
        { id: 'GOOD_ONE', ...parts, source: 'environment', ...none, ...noRole },
      ]);
    },
    'a triple comes whole from the first source that has all of it and can be used, and from no other':
      ({ text }, given) => {
        const sources = sourcesOf(text, given);
        const { triples, problems } = findTriples(sources);
        for (const { id, source, file, ...parts } of triples) {
          const isWhole = (one: Source) =>
            ['SERVER', 'USER', 'PASSWORD'].every((part) => has(one, id, part));
          const chosen = sources.find(({ name }) => name === source);
          assert.ok(chosen && isWhole(chosen));
          assert.equal(file, chosen.file);
          // One before it that cannot be used is told.
          const before = sources.slice(0, sources.indexOf(chosen)).filter(isWhole);
          const told = problems.filter(({ subject }) => subject.startsWith(nameOf(id, '')));
          assert.ok(before.length <= told.length);
          const raw = (part: string) => chosen.variables[nameOf(id, part)] ?? '';
          assert.ok(seenOf(raw('SERVER')).includes(parts.server));
          assert.ok(seenOf(raw('USER')).includes(parts.user));
          // Beside what it was pasted with nothing of it is left out.
          const [start = '', ...rest] = seenOf(raw('PASSWORD')).split(seenOf(parts.password));
          const around = start + rest.join(seenOf(parts.password));
          assert.match(around, /^[\s"'`\u201c\u201d\u2018\u2019\u00ab\u00bb]*$/);
        }
      },
    'every ID of which a part is set is known, once, and is a triple or a problem': (
      { text },
      given,
    ) => {
      const sources = sourcesOf(text, given);
      const { triples, ids, problems } = findTriples(sources);
      const { place: where, others: rest, wholes: all } = given;
      const others = [...rest, ...all].map(({ id }) => id);
      const named = [where.isName ? text : where.id, ...others, 'GOOD_ONE'];
      const set = named.filter(
        (id) => isId(id) && sources.some((one) => PARTS.some((part) => has(one, id, part))),
      );
      assert.deepEqual([...ids].sort(), [...new Set(set)].sort());
      const found = triples.map(({ id }) => id);
      assert.equal(new Set(found).size, found.length);
      for (const id of ids) {
        const isTold = problems.some(({ subject }) => subject.startsWith(nameOf(id, '')));
        assert.ok(isTold || found.includes(id), `${id} is neither`);
      }
    },
    'the order of the variables changes nothing': ({ text }, given) => {
      const sources = sourcesOf(text, given);
      const reversed = sources.map((source) => ({
        ...source,
        variables: Object.fromEntries(Object.entries(source.variables).reverse()),
      }));
      assert.deepEqual(findTriples(reversed).triples, findTriples(sources).triples);
    },
    'nothing that is said holds a value': ({ text }, { place: { id }, ...rest }) => {
      const variables = triple(id, `${CANARY}/${text}`, text + CANARY, CANARY + text, CANARY);
      const given = {
        ...rest,
        place: { source: 1, id, part: 'USER', isName: false, isWhole: false },
      };
      const sources = [...sourcesOf(text, given), { name: 'x.env', file: '/x', variables }];
      const { problems, notices } = discover(sources, { githubToken: true });
      assert.ok(!JSON.stringify([problems, notices]).includes(JSON.stringify(CANARY).slice(1, -1)));
    },
    'what is found can be stored: no colon, control character or NUL, and bounded': (
      { text },
      given,
    ) => {
      for (const one of findTriples(sourcesOf(text, given)).triples) {
        assert.doesNotMatch(one.user, /[:\p{Cc}]/u);
        assert.ok(!one.password.includes('\0'));
        assert.ok(one.server.length <= 1024 && one.user.length <= 1024);
        assert.ok(one.password.length <= 65_536);
        assert.ok(one.server !== '' && one.user !== '' && one.password !== '');
      }
    },
  },
});

import { describe, expect, test } from '@jest/globals';
import { findTargets } from '../../src/check/targets.ts';
import { type Managed, parseManaged } from '../../src/dockerconfig/managed.ts';
import { discover } from '../../src/registries/discover.ts';
import { HUB_KEY } from '../../src/registries/keys.ts';
import { triples } from '../support/triples.ts';

const variables = triples({
  HUB: ['docker.io', 'ada', 'one'],
  ACME: ['registry.example.com:443', 'ada', 'two'],
  BLUE: ['quay.io/blue', 'blue', 'three'],
  GREEN: ['quay.io/green', 'green', 'four'],
});
const { desired } = discover([{ name: 'environment', variables }], { githubToken: false });
const gone = parseManaged('GONE entry:01234567 secret:01234567') as Managed;
const known = {
  desired,
  managed: new Map([
    ['gone.example', gone],
    ['gone.example/team', gone],
  ]),
  brokenIds: new Set(['HALF']),
  keys: ['by-hand.example', 'myhost:5000', 'gone.example'],
};

/** `ID key image`, or the problems. */
function find(...words: string[]): string[] {
  const { targets, problems } = findTargets(words, known);
  return [
    ...targets.map(({ id, key, image }) =>
      [id ?? '-', key, image && `${image.name} ${image.reference}`].filter(Boolean).join(' '),
    ),
    ...problems.map(({ code, subject, what }) => `${code} ${subject}: ${what}`),
  ];
}

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('without words', () => {
  test('is everything that has a triple, or was written for one, once', () => {
    expect(find()).toEqual([
      'ACME registry.example.com:443',
      'BLUE quay.io',
      'GREEN quay.io/green',
      `HUB ${HUB_KEY}`,
      'GONE gone.example',
    ]);
  });
});

test.each([
  ['HUB', [`HUB ${HUB_KEY}`]],
  ['GREEN', ['GREEN quay.io/green']],
  ['GONE', ['GONE gone.example']],
  ['HALF', []],
  ['docker.io', [`HUB ${HUB_KEY}`]],
  ['QUAY.io', ['BLUE quay.io']],
  ['https://quay.io/v2/', ['BLUE quay.io']],
  ['by-hand.example', ['- by-hand.example']],
  ['myhost:5000', ['- myhost:5000']],
  ['alpine:3', [`HUB ${HUB_KEY} library/alpine 3`]],
  ['team/app', [`HUB ${HUB_KEY} team/app latest`]],
  ['docker.io/team/app:1', [`HUB ${HUB_KEY} team/app 1`]],
  ['quay.io/blue/app', ['BLUE quay.io blue/app latest']],
  [`quay.io/blue/app:1@${DIGEST}`, [`BLUE quay.io blue/app ${DIGEST}`]],
  ['unknown.example/app', ['- unknown.example app latest']],
])('%s is %j', (word, expected) => {
  expect(find(word)).toEqual(expected);
});

test('of two words for one thing there is one, and of a wrong one a problem', () => {
  expect(find('HUB', 'docker.io', 'nope', 'Team/App')).toEqual([
    `HUB ${HUB_KEY}`,
    'USAGE nope: is not the ID of a triple',
    'USAGE Team/App: has capital letters in the name of the repository',
  ]);
});

test('no address with a password in it is repeated', () => {
  expect(find('https://ada:word@nowhere.example').join()).not.toMatch(/word|ada/);
});

import { expect, test } from '@jest/globals';
import { type Managed, parseManaged } from '../../src/dockerconfig/managed.ts';
import type { Desired } from '../../src/reconcile/desired.ts';
import { discover } from '../../src/registries/discover.ts';
import { findBlock } from '../../src/report/ready.ts';
import { type LoginOutcome, summarise } from '../../src/report/registries.ts';
import { NO_REQUEST } from '../support/request.ts';
import { triple } from '../support/triples.ts';

const MANAGED = parseManaged('AWS') as Managed;
const CHANGE = {
  ...{ name: 'a', desired: undefined, id: 'AWS', provider: 'ecr', keys: [], managed: MANAGED },
  ...{ block: undefined, isNews: false },
};

test('a registry expires when the first of its logins that can does', () => {
  const changes: LoginOutcome[] = [
    { ...CHANGE, keys: [{ key: 'a:443', outcome: 'unchanged' }] },
    {
      ...CHANGE,
      keys: [{ key: 'a', outcome: 'written' }],
      managed: { ...MANAGED, expiresAt: 5 },
    },
  ];
  expect(summarise(changes)).toEqual([
    {
      id: 'AWS',
      provider: 'ecr',
      source: undefined,
      ready: true,
      keys: [
        { key: 'a:443', outcome: 'unchanged' },
        { key: 'a', outcome: 'written' },
      ],
      expiresAt: 5,
    },
  ]);
});

const WITHOUT_TOKEN = { ...NO_REQUEST, credentials: new Map([['AWS', 'unavailable' as const]]) };
const TOKEN = Buffer.from(JSON.stringify({ expiration: 1 })).toString('base64');
const VARIABLES = triple('AWS', '123456789012.dkr.ecr.us-east-1.amazonaws.com', 'AWS', TOKEN);
const FOUND = discover([{ name: 'environment', variables: VARIABLES }], { githubToken: true });
const [desired] = FOUND.desired;
const DEAD = { ...NO_REQUEST, now: 1000 };

test('an ID is blocked also for a login that its triple no longer names', () => {
  const request = { ...DEAD, desired: new Map([['another', desired as Desired]]) };
  expect(findBlock('AWS', { desired: undefined, request })).toBe('expired');
  expect(findBlock('AWS', { desired: undefined, request: WITHOUT_TOKEN })).toBe('no-token');
  expect(findBlock('GONE', { desired: undefined, request })).toBe(undefined);
});

test.each([
  [
    'not ready where a token could not be had',
    ['unchanged'],
    findBlock('AWS', { desired, request: WITHOUT_TOKEN }),
    'no-token',
  ],
  [
    'not ready where its token has ended',
    ['written'],
    findBlock('AWS', { desired, request: DEAD }),
    'expired',
  ],
  ['not ready where docker lacks our helper', ['written'], 'no-helper', 'no-helper'],
  [
    'not ready where a login is kept at one of its keys',
    ['written', 'kept'],
    findBlock('AWS', { desired, request: DEAD }),
    false,
  ],
  ['not ready where all is removed', ['removed'], undefined, false],
  [
    'ready where one key is written, another removed',
    ['removed', 'written'],
    findBlock('AWS', { desired, request: NO_REQUEST }),
    true,
  ],
] as const)('a registry is %s', (_, outcomes, block, expected) => {
  const keys = outcomes.map((outcome, index) => ({ key: `${index}`, outcome }));
  const [registry] = summarise([{ ...CHANGE, keys, block }]);
  const state = typeof expected === 'string' ? expected : undefined;
  expect([registry?.ready, registry?.state]).toEqual([expected === true, state]);
});

import { expect, test } from '@jest/globals';
import { type Managed, parseManaged } from '../../src/dockerconfig/managed.ts';
import { type LoginOutcome, summarise } from '../../src/report/registries.ts';

const MANAGED = parseManaged('AWS') as Managed;
const CHANGE = {
  ...{ name: 'a', desired: undefined, id: 'AWS', provider: 'ecr', keys: [], managed: MANAGED },
  ...{ lacksHelper: false, isNews: false },
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

test.each([
  ['not ready where a token could not be had', ['unchanged'], { unavailable: true }, 'no-token'],
  ['not ready where its token has ended', ['written'], { dead: true }, 'expired'],
  ['not ready where docker lacks our helper', ['written'], { lacksHelper: true }, 'no-helper'],
  ['not ready where a login is kept at one of its keys', ['written', 'kept'], {}, false],
  ['not ready where all is removed', ['removed'], {}, false],
  ['ready where one key is written, another removed', ['removed', 'written'], {}, true],
] as const)('a registry is %s', (_, outcomes, blocks, expected) => {
  const keys = outcomes.map((outcome, index) => ({ key: `${index}`, outcome }));
  const {
    unavailable = false,
    dead = false,
    lacksHelper = false,
  } = { ...blocks } as Partial<Record<string, boolean>>;
  const idsIf = (isIn: boolean) => new Set(isIn ? ['AWS'] : []);
  const tokenless = { unavailable: idsIf(unavailable), dead: idsIf(dead) };
  const [registry] = summarise([{ ...CHANGE, keys, lacksHelper }], tokenless);
  const state = typeof expected === 'string' ? expected : undefined;
  expect([registry?.ready, registry?.state]).toEqual([expected === true, state]);
});

import { expect, test } from '@jest/globals';
import { summarise } from '../../../src/domain/tell/summary.ts';

const STEP = { id: 'AWS', provider: 'ecr', edits: [] };
const ROW = { id: 'AWS', provider: 'ecr' };

test('a registry expires when the first of its keys that can does', () => {
  const steps = [
    { ...STEP, key: 'a:443', outcome: 'unchanged', row: ROW },
    { ...STEP, key: 'a', outcome: 'written', row: { ...ROW, expiresAt: 5 } },
  ] as const;
  expect(summarise(steps, [], new Set())).toEqual([
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
  ['not ready where a token could not be had', ['unchanged'], ['AWS'], false],
  ['not ready where a login is kept at one of its keys', ['written', 'kept'], [], false],
  ['not ready where all is removed', ['removed'], [], false],
  ['ready where one key is written, another removed', ['removed', 'written'], [], true],
] as const)('a registry is %s', (_, outcomes, unavailable, ready) => {
  const steps = outcomes.map((outcome, index) => ({ ...STEP, key: `${index}`, outcome, row: ROW }));
  expect(summarise(steps, [], new Set(unavailable))).toMatchObject([{ ready }]);
});

import { expect, test } from '@jest/globals';
import {
  type Decision,
  decide,
  type Owner,
  type Wanted,
} from '../../../src/domain/decide/decide.ts';

/** design.md section 7, cell by cell. */
const OWNERS: readonly Owner[] = ['nobody', 'ours', 'theirs', 'outdated'];
const CELLS: readonly (readonly [Wanted, readonly Decision[]])[] = [
  ['explicit', ['write', 'write', 'keep', 'write']],
  ['yielding', ['write', 'write', 'keep', 'keep']],
  ['gone', ['drop', 'give back', 'drop', 'drop']],
  ['unknown', ['leave', 'leave', 'leave', 'leave']],
];

const cells = CELLS.flatMap(([wanted, decisions]) =>
  OWNERS.map((owner, index) => ({ wanted, owner, decision: decisions[index] })),
);

test.each(cells)('$wanted, and $owner stands there: $decision', ({ wanted, owner, decision }) => {
  expect(decide(wanted, owner)).toBe(decision);
});

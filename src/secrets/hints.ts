import type { Messages } from '../problem.ts';
import { mayBeOdd } from './clean.ts';
import type { Discovered } from './near.ts';

/**
 * Filters out most variables: a near name contains one of the two words, or almost. In capitals,
 * because V8 compiles a case-insensitive pattern slowly.
 */
const MAY_BE_NEAR = /RE?G[IE]|CONTAI?N|CONT[A-Z]{2}NER/;

/** Loaded only for a suspicious name or password: most starts have none. */
const near = (): typeof import('./near.ts') => require('./near.ts');

/**
 * Finds likely mistakes: variables that are almost those of a triple, named beside the part that it
 * lacks or in a notice; and passwords that no registry issues.
 */
export function tellHints(found: Discovered, ignore: readonly string[]): Messages {
  const others = found.others.map(({ variables, names }) => {
    return { variables, names: names.filter((name) => MAY_BE_NEAR.test(name.toUpperCase())) };
  });
  const isOdd = found.desired.some(({ triple }) => mayBeOdd(triple.password));
  const isNear = others.some(({ names }) => names.length > 0);
  return isOdd || isNear ? near().tellNear({ ...found, others }, ignore) : found;
}

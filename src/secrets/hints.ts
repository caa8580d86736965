import type { Messages } from '../problem.ts';
import { mayBeOdd } from './clean.ts';
import type { Discovered } from './near.ts';

/**
 * Most variables are told apart by this: whatever is near has one of the two words, or nearly. In
 * capitals, because V8 takes long to get ready for the first pattern for any case.
 */
const MAY_BE_NEAR = /RE?G[IE]|CONTAI?N|CONT[A-Z]{2}NER/;

/** Loaded where a name or a password looks like one of those: most starts have none. */
const near = (): typeof import('./near.ts') => require('./near.ts');

/**
 * What you may have meant otherwise: variables that are almost those of a triple, named beside the
 * part that it lacks or in a notice; and passwords that no registry gives.
 */
export function tellHints(found: Discovered, ignore: readonly string[]): Messages {
  const suspects = found.others.map(({ variables, names }) => {
    return { variables, names: names.filter((name) => MAY_BE_NEAR.test(name.toUpperCase())) };
  });
  const isOdd = found.desired.some(({ triple }) => mayBeOdd(triple.password));
  const isNear = suspects.some(({ names }) => names.length > 0);
  return isOdd || isNear ? near().tellNear(suspects, found, ignore) : found;
}

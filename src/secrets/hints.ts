import type { Messages } from '../problem.ts';
import { mayBeOdd } from './clean.ts';
import type { Discovered } from './near.ts';
import type { Source } from './triple.ts';

/** Most variables are told apart by this: whatever is near has one of the two words, or nearly. */
const MAY_BE_NEAR = /re?g[ie]|contai?n|cont[a-z]{2}ner/i;
const EXACT =
  /^[A-Za-z_]\w*_CONTAINER_REGISTRY_(?:SERVER|USER|PASSWORD(?:_FILE|_COMMAND)?|SESSION_TOKEN|ROLE_ARN|EXTERNAL_ID)$/;

/** Loaded where a name or a password looks like one of those: most starts have none. */
const near = (): typeof import('./near.ts') => require('./near.ts');

/**
 * What you may have meant otherwise: variables that are almost those of a triple, named beside the
 * part that it lacks or in a notice; and passwords that no registry gives.
 */
export function tellHints(
  sources: readonly Source[],
  found: Discovered,
  ignore: readonly string[],
): Messages {
  const suspects = sources.map(({ variables }) => {
    const isSuspect = (name: string) => MAY_BE_NEAR.test(name) && !EXACT.test(name);
    return { variables, names: Object.keys(variables).filter(isSuspect) };
  });
  const isOdd = found.desired.some(({ triple }) => mayBeOdd(triple.password));
  const isNear = suspects.some(({ names }) => names.length > 0);
  return isOdd || isNear ? near().tellNear(suspects, found, ignore) : found;
}

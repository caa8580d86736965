import { isGiven } from '../../providers/find.ts';
import type { Problem } from '../problem.ts';
import { variableName } from '../triples/triple.ts';

/** Our helper stands for a registry, and has nothing to answer with. */
export function secretsNotHere(id: string): Problem {
  const names = isGiven(id) ? `${id} is` : `${variableName(id, 'SERVER')}, _USER and _PASSWORD are`;
  return {
    code: 'SECRETS_NOT_HERE',
    subject: id,
    what: 'our helper has no login for it, because its secrets are not in this shell',
    fix: `run it where ${names} set, or use credentials: file`,
  };
}

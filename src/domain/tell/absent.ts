import type { Problem } from '../problem.ts';
import { GITHUB_TOKEN_ID } from '../registries/github.ts';
import { variableName } from '../triples/triple.ts';

/** Our helper stands for a registry, and has nothing to answer with. */
export function secretsNotHere(id: string): Problem {
  const isGithub = id === GITHUB_TOKEN_ID;
  const names = isGithub ? id : `${variableName(id, 'SERVER')}, _USER and _PASSWORD`;
  return {
    code: 'SECRETS_NOT_HERE',
    subject: id,
    what: 'our helper has no login for it, because its secrets are not in this shell',
    fix: `run it where ${names} ${isGithub ? 'is' : 'are'} set, or use credentials: file`,
  };
}

import type { Problem } from '../problem.ts';
import { secretsNotHere } from './absent.ts';
import { helperNotFound } from './notices.ts';
import type { KeyState, StatusKey } from './status.ts';

const APPLY = 'run registry-auth apply';

/** What is to be said of each ID whose keys are in such a state. */
const TELL: Partial<Record<KeyState, (id: string, isHere: boolean) => Problem>> = {
  'no-secret': secretsNotHere,
  'logged-out': (subject) => ({
    code: 'LOGGED_OUT',
    subject,
    what: 'its entry was removed since by docker logout, or by whoever wrote config.json',
    fix: `${APPLY} to log in again`,
  }),
  expired: (subject, isHere) => ({
    code: 'ECR_TOKEN_EXPIRED',
    subject,
    what: 'its token has ended, and nothing here gets another',
    fix: applyWhere(isHere),
  }),
  missing: (subject, isHere) => ({
    code: 'NOT_WRITTEN',
    subject,
    what: 'nothing is written for it, so no client finds it',
    fix: applyWhere(isHere),
  }),
};

function applyWhere(isHere: boolean): string {
  return isHere ? APPLY : `${APPLY} where its secrets are set`;
}

/** A problem for each ID that clients get no login of. */
export function findKeyProblems(keys: readonly StatusKey[]): Problem[] {
  const idsIn = (wanted: string) => [
    ...new Set(keys.flatMap(({ id, state }) => (state === wanted ? id : []))),
  ];
  const here = new Set(keys.flatMap(({ id, source }) => (source === undefined ? [] : id)));
  const told = Object.entries(TELL).flatMap(([state, tell]) =>
    idsIn(state).map((id) => tell(id, here.has(id))),
  );
  return [...helperNotFound(idsIn('no-helper')), ...told];
}

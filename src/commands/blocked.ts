import { readObstacle } from '../io/config-error.ts';
import type { Problem } from '../problem.ts';
import { planChange } from '../reconcile/plan.ts';
import { requestOf, type World } from '../world.ts';

/** Why the next apply cannot write what is asked for and not there; undefined where all is there. */
export function readBlocked(world: World, isMissing = false) {
  const { place, state, mode } = world;
  if ('problem' in place || state.problems.length > 0 || mode.mode === 'skip') return undefined;
  const { texts } = planChange(state, requestOf(world));
  const isDone = Object.values(texts).every((text) => text === undefined);
  return isDone && !isMissing ? undefined : readObstacle(place.dir);
}

/** Problems that a run of apply would end, and which have this one as their cause. */
export function withoutEffects(problems: readonly Problem[], cause?: Problem): readonly Problem[] {
  return cause ? problems.filter(({ code }) => !EFFECTS.includes(code)) : problems;
}

const EFFECTS: readonly string[] = [
  'NOT_WRITTEN',
  'LOGGED_OUT',
  'ECR_TOKEN_EXPIRED',
  'CREDS_STORE_SHADOWS',
];

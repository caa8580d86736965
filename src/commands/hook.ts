import type { Summary } from '../domain/tell/summary.ts';
import { addGithubNpm } from '../io/npmrc.ts';
import type { World } from '../world.ts';
import { apply } from './apply.ts';

/** Applies with the Feature's options, in the manner that the phase asks for. */
export async function hook(world: World, canUseHelper: boolean): Promise<Summary> {
  const prune = hasAllSources(world);
  const summary = await apply(world, { force: false, prune, dryRun: false, canUseHelper });
  if (!world.options.githubNpm) return summary;
  const npm = await addGithubNpm(world.environment.variables.HOME, world.now);
  return {
    ...summary,
    changed: summary.changed || npm.changed,
    problems: [...summary.problems, ...npm.problems],
  };
}

/** From postCreate on a codespace has every secret that its user gave it. */
function hasAllSources({ phase, isCodespace }: World): boolean {
  return isCodespace && (phase === 'postCreate' || phase === 'postStart');
}

import type { Phase } from '../domain/feature/mode.ts';
import type { Summary } from '../domain/tell/summary.ts';
import { addGithubNpm } from '../io/npmrc.ts';
import { readEnvFiles } from '../io/sources.ts';
import { type ApplyInput, apply } from './apply.ts';

export type HookInput = Omit<ApplyInput, 'phase' | 'words' | 'envFiles'> & {
  readonly phase: Phase;
  /** Hooks run in the workspace's folder; env files are relative to it. */
  readonly workspace: string;
};

/** Applies with the Feature's options, in the manner that the phase asks for. */
export async function hook(input: HookInput): Promise<Summary> {
  const { options, workspace, environment } = input;
  const { HOME: home } = environment.variables;
  const base = { directory: workspace, isWorkspace: true };
  const summary = await apply({
    ...input,
    envFiles: readEnvFiles(options.envFiles, base, input),
    words: { force: false, prune: hasAllSources(input), dryRun: false },
  });
  if (!options.githubNpm) return summary;
  const npm = await addGithubNpm(home, input.now);
  return {
    ...summary,
    changed: summary.changed || npm.changed,
    problems: [...summary.problems, ...npm.problems],
  };
}

/** From postCreate on a codespace has every secret that its user gave it. */
function hasAllSources({ phase, environment }: HookInput): boolean {
  const isLate = phase === 'postCreate' || phase === 'postStart';
  return isLate && environment.variables.CODESPACES === 'true';
}

import { isPrebuild, type Phase } from '../domain/feature/mode.ts';
import type { Options } from '../domain/feature/options.ts';
import { NOTHING_DONE, type Summary } from '../domain/tell/summary.ts';
import { addGithubNpm } from '../io/npmrc.ts';
import { readEnvFiles } from '../io/sources.ts';
import { type ApplyInput, apply } from './apply.ts';

export type HookInput = Omit<ApplyInput, 'settings' | 'envFiles'> & {
  readonly phase: Phase;
  readonly options: Options;
  /** Hooks run in the workspace's folder; env files are relative to it. */
  readonly workspace: string;
  /** The text in which Codespaces says what it is doing. */
  readonly actionFile: string | undefined;
};

/** Applies with the Feature's options, in the manner that the phase asks for. */
export async function hook(input: HookInput): Promise<Summary> {
  const { phase, options, workspace, environment, actionFile } = input;
  const env = environment.variables;
  const isInPrebuild = isPrebuild(phase, env, actionFile);
  if (isInPrebuild && options.prebuild === 'skip') return skipped();
  const summary = await apply({
    ...input,
    envFiles: readEnvFiles(options.envFiles, { directory: workspace, isWorkspace: true }, input),
    settings: {
      mode: isInPrebuild && options.prebuild === 'helper' ? 'helper' : options.credentials,
      isPrebuild: isInPrebuild,
      githubToken: options.githubToken,
      force: false,
      prune: env.CODESPACES === 'true',
      dryRun: false,
    },
  });
  if (!options.githubNpm) return summary;
  const npm = addGithubNpm(env.HOME);
  return {
    ...summary,
    changed: summary.changed || npm.changed,
    problems: [...summary.problems, ...npm.problems],
  };
}

function skipped(): Summary {
  const what = 'nothing is written during a prebuild, as the option prebuild says';
  return { ...NOTHING_DONE, notices: [{ code: 'PREBUILD_SKIPPED', subject: 'prebuild', what }] };
}

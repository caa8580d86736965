import { passwordsOf, triple } from '../../support/triples.ts';
import { readyState } from './state.ts';

const { host, user, password, image, rotated } = readyState().privateRegistry;

/** What Codespaces says in its file while a prebuild is under way. */
export const PREBUILD = 'createPrebuildTemplate';

const GITHUB_TOKEN = 'canary-token-of-the-prebuild';

/** What a prebuild has: secrets of the repository. */
export const PREBUILD_SECRETS = {
  ...triple('LOCAL', host, user, password),
  GITHUB_USER: 'octocat',
  GITHUB_TOKEN,
};

/** What must be in no snapshot. */
export const PREBUILD_NEEDLES = { ...passwordsOf(PREBUILD_SECRETS), GITHUB_TOKEN };

/** What the user of a codespace has, of which the prebuild knew nothing. */
export const USER_SECRETS = {
  ...triple('LOCAL', host, rotated.user, rotated.password),
  GITHUB_USER: 'octocat',
  GITHUB_TOKEN: 'canary-token-of-the-user',
};

const pull = (command: string) => `docker pull ${image} && ${command}`;

/** The user's own commands: each needs the private image, and says so when it has it. */
export const PREBUILD_HOOKS = {
  onCreateCommand: pull(
    `skopeo inspect --tls-verify=false docker://${image} && echo pulled in onCreate`,
  ),
  updateContentCommand: pull('echo pulled in updateContent'),
  postCreateCommand: pull('echo pulled in postCreate'),
};

/** The phases in which those commands have said so. */
export function findPulls(output: string): string[] {
  return [...output.matchAll(/pulled in (\w+)(?=\r?$)/gm)].map(([, phase = '']) => phase);
}

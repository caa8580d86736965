import { type DevContainer, devcontainerUp, type Outcome } from './container.ts';
import type { Wish } from './workspace.ts';

const FOLDER = '/workspaces/.codespaces';
const ACTION_FILE = `${FOLDER}/shared/environment-variables.json`;
/** Where `~/.docker` leads in a codespace. */
export const DOCKER_FOLDER = `${FOLDER}/.persistedshare/.docker`;

/** Everything else than `createPrebuildTemplate` is no prebuild. */
export const NO_PREBUILD = 'createCodespace';

export type Codespace = {
  readonly container: DevContainer;
  /** Of the blocking commands, onCreate and updateContent. */
  readonly blocking: Outcome;
};

/**
 * A codespace as far as the end of its blocking commands (docs/clients.md, Codespaces): the
 * container first, without any command, then GitHub's own files, then onCreate and updateContent,
 * by `--prebuild` where the arguments say so. `action` is what Codespaces says it is doing;
 * undefined leaves that file out.
 */
export async function createCodespace(
  wish: Wish,
  action: string | undefined,
  args: readonly string[] = ['--skip-non-blocking-commands'],
): Promise<Codespace> {
  const container = await devcontainerUp({
    user: 'dev',
    ...wish,
    args: ['--skip-post-create'],
    // As in a codespace it is another file system than the home directory's, and in no snapshot.
    runArgs: [`--volume=${FOLDER}`, ...(wish.runArgs ?? [])],
    containerEnv: { CODESPACES: 'true', ...wish.containerEnv },
  });
  if (action !== undefined) await sayAction(container, action);
  return { container, blocking: await container.upAgain(args) };
}

/** Writes the file in which Codespaces says what it is doing. */
export async function sayAction(container: DevContainer, action: string): Promise<void> {
  const env = { TEXT: JSON.stringify({ ACTION_NAME: action }) };
  const write = `mkdir -p ${FOLDER}/shared && printf %s "$TEXT" >${ACTION_FILE}`;
  await asRoot(container, write, env);
}

/**
 * Puts GitHub's config.json in the place of everything in `~/.docker`, as Codespaces does after
 * onCreate (docs/clients.md, Codespaces).
 */
export async function replaceDockerFolder(container: DevContainer, config: string): Promise<void> {
  const steps = [
    `mkdir -p ${DOCKER_FOLDER}`,
    `printf %s "$TEXT" >${DOCKER_FOLDER}/config.json`,
    `chmod 0640 ${DOCKER_FOLDER}/config.json`,
    `chown -R dev: ${DOCKER_FOLDER}`,
    'rm -rf /home/dev/.docker',
    `ln -sfn ${DOCKER_FOLDER} /home/dev/.docker`,
  ];
  await asRoot(container, steps.join(' && '), { TEXT: config });
}

/** Runs a step of the scene itself, which has to succeed. */
export async function asRoot(
  container: DevContainer,
  command: string,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { status, stderr } = await container.exec(command, { user: 'root', env });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

import { rmSync } from 'node:fs';
import { type Finished, run } from '../../support/run.ts';
import { devcontainer } from './devcontainer-cli.ts';
import { docker, dockerOrThrow } from './engine.ts';
import { cleanEnv, onEngine, type ReadyState, readyState } from './state.ts';
import { type Wish, type Workspace, writeSecrets, writeWorkspace } from './workspace.ts';

/** What `devcontainer` said and how it ended. */
export type Outcome = { readonly status: number; readonly output: string };

export type ExecOptions = {
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
};

/** A dev container; `containerId` is empty when none came up. */
export type DevContainer = Outcome & {
  readonly containerId: string;
  /** The id of the image that was built for it. */
  image(): Promise<string>;
  /** Runs a shell command in it: as the remote user, without the secrets, unless told otherwise. */
  exec(command: string, options?: ExecOptions): Promise<Finished>;
  /** `devcontainer up` once more, on the container as it is, with the secrets as they are now. */
  upAgain(args?: readonly string[]): Promise<Outcome>;
  /** `devcontainer run-user-commands` with the secrets as they are now. */
  runUserCommands(args?: readonly string[]): Promise<Outcome>;
  /** Replaces the secrets that the next start or run of commands gets. */
  setSecrets(secrets: Readonly<Record<string, string>>): void;
  /** Stops the container and lets `devcontainer up` start it again. */
  restart(args?: readonly string[]): Promise<Outcome>;
  /** Removes the container, the image it was built from and its folder. */
  down(): Promise<void>;
};

/** Runs `devcontainer up` in a new workspace. A failure is a value: a test may expect it. */
export async function devcontainerUp(wish: Wish = {}): Promise<DevContainer> {
  const state = readyState();
  const workspace = writeWorkspace(state, wish);
  const up = (args: readonly string[]) => inWorkspace(state, workspace, 'up', upArgs(args));
  const first = await up(wish.args ?? []);
  const containerId = /"containerId":"([0-9a-f]+)"/.exec(first.output)?.[1] ?? '';
  const user = wish.user ?? 'root';
  const upAgain = (args: readonly string[] = []) => up(['--expect-existing-container', ...args]);
  return {
    ...first,
    containerId,
    image: () => imageOf(state, containerId),
    exec: (command, options = {}) => execIn(state, containerId, command, { user, ...options }),
    upAgain,
    runUserCommands: (args = []) => inWorkspace(state, workspace, 'run-user-commands', args),
    setSecrets: (secrets) => writeSecrets(workspace.secretsFile, secrets),
    restart: async (args = []) => {
      // No grace: the container's main process is a shell in a sleep, which has nothing to save. A
      // container keeps /tmp where a machine does not: rootless podman would take the process id
      // that it left there for its own, whoever has it now.
      await docker(state, ['exec', '--user', 'root', containerId, 'sh', '-c', FORGET_PODMAN]);
      await docker(state, ['stop', '-t', '0', containerId]);
      return upAgain(args);
    },
    down: () => remove(state, workspace, containerId),
  };
}

const FORGET_PODMAN = 'rm -rf /tmp/podman-run-* /run/user/*/libpod';

function upArgs(args: readonly string[]): string[] {
  // Debian's docker.io has no BuildKit client. The folder is no repository; there may be no git.
  return ['--buildkit', 'never', '--mount-workspace-git-root', 'false', ...args];
}

async function inWorkspace(
  state: ReadyState,
  { folder, idLabel, secretsFile }: Workspace,
  command: string,
  args: readonly string[],
): Promise<Outcome> {
  const where = ['--workspace-folder', folder, '--id-label', idLabel];
  const all = [command, ...where, '--secrets-file', secretsFile, ...args];
  const { status, stdout, stderr } = await devcontainer(state, all);
  return { status, output: `${stderr}\n${stdout}` };
}

async function execIn(
  state: ReadyState,
  containerId: string,
  command: string,
  { user = 'root', env = {} }: ExecOptions,
): Promise<Finished> {
  const client = cleanEnv(state);
  // By name only: a value on a command line could be read by anybody. Except what docker itself
  // needs on this side.
  const settings = Object.entries(env).map(([name, value]) =>
    name in client ? `${name}=${value}` : name,
  );
  const options = ['--user', user, ...settings.flatMap((setting) => ['--env', setting])];
  const args = ['exec', ...options, containerId, 'sh', '-c', command];
  return run('docker', args, onEngine(state, env));
}

async function remove(state: ReadyState, workspace: Workspace, id: string): Promise<void> {
  if (id) {
    const image = await imageOf(state, id);
    await docker(state, ['rm', '-fv', id]);
    await docker(state, ['rmi', image]);
  }
  rmSync(workspace.folder, { recursive: true, force: true });
  rmSync(workspace.secretsFile, { force: true });
}

async function imageOf(state: ReadyState, id: string): Promise<string> {
  return (await dockerOrThrow(state, ['inspect', '--format', '{{.Image}}', id])).stdout.trim();
}

import type { Machine } from './client.ts';

/** The files that clients look at, each by the rule of those that do. */
export type Paths = {
  /** `config.json` where docker looks for it, and where it is without DOCKER_CONFIG. */
  readonly docker: string;
  readonly home: string;
  /** `auth.json`, in the order of podman's look. */
  readonly podman: readonly string[];
  /** The same as go-containerregistry looks for it. */
  readonly authJson: readonly string[];
  /** What REGISTRY_AUTH_FILE names. */
  readonly authFile?: string;
  readonly helm: string;
  /** regctl's own, of which the first that is there counts. */
  readonly regctl: readonly string[];
};

export function findPaths({ env, uid }: Pick<Machine, 'env' | 'uid'>): Paths {
  const home = env.HOME || '/';
  const configHome = env.XDG_CONFIG_HOME || join(home, '.config');
  const helmHome = env.HELM_CONFIG_HOME || join(configHome, 'helm');
  const { XDG_RUNTIME_DIR: runtime, REGISTRY_AUTH_FILE: authFile } = env;
  const inRuntime = runtime ? [join(runtime, 'containers/auth.json')] : [];
  const inConfig = join(configHome, 'containers/auth.json');
  return {
    docker: join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
    home: join(home, '.docker/config.json'),
    podman: [...(runtime ? inRuntime : [`/run/containers/${uid}/auth.json`]), inConfig],
    authJson: [...inRuntime, inConfig],
    ...(authFile ? { authFile } : {}),
    regctl: env.REGCTL_CONFIG
      ? [env.REGCTL_CONFIG]
      : [join(configHome, 'regctl/config.json'), join(home, '.regctl/config.json')],
    helm: env.HELM_REGISTRY_CONFIG || join(helmHome, 'registry/config.json'),
  };
}

/** The files that any client may look at, for io to read. */
export function findFiles(machine: Pick<Machine, 'env' | 'uid'>): string[] {
  const { docker, home, podman, helm, regctl, authFile } = findPaths(machine);
  return [
    ...new Set([docker, home, ...podman, helm, ...regctl, authFile].flatMap((path) => path ?? [])),
  ];
}

function join(directory: string, path: string): string {
  return `${directory.replace(/\/+$/, '')}/${path}`;
}

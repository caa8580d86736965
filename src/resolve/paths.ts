import type { Machine } from './client.ts';

/** The files that clients look at, each by the rule of those that do. */
export function findPaths({ env, uid }: Pick<Machine, 'env' | 'uid'>) {
  const home = env.HOME || '/';
  const configHome = env.XDG_CONFIG_HOME || join(home, '.config');
  const helmHome = env.HELM_CONFIG_HOME || join(configHome, 'helm');
  const runtime = env.XDG_RUNTIME_DIR;
  const inRuntime = runtime ? [join(runtime, 'containers/auth.json')] : [];
  const inConfig = join(configHome, 'containers/auth.json');
  return {
    /** `config.json` where docker looks for it, and where it is without DOCKER_CONFIG. */
    docker: join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
    home: join(home, '.docker/config.json'),
    /** `auth.json`, in the order of podman's look. */
    podman: [...(runtime ? inRuntime : [`/run/containers/${uid}/auth.json`]), inConfig],
    /** The same as go-containerregistry looks for it. */
    authJson: [...inRuntime, inConfig],
    authFile: env.REGISTRY_AUTH_FILE || undefined,
    helm: env.HELM_REGISTRY_CONFIG || join(helmHome, 'registry/config.json'),
    /** regctl's own, of which the first that is there counts. */
    regctl: env.REGCTL_CONFIG
      ? [env.REGCTL_CONFIG]
      : [join(configHome, 'regctl/config.json'), join(home, '.regctl/config.json')],
  };
}

/** The files that any client may look at, for io to read. */
export function findFiles(machine: Pick<Machine, 'env' | 'uid'>): string[] {
  const { docker, home, podman, helm, regctl, authFile } = findPaths(machine);
  const paths = [docker, home, ...podman, helm, ...regctl, authFile];
  return [...new Set(paths.filter((path) => path !== undefined))];
}

function join(directory: string, path: string): string {
  return `${directory.replace(/\/+$/, '')}/${path}`;
}

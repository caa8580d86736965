import type { Machine } from './client.ts';

/** The files that clients read, each by its client's rule. */
export function findPaths({ env, uid }: Pick<Machine, 'env' | 'uid'>) {
  const home = env.HOME || '/';
  const configHome = env.XDG_CONFIG_HOME || join(home, '.config');
  const helmHome = env.HELM_CONFIG_HOME || join(configHome, 'helm');
  const runtime = env.XDG_RUNTIME_DIR;
  const inRuntime = runtime ? [join(runtime, 'containers/auth.json')] : [];
  const inConfig = join(configHome, 'containers/auth.json');
  return {
    /** `config.json` where docker looks for it, and without DOCKER_CONFIG. */
    docker: join(env.DOCKER_CONFIG || join(home, '.docker'), 'config.json'),
    home: join(home, '.docker/config.json'),
    /** `auth.json`, in podman's order. */
    podman: [...(runtime ? inRuntime : [`/run/containers/${uid}/auth.json`]), inConfig],
    /** The same in go-containerregistry's order. */
    authJson: [...inRuntime, inConfig],
    authFile: env.REGISTRY_AUTH_FILE || undefined,
    helm: env.HELM_REGISTRY_CONFIG || join(helmHome, 'registry/config.json'),
    /** regctl's own, of which it uses the first that exists. */
    regctl: env.REGCTL_CONFIG
      ? [env.REGCTL_CONFIG]
      : [join(configHome, 'regctl/config.json'), join(home, '.regctl/config.json')],
  };
}

/** The files that any client may read, for io to load. */
export function findFiles(machine: Pick<Machine, 'env' | 'uid'>): string[] {
  const { docker, home, podman, helm, regctl, authFile } = findPaths(machine);
  const paths = [docker, home, ...podman, helm, ...regctl, authFile];
  return [...new Set(paths.filter((path) => path !== undefined))];
}

function join(directory: string, path: string): string {
  return `${directory.replace(/\/+$/, '')}/${path}`;
}

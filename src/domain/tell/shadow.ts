import type { Problem } from '../problem.ts';
import { findLoginKey, HUB_HOST, HUB_KEY } from '../registries/server.ts';

/** A configuration file of some client, as far as it could be read. */
export type OtherFile = {
  readonly path: string;
  readonly kind: 'auth.json' | 'helm' | 'docker';
  readonly keys: readonly string[];
};

export type ShadowInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The keys that our entries are at. */
  readonly keys: readonly string[];
  /** Our keys of `auths` that no helper of ours stands for although a credsStore is set. */
  readonly unhelped: readonly string[];
  readonly others: readonly OtherFile[];
  readonly shown: string;
};

/** Everything known to keep a client from seeing our entries (clients.md 1.8, 3.1, 5.6). */
export function findShadows({ env, keys, unhelped, others, shown }: ShadowInput): Problem[] {
  const problems: Problem[] = [];
  if (unhelped.length > 0) {
    const what = `credsStore is set, so docker does not read the entries for ${unhelped.join(', ')}`;
    problems.push({
      code: 'CREDS_STORE_SHADOWS',
      subject: shown,
      what,
      fix: 'run registry-auth apply',
    });
  }
  const fromEnvironment = overlap(keys, parseKeys(env.DOCKER_AUTH_CONFIG));
  if (fromEnvironment.length > 0) {
    const what = `is set and holds ${fromEnvironment.join(', ')}, so docker does not read those entries`;
    problems.push({
      code: 'DOCKER_AUTH_CONFIG_SHADOWS',
      subject: 'DOCKER_AUTH_CONFIG',
      what,
      fix: 'unset it',
    });
  }
  if (env.REGISTRY_AUTH_FILE && keys.length > 0) {
    const what = `is set, so podman, skopeo and buildah read that file first`;
    problems.push({
      code: 'REGISTRY_AUTH_FILE_SHADOWS',
      subject: 'REGISTRY_AUTH_FILE',
      what,
      fix: 'unset it',
    });
  }
  for (const other of others) {
    const shadowed = overlap(keys, other.keys);
    if (shadowed.length > 0) problems.push(describe(other, shadowed));
  }
  return problems;
}

function describe({ path, kind }: OtherFile, keys: readonly string[]): Problem {
  // As the clients' own commands call Docker Hub, and one command for each.
  const names = keys.map((key) => (key === HUB_KEY ? HUB_HOST : key));
  const list = names.join(', ');
  const each = (command: string) => `run ${names.map((name) => `${command} ${name}`).join(' && ')}`;
  if (kind === 'helm') {
    const what = `holds ${list}, so helm uses that login`;
    return { code: 'HELM_SHADOWS', subject: path, what, fix: each('helm registry logout') };
  }
  if (kind === 'docker') {
    const what = `holds ${list} too; programs that do not see your DOCKER_CONFIG read it instead`;
    return {
      code: 'OTHER_DOCKER_CONFIG',
      subject: path,
      what,
      fix: 'set DOCKER_CONFIG for them too, or unset it',
    };
  }
  const what = `holds ${list}, so podman, skopeo and buildah use that login`;
  return { code: 'AUTH_JSON_SHADOWS', subject: path, what, fix: each('podman logout') };
}

function overlap(ours: readonly string[], theirs: readonly string[]): string[] {
  const known = new Set(theirs.map(findLoginKey));
  return [...new Set(ours.map(findLoginKey))].filter((key) => known.has(key));
}

/** The keys of `auths` in a client's file; none where it cannot be understood. */
export function parseKeys(text: string | undefined): string[] {
  try {
    const { auths, credHelpers } = JSON.parse(text ?? '{}');
    return [...new Set([...Object.keys(auths ?? {}), ...Object.keys(credHelpers ?? {})])];
  } catch {
    return [];
  }
}

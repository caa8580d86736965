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
export function findShadows(input: ShadowInput): Problem[] {
  const others = input.others.flatMap((other) => {
    const shadowed = overlap(input.keys, other.keys);
    return shadowed.length > 0 ? describe(other, shadowed) : [];
  });
  return [...findStoreShadow(input), ...findVariableShadows(input), ...others];
}

function findStoreShadow({ unhelped, shown: subject }: ShadowInput): Problem[] {
  if (unhelped.length === 0) return [];
  const what = `credsStore is set, so docker does not read the entries for ${unhelped.join(', ')}`;
  return [{ code: 'CREDS_STORE_SHADOWS', subject, what, fix: 'run registry-auth apply' }];
}

function findVariableShadows({ env, keys }: ShadowInput): Problem[] {
  const held = overlap(keys, parseKeys(env.DOCKER_AUTH_CONFIG)).join(', ');
  const problems: Problem[] = [
    {
      code: 'DOCKER_AUTH_CONFIG_SHADOWS',
      subject: 'DOCKER_AUTH_CONFIG',
      what: `is set and holds ${held}, so docker does not read those entries`,
      fix: 'unset it',
    },
    {
      code: 'REGISTRY_AUTH_FILE_SHADOWS',
      subject: 'REGISTRY_AUTH_FILE',
      what: 'is set, so podman, skopeo and buildah read that file first',
      fix: 'unset it',
    },
  ];
  const isThere = [held !== '', Boolean(env.REGISTRY_AUTH_FILE) && keys.length > 0];
  return problems.filter((_, index) => isThere[index]);
}

function describe({ path: subject, kind }: OtherFile, keys: readonly string[]): Problem {
  // As the clients' own commands call Docker Hub, and one command for each.
  const names = keys.map((key) => (key === HUB_KEY ? HUB_HOST : key));
  const list = names.join(', ');
  const each = (command: string) => `run ${names.map((name) => `${command} ${name}`).join(' && ')}`;
  if (kind === 'helm') {
    const what = `holds ${list}, so helm uses that login`;
    return { code: 'HELM_SHADOWS', subject, what, fix: each('helm registry logout') };
  }
  if (kind === 'docker') {
    const what = `holds ${list} too; programs that do not see your DOCKER_CONFIG read it instead`;
    const fix = 'set DOCKER_CONFIG for them too, or unset it';
    return { code: 'OTHER_DOCKER_CONFIG', subject, what, fix };
  }
  const what = `holds ${list}, so podman, skopeo and buildah use that login`;
  return { code: 'AUTH_JSON_SHADOWS', subject, what, fix: each('podman logout') };
}

function overlap(ours: readonly string[], theirs: readonly string[]): string[] {
  const known = new Set(theirs.map(findLoginKey));
  return [...new Set(ours.map(findLoginKey))].filter((key) => known.has(key));
}

/** The keys of `auths` and `credHelpers` in a client's file; none where it cannot be understood. */
export function parseKeys(text: string | undefined): string[] {
  try {
    const { auths, credHelpers } = JSON.parse(text ?? '{}');
    return [...new Set([...Object.keys(auths ?? {}), ...Object.keys(credHelpers ?? {})])];
  } catch {
    return [];
  }
}

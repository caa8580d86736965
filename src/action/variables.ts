import { isObject, memberOf, parseJson } from '../json.ts';
import type { Environment } from '../providers/provider.ts';
import { variableName } from '../secrets/triple.ts';
import { findMasks } from './masks.ts';

/** The name of a triple's variable, or of what is almost one. */
const PART = /^(?<id>[A-Za-z_][A-Za-z0-9_]*)_CONTAINER_REGISTRY_(?<part>[A-Z_]+)$/;

/** Parts that hold no secret, or only where one is. */
const PLAIN = /^(?:SERVER|USER|ROLE_ARN|.*_FILE|.*_COMMAND)$/;

function parseName(name: string): { id: string; part: string } | undefined {
  const { id = '', part = '' } = PART.exec(name)?.groups ?? {};
  return id === '' ? undefined : { id, part };
}

/** The triples in the text of `toJSON(secrets)`; undefined if it is not an object. */
export function parseSecrets(text: string): Environment | undefined {
  const secrets = text === '' ? {} : parseJson(text);
  if (!isObject(secrets)) return undefined;
  const ours = Object.entries(secrets).filter(([name]) => parseName(name));
  return Object.fromEntries(ours.map(([name, value]) => [name, String(value)]));
}

/** The environment for our commands; `secrets` replaces every ID that it has a part of. */
export function findEnvironment(env: Environment, secrets: Environment): Environment {
  const ids = new Set(Object.keys(secrets).map((name) => parseName(name)?.id));
  const kept = Object.entries(env).filter(
    ([name]) => !name.startsWith('INPUT_') && !ids.has(parseName(name)?.id ?? ''),
  );
  return { ...Object.fromEntries(kept), ...secrets };
}

const GHCR = /^\s*["']?(?:[a-z]+:\/\/)?(?:[a-z]+\.)*(?:ghcr\.io|github\.com)(?:[/:]|\s*$)/i;

/** The triple of the job's token, unless another triple is for GitHub's registry. */
export function findGithubTriple(env: Environment, token: string): Environment {
  const servers = Object.entries(env).filter(([name]) => parseName(name)?.part === 'SERVER');
  if (token === '' || servers.some(([, server]) => GHCR.test(server ?? ''))) return {};
  const id = 'GITHUB_TOKEN';
  return {
    [variableName(id, 'SERVER')]: 'ghcr.io',
    // The registry accepts any user name with a job's token.
    [variableName(id, 'USER')]: env.GITHUB_ACTOR || 'x-access-token',
    [variableName(id, 'PASSWORD')]: token,
  };
}

/** Whether the machine's own `config.json` has a login for GitHub's registry, which we keep. */
export function hasGithubLogin(config: string): boolean {
  const parsed = parseJson(config);
  const sections = ['auths', 'credHelpers'].map((section) => memberOf(parsed, section));
  return sections.some((section) => memberOf(section, 'ghcr.io') !== undefined);
}

/** The texts that the runner must mask. */
export function findSecretForms(variables: Environment): string[] {
  const forms = Object.entries(variables).flatMap(([name, value = '']) => {
    const { id = '', part = 'SERVER' } = parseName(name) ?? {};
    return PLAIN.test(part) ? [] : findMasks(value, variables[variableName(id, 'USER')] ?? '');
  });
  return [...new Set(forms)];
}

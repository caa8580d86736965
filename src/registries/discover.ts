import type { Options } from '../feature/options.ts';
import type { Messages } from '../problem.ts';
import { PROVIDERS } from '../providers/find.ts';
import type { Environment, Named } from '../providers/provider.ts';
import { nameRegistry, parseRegistry } from '../providers/registry.ts';
import { type Desired, findDesired } from '../reconcile/desired.ts';
import type { Broken } from '../reconcile/request.ts';
import { unquote } from '../secrets/clean.ts';
import { type Discovery, findTriples } from '../secrets/find.ts';
import { MAX_LENGTH, type Source } from '../secrets/triple.ts';
import { loginName } from './keys.ts';

/** What the sources hold, parsed. */
export type Found = Messages &
  Pick<Discovery, 'ids' | 'others'> & {
    readonly desired: readonly Desired[];
    /** Triples that cannot be used; their logins do not count as removed. */
    readonly broken: Omit<Broken, 'files'>;
  };

/** Turns sources, the environment first, into the desired logins. Pure. */
export function discover(
  sources: readonly Source[],
  { githubToken, ignore = [] }: Pick<Options, 'githubToken'> & Partial<Pick<Options, 'ignore'>>,
): Found {
  const { triples, ids, others, ...found } = findTriples(sources, ignore);
  const results = triples.map((triple) => ({ triple, ...nameRegistry(triple) }));
  const named = results.flatMap((result) => result.named ?? []);
  const given = githubToken ? nameGiven(sources[0]?.variables ?? {}, named) : [];
  const { desired, clashing, problems } = findDesired([...named, ...given]);
  const broken = new Map(found.broken);
  for (const result of results)
    if (!result.named) broken.set(result.triple.id, result.triple.server);
  for (const { triple } of named) broken.delete(triple.id);
  return {
    desired,
    ids,
    others,
    broken: {
      ids: new Set(broken.keys()),
      logins: new Set([...broken.values()].flatMap(namesOf)),
      clashing,
    },
    problems: [
      ...found.problems,
      ...results.flatMap(({ problem, triple: { id } }) => (problem ? { ...problem, id } : [])),
      ...problems,
    ],
    notices: [...found.notices, ...results.flatMap(({ notices }) => notices ?? [])],
  };
}

/** The logins that a triple for this server asks for. */
function namesOf(server: string): string[] {
  const parsed = parseRegistry(unquote(server).slice(0, MAX_LENGTH.SERVER));
  if ('what' in parsed) return [];
  const { host, namespace } = parsed.server;
  return [loginName(host), ...(namespace ? [loginName(`${host}/${namespace}`)] : [])];
}

/** Credentials of the environment, for each provider whose registry no triple names. */
function nameGiven(environment: Environment, named: readonly Named[]): Named[] {
  const isNamed = new Set(named.map(({ registry }) => registry.provider));
  const free = PROVIDERS.filter((provider) => !isNamed.has(provider));
  const triples = free.flatMap(({ given }) => given?.find(environment) ?? []);
  return triples.flatMap((triple) => nameRegistry(triple).named ?? []);
}

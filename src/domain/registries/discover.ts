import type { Notice, Problem } from '../problem.ts';
import { findTriples } from '../triples/find.ts';
import type { Source } from '../triples/triple.ts';
import { type Claim, findClaims } from './claims.ts';
import { findGithubTriple, findGithubUser, type GithubUser } from './github.ts';
import { type Named, nameRegistry } from './registry.ts';

/** Everything that the sources say, understood. */
export type Found = {
  readonly claims: readonly Claim[];
  /** Every ID of which any variable is there. */
  readonly ids: ReadonlySet<string>;
  /** IDs that are there but cannot be used: their entries are not "no longer wanted". */
  readonly brokenIds: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
  /** The environment's, whether its token is used or not. */
  readonly github: GithubUser | undefined;
};

/**
 * From sources, the environment first, to the keys that each triple claims; pure, and complete:
 * every bad triple is reported, every good one is there.
 */
export function discover(
  sources: readonly Source[],
  { githubToken }: { readonly githubToken: boolean },
): Found {
  const triples = findTriples(sources);
  const results = triples.triples.map(nameRegistry);
  const named = results.flatMap((result) => result.named ?? []);
  const environment = sources[0]?.variables ?? {};
  const claims = findClaims([...named, ...(githubToken ? nameGithub(environment, named) : [])]);
  const brokenIds = new Set(triples.ids);
  for (const { triple } of named) brokenIds.delete(triple.id);
  return {
    claims: claims.claims,
    ids: triples.ids,
    brokenIds,
    github: findGithubUser(environment),
    problems: [
      ...triples.problems,
      ...results.flatMap(({ problem }) => problem ?? []),
      ...claims.problems,
    ],
    notices: [...triples.notices, ...results.flatMap(({ notices }) => notices ?? [])],
  };
}

function nameGithub(environment: Source['variables'], named: readonly Named[]): Named[] {
  const registries = named.map(({ registry }) => registry);
  const triple = findGithubTriple(environment, registries);
  return triple ? [nameRegistry(triple).named ?? []].flat() : [];
}

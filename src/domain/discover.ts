import type { Notice, Problem } from './problem.ts';
import { type Claim, findClaims, findRegistries } from './registry.ts';
import { findTriples, type Source } from './triple.ts';
import { findGithubTriple } from './wanted.ts';

/** Everything that the sources say, understood. */
export type Found = {
  readonly claims: readonly Claim[];
  /** IDs that are there but cannot be used: their entries are not "no longer wanted". */
  readonly brokenIds: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
  /** The environment's GITHUB_TOKEN, whether used or not. */
  readonly githubToken: string | undefined;
};

/** From sources to the keys that each triple claims; pure, and complete: every bad triple is reported, every good one is there. */
export function discover(
  sources: readonly Source[],
  { githubToken }: { githubToken: boolean },
): Found {
  const triples = findTriples(sources);
  const registries = findRegistries(triples.triples);
  const github = githubToken
    ? findGithubTriple(sources[0]?.variables ?? {}, registries.found)
    : undefined;
  const all = github ? [...registries.found, ...findRegistries([github]).found] : registries.found;
  const claims = findClaims(all);
  const brokenIds = new Set(triples.ids);
  for (const { triple } of registries.found) brokenIds.delete(triple.id);
  return {
    claims: claims.found,
    brokenIds,
    githubToken: sources[0]?.variables.GITHUB_TOKEN,
    problems: [...triples.problems, ...registries.problems, ...claims.problems],
    notices: [...triples.notices, ...registries.notices],
  };
}

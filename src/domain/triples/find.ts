import type { Notice, Problem } from '../problem.ts';
import { cleanTriple, findUnusable, findWrongParts, isBlank } from './clean.ts';
import { type Part, type Parts, type Source, type Triple, variableName } from './triple.ts';

export type Discovery = {
  /** In the order of their sources, then of their IDs: who comes first wins. */
  readonly triples: readonly Triple[];
  /**
   * Every ID of which a source holds any part, whole or not: what is broken must not count as
   * removed.
   */
  readonly ids: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

const NAME =
  /^([A-Za-z_][A-Za-z0-9_]*)_CONTAINER_REGISTRY_(SERVER|USER|PASSWORD|SESSION_TOKEN|ROLE_ARN|EXTERNAL_ID)$/;
/** What every name of ours holds: most variables are told apart without a pattern. */
const INFIX = 'CONTAINER_REGISTRY_';
const NAME_WITHOUT_ID =
  /^_*CONTAINER_REGISTRY_(?:SERVER|USER|PASSWORD|SESSION_TOKEN|ROLE_ARN|EXTERNAL_ID)$/;
const REQUIRED = ['SERVER', 'USER', 'PASSWORD'] as const;

/**
 * Finds every whole triple. The first source that holds all of an ID wins; a partial one is
 * reported even if a later source completes it, because joining sources would let a file in a
 * repository send a secret to any server.
 */
export function findTriples(sources: readonly Source[]): Discovery {
  const found = new Map<string, Triple>();
  const ids = new Set<string>();
  const problems: Problem[] = [];
  const notices: Notice[] = [];
  for (const source of sources) {
    const { groups, nameless } = scan(source);
    problems.push(...nameless.map((name) => withoutId(name, source)));
    for (const [id, parts] of groups) {
      ids.add(id);
      const missing = REQUIRED.filter((part) => parts[part] === undefined);
      if (missing.length > 0) {
        problems.push(incomplete(id, parts, missing, source, sources));
      } else if (!found.has(id)) {
        const { triple, wrong } = makeTriple(id, parts as Required<Parts>, source, notices);
        problems.push(...wrong);
        if (triple) found.set(id, triple);
      }
    }
  }
  return { triples: [...found.values()], ids, problems, notices };
}

/** Nothing is looked at before it is known to be bounded text. */
function makeTriple(
  id: string,
  parts: Required<Parts>,
  source: Source,
  notices: Notice[],
): { readonly triple?: Triple; readonly wrong: readonly Problem[] } {
  const unusable = Object.entries(parts).flatMap(([part, value]) => {
    const why = findUnusable(part as Part, value);
    return why ? [{ ...why, subject: subjectIn(source, variableName(id, part as Part)) }] : [];
  });
  if (unusable.length > 0) return { wrong: unusable };
  const triple = cleanTriple(id, parts, source, notices);
  const wrong = findWrongParts(triple);
  return wrong.length > 0 ? { wrong } : { triple, wrong };
}

type Scan = {
  /** In the order of their IDs. */
  readonly groups: readonly (readonly [string, Parts])[];
  readonly nameless: readonly string[];
};

function scan(source: Source): Scan {
  const groups = new Map<string, Parts>();
  const nameless: string[] = [];
  for (const [name, value] of Object.entries(source.variables)) {
    if (!value || !name.includes(INFIX)) continue;
    const match = NAME.exec(name);
    if (match === null) {
      if (NAME_WITHOUT_ID.test(name)) nameless.push(name);
      continue;
    }
    const [, id = '', part] = match as unknown as [string, string, Part];
    if (isBlank(part, value)) continue;
    const parts = groups.get(id) ?? {};
    parts[part] = value;
    groups.set(id, parts);
  }
  return { groups: [...groups].sort(([a], [b]) => (a < b ? -1 : 1)), nameless };
}

function withoutId(name: string, source: Source): Problem {
  return {
    code: 'ID_MISSING',
    subject: subjectIn(source, name),
    what: 'has no identifier before CONTAINER_REGISTRY_',
    fix: `rename it, for example to ACME_${name.replace(/^_+/, '')}`,
  };
}

function incomplete(
  id: string,
  parts: Parts,
  missing: readonly Part[],
  source: Source,
  all: readonly Source[],
): Problem {
  const [first = 'SERVER', ...others] = missing;
  const present = REQUIRED.filter((part) => parts[part] !== undefined);
  const isSet = `, but ${present.join(' and ')} ${present.length > 1 ? 'are' : 'is'} set`;
  const has = ({ variables }: Source) => missing.some((part) => variables[variableName(id, part)]);
  const elsewhere = all.filter((other) => other !== source && has(other));
  const names = elsewhere.map(({ name }) => name).join(' and ');
  const notJoined = `; not taken from ${names}, because a triple comes whole from one source`;
  return {
    code: 'TRIPLE_INCOMPLETE',
    subject: subjectIn(source, variableName(id, first)),
    what: [
      `missing${others.length > 0 ? ` (and ${others.join(', ')})` : ''}`,
      present.length > 0 ? isSet : '',
      names ? notJoined : '',
    ].join(''),
    fix: names
      ? `set SERVER, USER and PASSWORD of ${id} in one place`
      : 'set it and grant it to this repository, or remove the other parts',
  };
}

function subjectIn(source: Source, name: string): string {
  return source.file === undefined ? name : `${name} in ${source.name}`;
}

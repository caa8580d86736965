import type { Notice, Problem } from '../problem.ts';
import { cleanTriple, findUnusable, findWrongParts, isBlank } from './clean.ts';
import { type Part, type Parts, type Source, type Triple, variableName } from './triple.ts';

export type Discovery = {
  /** In the order of their sources, then of their IDs: who comes first wins. */
  readonly triples: readonly Triple[];
  /** Every ID of which a source holds any part, whole or not. */
  readonly ids: ReadonlySet<string>;
  /**
   * IDs that cannot be used, with their SERVER: what is broken must not count as removed. One
   * without PASSWORD is none: somebody took the secret away.
   */
  readonly broken: ReadonlyMap<string, string>;
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/** A name is an ID, this, and a part. Most variables are told apart without a pattern. */
const INFIX = '_CONTAINER_REGISTRY_';
const ID = /^[A-Za-z_][A-Za-z0-9_]*$/;
const PARTS: ReadonlySet<string> = new Set<Part>([
  'SERVER',
  'USER',
  'PASSWORD',
  'SESSION_TOKEN',
  'ROLE_ARN',
  'EXTERNAL_ID',
]);
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
  const broken = new Map<string, string>();
  const problems: Problem[] = [];
  const notices: Notice[] = [];
  for (const source of sources) {
    const { groups, nameless } = scan(source);
    problems.push(...nameless.map((name) => withoutId(name, source)));
    for (const { id, parts } of groups) {
      ids.add(id);
      if (isWhole(parts) && found.has(id)) continue;
      const made = isWhole(parts)
        ? makeTriple(id, parts, source, notices)
        : { wrong: [incomplete(id, parts, source, sources)] };
      if ('wrong' in made) {
        problems.push(...made.wrong.map((problem) => ({ ...problem, id })));
        noteBroken(broken, id, parts);
      } else found.set(id, made);
    }
  }
  return { triples: [...found.values()], ids, broken, problems, notices };
}

/** Without PASSWORD it is not broken but gone. */
function noteBroken(broken: Map<string, string>, id: string, { SERVER, PASSWORD }: Parts): void {
  if (PASSWORD !== undefined) broken.set(id, SERVER ?? '');
}

function isWhole({ SERVER, USER, PASSWORD }: Parts): boolean {
  return SERVER !== undefined && USER !== undefined && PASSWORD !== undefined;
}

/** Nothing is looked at before it is known to be bounded text. */
function makeTriple(
  id: string,
  parts: Parts,
  source: Source,
  notices: Notice[],
): Triple | { readonly wrong: readonly Problem[] } {
  const unusable: Problem[] = [];
  for (const part of Object.keys(parts) as Part[]) {
    const why = findUnusable(part, parts[part] ?? '');
    if (why) unusable.push({ ...why, subject: subjectIn(source, variableName(id, part)) });
  }
  if (unusable.length > 0) return { wrong: unusable };
  const triple = cleanTriple(id, parts, source, notices);
  const wrong = findWrongParts(triple);
  return wrong.length > 0 ? { wrong } : triple;
}

type Groups = Record<string, Parts>;

type Scan = {
  /** In the order of their IDs. */
  readonly groups: readonly { readonly id: string; readonly parts: Parts }[];
  readonly nameless: readonly string[];
};

function scan(source: Source): Scan {
  const groups: Groups = Object.create(null);
  const nameless: string[] = [];
  for (const name of Object.keys(source.variables)) {
    const value = source.variables[name];
    if (!value || !name.includes(INFIX.slice(1))) continue;
    const end = name.lastIndexOf(INFIX);
    const id = name.slice(0, Math.max(end, 0));
    const part = name.slice(end + INFIX.length);
    if (isPart(part) && (id in groups || ID.test(id))) add(groups, id, part, value);
    else if (NAME_WITHOUT_ID.test(name)) nameless.push(name);
  }
  const ids = Object.keys(groups).sort();
  return { groups: ids.map((id) => ({ id, parts: groups[id] ?? {} })), nameless };
}

function isPart(text: string): text is Part {
  return PARTS.has(text);
}

function add(groups: Groups, id: string, part: Part, value: string): void {
  if (isBlank(part, value)) return;
  groups[id] ??= {};
  groups[id][part] = value;
}

function withoutId(name: string, source: Source): Problem {
  return {
    code: 'ID_MISSING',
    subject: subjectIn(source, name),
    what: 'has no identifier before CONTAINER_REGISTRY_',
    fix: `rename it, for example to ACME_${name.replace(/^_+/, '')}`,
  };
}

function incomplete(id: string, parts: Parts, source: Source, all: readonly Source[]): Problem {
  const missing = REQUIRED.filter((part) => parts[part] === undefined);
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

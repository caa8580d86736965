import type { Messages, Notice, Problem } from '../problem.ts';
import { cleanPart, cleanTriple, findUnusable, findWrongParts } from './clean.ts';
import {
  MAX_LENGTH,
  type Part,
  type Parts,
  REQUIRED,
  type Source,
  type Triple,
  variableName,
} from './triple.ts';

export type Discovery = Messages & {
  /** In the order of their sources, then of their IDs; the first one wins. */
  readonly triples: readonly Triple[];
  /** Every ID that has at least one part. */
  readonly ids: ReadonlySet<string>;
  /** Unusable IDs with their SERVER, but none whose PASSWORD was removed. */
  readonly broken: ReadonlyMap<string, string>;
  /** Other variables by source: some may be misspelled parts. */
  readonly others: readonly Others[];
};

export type Others = Pick<Source, 'variables'> & { readonly names: readonly string[] };

/** In a variable's name, between `ID_` and the part. */
const INFIX = 'CONTAINER_REGISTRY_';
const ID = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Finds every whole triple. The first source that holds all of an ID wins; a partial one is
 * reported even if a later source completes it, because joining sources would let a file in a
 * repository send a secret to any server. `ignore` lists IDs of other programs, in capitals.
 */
export function findTriples(sources: readonly Source[], ignore: readonly string[] = []): Discovery {
  const found = new Map<string, Triple>();
  const ids = new Set<string>();
  const broken = new Map<string, string>();
  const others: Others[] = [];
  const problems: Problem[] = [];
  const notices: Notice[] = [];
  for (const source of sources) {
    const { groups, nameless, names } = scan(source);
    const ours = [...groups.keys()].filter((id) => !ignore.includes(id.toUpperCase())).sort();
    others.push({ variables: source.variables, names });
    problems.push(...nameless.map((name) => withoutId(name, source)));
    for (const id of ours) {
      ids.add(id);
      const { parts, wrong } = findPassword(id, groups.get(id) ?? {}, source);
      const unfit = [...wrong, ...findMissing(id, parts, source, sources)];
      if (unfit.length === 0 && found.has(id)) continue;
      const made = unfit.length > 0 ? { wrong: unfit } : makeTriple(id, parts, source, notices);
      if ('wrong' in made) {
        problems.push(...made.wrong.map((problem) => ({ ...problem, id })));
        noteBroken(broken, id, parts);
      } else found.set(id, made);
    }
  }
  return { triples: [...found.values()], ids, broken, others, problems, notices };
}

/** Without PASSWORD, or a replacement for it, the triple is removed, not broken. */
function noteBroken(broken: Map<string, string>, id: string, parts: Parts): void {
  if (isThere('PASSWORD', parts)) broken.set(id, parts.SERVER ?? '');
}

/** Loaded only if another part replaces PASSWORD. */
const instead = (): typeof import('./instead.ts') => require('./instead.ts');

function findPassword(id: string, parts: Parts, source: Source) {
  return hasInstead(parts) ? instead().findInstead(id, parts, source) : { parts, wrong: [] };
}

function hasInstead(parts: Parts): boolean {
  return (parts.PASSWORD_FILE ?? parts.PASSWORD_COMMAND) !== undefined;
}

function isThere(part: Part, parts: Parts): boolean {
  return parts[part] !== undefined || (part === 'PASSWORD' && hasInstead(parts));
}

/** Checks size and encoding before it reads any part. */
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

/** Each ID's parts, names that lack an ID, and all names that are no part. */
function scan({ variables }: Source) {
  const groups = new Map<string, Parts>();
  const nameless: string[] = [];
  const names: string[] = [];
  for (const name of Object.keys(variables)) {
    const start = name.lastIndexOf(INFIX);
    const part = start < 0 ? '' : name.slice(start + INFIX.length);
    const value = variables[name];
    // Tools pass an unset secret as an empty one, so empty counts as missing.
    if (!value) continue;
    const id = name.slice(0, Math.max(0, start - 1));
    const isId = name[start - 1] === '_' && (groups.has(id) || ID.test(id));
    if (isPart(part) && isId && cleanPart(part, value) !== '') {
      const parts = groups.get(id) ?? {};
      parts[part] = value;
      groups.set(id, parts);
    } else names.push(name);
    if (isPart(part) && id === '' && /^_?C/.test(name)) nameless.push(name);
  }
  return { groups, nameless, names };
}

function isPart(text: string): text is Part {
  return Object.hasOwn(MAX_LENGTH, text);
}

function withoutId(name: string, source: Source): Problem {
  return {
    code: 'ID_MISSING',
    subject: subjectIn(source, name),
    what: 'has no identifier before CONTAINER_REGISTRY_',
    fix: `rename it, for example to ACME_${name.replace(/^_+/, '')}`,
  };
}

function findMissing(id: string, parts: Parts, source: Source, all: readonly Source[]): Problem[] {
  const missing = REQUIRED.filter((part) => !isThere(part, parts));
  const [first] = missing;
  if (first === undefined) return [];
  const others = missing.slice(1);
  const present = REQUIRED.filter((part) => isThere(part, parts));
  const isSet = `, but ${present.join(' and ')} ${present.length > 1 ? 'are' : 'is'} set`;
  const has = ({ variables }: Source) => missing.some((part) => variables[variableName(id, part)]);
  const elsewhere = all.filter((other) => other !== source && has(other));
  const names = elsewhere.map(({ name }) => name).join(' and ');
  const notJoined = `; not taken from ${names}, because all three must come from one source`;
  const what = [
    `missing${others.length > 0 ? ` (and ${others.join(', ')})` : ''}`,
    present.length > 0 ? isSet : '',
    names ? notJoined : '',
  ].join('');
  const fix = names
    ? `set SERVER, USER and PASSWORD of ${id} in one place`
    : 'set it and grant it to this repository, or remove the other parts';
  const subject = subjectIn(source, variableName(id, first));
  return [{ code: 'TRIPLE_INCOMPLETE', subject, what, fix }];
}

function subjectIn(source: Source, name: string): string {
  return source.file === undefined ? name : `${name} in ${source.name}`;
}

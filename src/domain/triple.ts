import type { Notice, Problem } from './problem.ts';

/** Where variables come from: the process environment, or one env file. */
export type Source = {
  /** As shown to the user: `environment`, or the file's path. */
  readonly name: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
};

/** SERVER, USER and PASSWORD of one ID, whole, from one source; text cleaned, server not yet understood. */
export type Triple = {
  readonly id: string;
  readonly server: string;
  readonly user: string;
  readonly password: string;
  /** Only with temporary AWS keys. */
  readonly sessionToken?: string;
  readonly source: string;
};

export type Discovery = {
  /** In the order of their IDs. */
  readonly triples: readonly Triple[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

export type Part = 'SERVER' | 'USER' | 'PASSWORD' | 'SESSION_TOKEN';
type Parts = Partial<Record<Part, string>>;

const NAME =
  /^(?<id>[A-Za-z_][A-Za-z0-9_]*)_CONTAINER_REGISTRY_(?<part>SERVER|USER|PASSWORD|SESSION_TOKEN)$/;
const NAME_WITHOUT_ID = /^_*CONTAINER_REGISTRY_(?:SERVER|USER|PASSWORD|SESSION_TOKEN)$/;
const REQUIRED = ['SERVER', 'USER', 'PASSWORD'] as const;

/** The variable that holds a part: the subject of most problems. */
export function variableName(id: string, part: Part): string {
  return `${id}_CONTAINER_REGISTRY_${part}`;
}

/**
 * Finds every whole triple. The first source that holds all of an ID wins; a partial one is reported even if a later
 * source completes it, because joining sources would let a file in a repository send a secret to any server.
 */
export function findTriples(sources: readonly Source[]): Discovery {
  const found = new Map<string, Triple>();
  const problems: Problem[] = [];
  const notices: Notice[] = [];
  for (const source of sources) {
    problems.push(...findNamesWithoutId(source));
    for (const [id, parts] of groupById(source)) {
      const missing = REQUIRED.filter((part) => parts[part] === undefined);
      if (missing.length > 0) {
        problems.push(incomplete(id, parts, missing, source, sources));
      } else if (!found.has(id)) {
        const triple = cleanTriple(id, parts as Required<Parts>, source.name, notices);
        const wrong = findWrongParts(triple);
        problems.push(...wrong);
        if (wrong.length === 0) found.set(id, triple);
      }
    }
  }
  const triples = [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { triples, problems, notices };
}

/** Every ID of which a source holds any part, whole or not: what is broken must not count as removed. */
export function findIds(sources: readonly Source[]): Set<string> {
  return new Set(sources.flatMap((source) => [...groupById(source).keys()]));
}

function groupById(source: Source): Map<string, Parts> {
  const groups = new Map<string, Parts>();
  for (const [name, value] of Object.entries(source.variables)) {
    const { id, part } = NAME.exec(name)?.groups ?? {};
    // Tools pass an unset secret on as an empty one, so empty counts as missing.
    if (id === undefined || value === undefined || isBlank(part as Part, value)) continue;
    groups.set(id, { ...groups.get(id), [part as Part]: value });
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isBlank(part: Part, value: string): boolean {
  return part === 'SERVER' || part === 'USER'
    ? unquote(value) === ''
    : withoutLineEnd(value) === '';
}

function findNamesWithoutId(source: Source): Problem[] {
  return Object.entries(source.variables)
    .filter(([name, value]) => value && NAME_WITHOUT_ID.test(name))
    .map(([name]) => ({
      code: 'ID_MISSING',
      subject: subjectIn(source, name),
      what: 'has no identifier before CONTAINER_REGISTRY_',
      fix: `rename it, for example to ACME_${name.replace(/^_+/, '')}`,
    }));
}

function incomplete(
  id: string,
  parts: Parts,
  missing: readonly Part[],
  source: Source,
  all: readonly Source[],
): Problem {
  const present = REQUIRED.filter((part) => parts[part] !== undefined);
  const elsewhere = all.filter(
    (other) => other !== source && missing.some((part) => other.variables[variableName(id, part)]),
  );
  const joined = elsewhere.map(({ name }) => name).join(' and ');
  return {
    code: 'TRIPLE_INCOMPLETE',
    subject: subjectIn(source, variableName(id, missing[0] ?? 'SERVER')),
    what: [
      `missing${missing.length > 1 ? ` (and ${missing.slice(1).join(', ')})` : ''}`,
      present.length > 0
        ? `, but ${present.join(' and ')} ${present.length > 1 ? 'are' : 'is'} set`
        : '',
      joined ? `; not taken from ${joined}, because a triple comes whole from one source` : '',
    ].join(''),
    fix: joined
      ? `set SERVER, USER and PASSWORD of ${id} in one place`
      : 'set it and grant it to this repository, or remove the other parts',
  };
}

function cleanTriple(
  id: string,
  parts: Required<Parts>,
  source: string,
  notices: Notice[],
): Triple {
  const clean = (part: Part, cleaner: (text: string) => string, what: string) => {
    const text = cleaner(parts[part]);
    if (text !== parts[part])
      notices.push({ code: 'VALUE_TRIMMED', subject: variableName(id, part), what });
    return text;
  };
  const trimmed = 'has white space or quotes around it; used without them';
  const lineEnd = 'ends with a line break; used without it';
  return {
    id,
    server: clean('SERVER', unquote, trimmed),
    user: clean('USER', unquote, trimmed),
    password: clean('PASSWORD', withoutLineEnd, lineEnd),
    ...(parts.SESSION_TOKEN === undefined
      ? {}
      : { sessionToken: clean('SESSION_TOKEN', withoutLineEnd, lineEnd) }),
    source,
  };
}

/** What config.json cannot store, or no registry can accept. */
function findWrongParts({ id, user, password }: Triple): Problem[] {
  const problems: Problem[] = [];
  if (user.includes(':')) {
    const what = 'contains ":", which no Docker configuration can store';
    problems.push({
      code: 'USER_HAS_COLON',
      subject: variableName(id, 'USER'),
      what,
      fix: 'use a user name without ":"',
    });
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(user)) {
    const what = 'contains a control character';
    const fix = 'set it again without line breaks, tabs or other invisible characters';
    problems.push({
      code: 'USER_HAS_CONTROL_CHARACTER',
      subject: variableName(id, 'USER'),
      what,
      fix,
    });
  }
  if (password.includes('\0')) {
    const what = 'contains a NUL character, which clients cut off';
    problems.push({
      code: 'PASSWORD_HAS_NUL',
      subject: variableName(id, 'PASSWORD'),
      what,
      fix: 'set it again as plain text',
    });
  }
  return problems;
}

/** Surrounding white space and one pair of equal quotes, as copied from a shell or a YAML file, say nothing. */
function unquote(text: string): string {
  const trimmed = text.trim();
  return /^(["'])(.*)\1$/s.exec(trimmed)?.[2]?.trim() ?? trimmed;
}

/** A password may end in a space; a line break at its end comes from the file or the `echo` it was made with. */
function withoutLineEnd(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}

function subjectIn(source: Source, name: string): string {
  return source.name === ENVIRONMENT ? name : `${name} in ${source.name}`;
}

/** The name of the source that is the process environment. */
export const ENVIRONMENT = 'environment';

import { distance } from 'fastest-levenshtein';
import type { Messages, Notice, Problem } from '../problem.ts';
import type { Discovery, Others } from './find.ts';
import { findOdd } from './odd.ts';
import { REQUIRED, type Triple, variableName } from './triple.ts';

type RequiredPart = (typeof REQUIRED)[number];
type NearPart = RequiredPart | 'PASSWORD_FILE' | 'PASSWORD_COMMAND';

/** A variable that is almost a part of a triple. */
type Near = {
  readonly name: string;
  readonly id: string;
  readonly part: NearPart;
  /** Whether the name lacks CONTAINER. */
  readonly isWeak: boolean;
};

const OTHER_WORDS: Readonly<Record<RequiredPart, readonly string[]>> = {
  SERVER: [
    ...['URL', 'URI', 'HOST', 'HOSTNAME', 'ENDPOINT', 'ADDRESS', 'ADDR', 'DOMAIN', 'FQDN'],
    ...['LOGIN_SERVER', 'SERVER_URL', 'SERVERURL', 'SERVER_NAME', 'REGISTRY'],
  ],
  USER: ['USERNAME', 'USER_NAME', 'USR', 'LOGIN', 'LOGIN_USER', 'ACCOUNT', 'CLIENT_ID', 'KEY_ID'],
  PASSWORD: [
    ...['PASS', 'PASSWD', 'PWD', 'PW', 'PASSPHRASE', 'TOKEN', 'ACCESS_TOKEN', 'AUTH_TOKEN', 'PAT'],
    ...['SECRET', 'CLIENT_SECRET', 'KEY', 'API_KEY', 'ACCESS_KEY', 'SECRET_KEY', 'CREDENTIAL'],
  ],
};

const INSTEAD = ['PASSWORD_FILE', 'PASSWORD_COMMAND'] as const;

/** What may follow another word for a password. */
const WAYS: Readonly<Record<(typeof INSTEAD)[number], readonly string[]>> = {
  PASSWORD_FILE: ['FILE', 'FILENAME', 'PATH'],
  PASSWORD_COMMAND: ['COMMAND', 'CMD', 'EXEC', 'SCRIPT', 'PROGRAM', 'HELPER'],
};

/** What was found in variables with the right names. */
export type Discovered = Messages &
  Pick<Discovery, 'ids' | 'others'> & { readonly desired: readonly { readonly triple: Triple }[] };

/** A bundle of its own: see hints.ts. */
export function tellNear(
  { others, ids, desired, problems, notices }: Discovered,
  ignore: readonly string[],
): Messages {
  const isIncomplete = ({ code, id }: Problem, wanted: string) =>
    code === 'TRIPLE_INCOMPLETE' && id === wanted;
  const isOpen = (id: string) =>
    !ignore.includes(id.toUpperCase()) &&
    (!ids.has(id) || problems.some((problem) => isIncomplete(problem, id)));
  const groups = others.flatMap((source) => findNear(source, isOpen));
  const told = problems.map((problem) => {
    const [, near] = groups.find(([id]) => isIncomplete(problem, id)) ?? [];
    return near ? { ...problem, fix: renameAll(near) } : problem;
  });
  const triples = new Set(desired.map(({ triple }) => triple));
  const odd = [...triples].flatMap((triple) => findOdd(triple) ?? []);
  const alone = groups.flatMap(([id, near]) => (ids.has(id) ? [] : nearNotice(near)));
  return { problems: told, notices: [...notices, ...odd, ...alone] };
}

function nearNotice(near: readonly Near[]): Notice {
  const subject = near.map(({ name }) => name).join(', ');
  const what = `${near.length > 1 ? 'are' : 'is'} almost the name of a registry secret, and not used`;
  return { code: 'NAME_NEARLY', subject, what, fix: renameAll(near) };
}

function renameAll(near: readonly Near[]): string {
  const renames = near.map(({ name, id, part }) => `${name} to ${variableName(id, part)}`);
  return `rename ${renames.join(', and ')}`;
}

/**
 * Variables that are almost those of a triple, by ID: another word for a part, a wrong letter, the
 * ID at the end, lower case, a hyphen. Two parts of an ID must be there, exact or near, and all
 * three if CONTAINER is missing (`ACME_REGISTRY_URL`), because other programs have such variables.
 */
function findNear({ variables, names }: Others, isOpen: (id: string) => boolean) {
  const groups = new Map<string, Near[]>();
  for (const name of names) {
    const near = parseNear(name);
    if (near && isOpen(near.id) && name !== variableName(near.id, near.part))
      groups.set(near.id, [...(groups.get(near.id) ?? []), near]);
  }
  return [...groups].filter(([id, near]) => {
    const isExact = (part: NearPart) => variables[variableName(id, part)];
    const isThere = (part: RequiredPart) =>
      near.some((one) => one.part.startsWith(part)) ||
      [part, ...(part === 'PASSWORD' ? INSTEAD : [])].some(isExact);
    const needed = near.some(({ isWeak }) => isWeak) ? 3 : 2;
    return REQUIRED.filter(isThere).length >= needed;
  });
}

function parseNear(name: string): Near | undefined {
  const given = name.split(/[^A-Za-z0-9]+/);
  const words = given.map((word) => word.toUpperCase());
  const isJoined = (word: string) => isNearly(word, 'CONTAINERREGISTRY');
  const at = words.findIndex((word) => isJoined(word) || isNearly(word, 'REGISTRY'));
  if (at < 0) return undefined;
  const isAfterContainer = isNearly(words[at - 1] ?? '', 'CONTAINER');
  const isWeak = !isAfterContainer && !isJoined(words[at] ?? '');
  const start = isAfterContainer ? at - 1 : at;
  const after = words.slice(at + 1);
  // If the rest is in capitals, a lower-case ID is intended and stays.
  const isCapital = given.slice(start).join('') === words.slice(start).join('');
  const before = (isCapital ? given : words).slice(0, start).join('_');
  // The ID may be at the end: CONTAINER_REGISTRY_ACME_SERVER.
  const counts = before === '' ? [2, 1].filter((count) => after.length > count) : [after.length];
  for (const count of counts) {
    const id = before || after.slice(0, -count).join('_');
    const part = partOf(after.slice(after.length - count));
    if (part) return { name, id, part, isWeak };
  }
  return undefined;
}

function partOf(words: readonly string[]): NearPart | undefined {
  if (words.length === 0) return 'SERVER';
  const text = words.join('_');
  const known = REQUIRED.find((part) => part === text || OTHER_WORDS[part].includes(text));
  return (
    known ?? insteadOf(words) ?? [...REQUIRED, ...INSTEAD].find((part) => isNearly(text, part))
  );
}

/** Another word for a password, then one for its file or command. */
function insteadOf(words: readonly string[]): NearPart | undefined {
  const last = words.at(-1) ?? '';
  const part = INSTEAD.find((one) => WAYS[one].includes(last));
  return part && partOf(words.slice(0, -1)) === 'PASSWORD' ? part : undefined;
}

/** Allows a letter or two that are wrong, missing, extra or swapped. */
function isNearly(word: string, wanted: string): boolean {
  return distance(word, wanted) <= (wanted.length < 6 ? 1 : 2);
}

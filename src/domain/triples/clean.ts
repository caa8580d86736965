import type { Notice, Problem } from '../problem.ts';
import { type Part, type Parts, type Source, type Triple, variableName } from './triple.ts';

/** What config.json cannot store, or no registry can accept. */
export function findWrongParts({ id, user, password }: Triple): Problem[] {
  const find = (isWrong: boolean, part: Part, why: Omit<Problem, 'subject'>) =>
    isWrong ? [{ ...why, subject: variableName(id, part) }] : [];
  return [
    ...find(user.includes(':'), 'USER', {
      code: 'USER_HAS_COLON',
      what: 'contains ":", which no Docker configuration can store',
      fix: 'use a user name without ":"',
    }),
    ...find(hasControlCharacter(user), 'USER', {
      code: 'USER_HAS_CONTROL_CHARACTER',
      what: 'contains a control character',
      fix: 'set it again without line breaks, tabs or other invisible characters',
    }),
    ...find(password.includes('\0'), 'PASSWORD', {
      code: 'PASSWORD_HAS_NUL',
      what: 'contains a NUL character, which clients cut off',
      fix: 'set it again as plain text',
    }),
  ];
}

/**
 * By comparison, because a pattern for it takes longer to compile than all else here takes to run.
 */
function hasControlCharacter(text: string): boolean {
  return [...text].some(
    (character) => character < ' ' || (character >= '\u007f' && character <= '\u009f'),
  );
}

/**
 * Surrounding white space and one pair of equal quotes, as copied from a shell or a YAML file, say
 * nothing.
 */
export function unquote(text: string): string {
  const trimmed = text.trim();
  return /^(["'])(.*)\1$/s.exec(trimmed)?.[2]?.trim() ?? trimmed;
}

/**
 * A password may end in a space; a line break comes from the file or the `echo` it was made with.
 */
export function withoutLineEnd(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end -= 1;
  return text.slice(0, end);
}

/** In characters; far more than any registry takes, and little enough to look at. */
const MAX_LENGTH: Readonly<Record<Part, number>> = {
  SERVER: 1024,
  USER: 1024,
  PASSWORD: 65_536,
  SESSION_TOKEN: 65_536,
  // AWS's own limits.
  ROLE_ARN: 2048,
  EXTERNAL_ID: 1224,
};

/**
 * Why a value cannot be used as it is: it is too long, or was no text before Node made one of it.
 */
export function findUnusable(part: Part, value: string): Omit<Problem, 'subject'> | undefined {
  const max = MAX_LENGTH[part];
  const fix = 'set it again, as the registry gave it to you';
  if (value.length > max) {
    return { code: 'VALUE_TOO_LONG', what: `is longer than ${max} characters`, fix };
  }
  const isText = !value.includes('\ufffd');
  return isText ? undefined : { code: 'VALUE_NOT_UTF8', what: 'is not valid UTF-8 text', fix };
}

/** A triple from its variables' text, with a notice for all that was put right. */
export function cleanTriple(
  id: string,
  parts: Required<Parts>,
  { name, file }: Source,
  notices: Notice[],
): Triple {
  const clean = (part: Part) => {
    const text = cleanPart(part, parts[part]);
    const what = isSecret(part)
      ? 'ends with a line break; used without it'
      : 'has white space or quotes around it; used without them';
    if (text !== parts[part])
      notices.push({ code: 'VALUE_TRIMMED', subject: variableName(id, part), what });
    return text;
  };
  return {
    id,
    server: clean('SERVER'),
    user: clean('USER'),
    password: clean('PASSWORD'),
    ...(parts.SESSION_TOKEN === undefined ? {} : { sessionToken: clean('SESSION_TOKEN') }),
    ...(parts.ROLE_ARN === undefined ? {} : { roleArn: clean('ROLE_ARN') }),
    ...(parts.EXTERNAL_ID === undefined ? {} : { externalId: clean('EXTERNAL_ID') }),
    source: name,
    ...(file === undefined ? {} : { file }),
  };
}

/** Tools pass an unset secret on as an empty one, so empty counts as missing. */
export function isBlank(part: Part, value: string): boolean {
  return cleanPart(part, value) === '';
}

function cleanPart(part: Part, text: string): string {
  return isSecret(part) ? withoutLineEnd(text) : unquote(text);
}

/** White space and quotes may belong to it. */
function isSecret(part: Part): boolean {
  return part === 'PASSWORD' || part === 'SESSION_TOKEN';
}

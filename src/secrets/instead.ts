import type { Problem } from '../problem.ts';
import { withoutLineEnd } from './clean.ts';
import { type FileContent, MAX_LENGTH, type Parts, type Source, variableName } from './triple.ts';

/** A bundle of its own: most triples have a PASSWORD. */

const ALL = ['PASSWORD', 'PASSWORD_FILE', 'PASSWORD_COMMAND'] as const;

/**
 * Replaces PASSWORD: reads the file's text into it, or leaves the command to the caller. No message
 * repeats a path or a command, because it may contain a secret too.
 */
export function findInstead(
  id: string,
  parts: Parts,
  { name, file, contents }: Source,
): { readonly parts: Parts; readonly wrong: readonly Problem[] } {
  const given = ALL.filter((part) => parts[part] !== undefined);
  const other = given.find((part) => part !== 'PASSWORD') ?? 'PASSWORD_FILE';
  const subject = variableName(id, other);
  const fail = (problem: Problem) => ({ parts, wrong: [problem] });
  if (file !== undefined) return fail({ ...IN_ENV_FILE, subject: `${subject} in ${name}` });
  if (given.length > 1) {
    const what = `is set, and ${given.filter((part) => part !== other).join(' and ')} too`;
    const fix = 'keep one of them, and remove the others';
    return fail({ code: 'PASSWORD_TWICE', what, fix, subject });
  }
  if (other === 'PASSWORD_COMMAND') return { parts, wrong: [] };
  const found = findText(contents?.get(subject));
  if ('what' in found) return fail({ code: 'PASSWORD_FILE_UNREADABLE', ...found, subject });
  const { PASSWORD_FILE: _, ...others } = parts;
  return { parts: { ...others, PASSWORD: found.text }, wrong: [] };
}

const IN_ENV_FILE = {
  code: 'PASSWORD_IN_ENV_FILE',
  what: 'is not used, because an env file must not name a file to read or a command to run',
  fix: 'set the three variables in the environment',
} as const;

type Unread = Pick<Problem, 'what' | 'fix'>;

function findText(content: FileContent | undefined): { readonly text: string } | Unread {
  if (!content || 'errno' in content) return tellErrno(content?.errno ?? '');
  // An editor or `echo` added the last line break.
  const text = withoutLineEnd(content.text);
  const max = MAX_LENGTH.PASSWORD;
  if (text === '') return { what: 'names a file that is empty', fix: 'put the secret into it' };
  if (text.includes('\0'))
    return { what: 'names a file that holds a NUL character', fix: 'write it again as plain text' };
  if (text.length > max)
    return {
      what: `names a file of more than ${max} characters`,
      fix: 'put only the secret into it',
    };
  return { text };
}

const ERRNO: Readonly<Record<string, string>> = {
  EINVAL: 'is not the absolute path of a file',
  ENOENT: 'names a file that does not exist',
  ENOTDIR: 'names a file that does not exist',
  EISDIR: 'names a directory',
  ENXIO: 'names something that is not a regular file',
  ELOOP: 'names a link that leads nowhere',
  EACCES: 'names a file that this user cannot read',
  ETOOBIG: 'names a file that is larger than 1 MiB',
  EILSEQ: 'names a file that is not UTF-8 text',
  EUTF16: 'names a file of UTF-16 text, not UTF-8',
};

function tellErrno(errno: string): Unread {
  const fix =
    errno === 'EACCES'
      ? 'let the user of the container read it'
      : 'set it to the absolute path of a file that holds only the secret';
  return { what: ERRNO[errno] ?? `names a file that cannot be read (${errno})`, fix };
}

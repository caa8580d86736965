import { basename, dirname } from 'node:path';
import type { Problem } from '../../problem.ts';

/** Carries a problem of the file system to the command. */
export function configError(problem: Problem): Error & { readonly problem: Problem } {
  return Object.assign(new Error(problem.code), { problem });
}

const THEN_APPLY = 'then run registry-auth apply';
const REPAIR = `repair or move the file, ${THEN_APPLY}`;
const ELSEWHERE = 'or set DOCKER_CONFIG to a directory that you can write to';
const OWN = `give it to your user (chown), ${ELSEWHERE}`;

/** What an error of the file system means for you, and how to fix it. */
const ERRNO: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: ['belongs to another user, or its permissions deny access', OWN],
  EPERM: [
    "is immutable, or another user's in a directory with the sticky bit",
    `undo that (chattr -i, chown), ${ELSEWHERE}`,
  ],
  EROFS: ['is on a read-only file system', `mount it writable, ${ELSEWHERE}`],
  ENOSPC: ['is on a full file system', `free some space, ${THEN_APPLY}`],
  EDQUOT: ['is over the disk quota', `free some space, ${THEN_APPLY}`],
  EISDIR: ['is a directory', `move the directory away, ${THEN_APPLY}`],
  ENOTDIR: ['is below something that is not a directory', `move that away, ${THEN_APPLY}`],
  EPLANTED: [
    'is a file or link that belongs neither to you nor to root',
    'remove it, or run chown on it',
  ],
  ENXIO: ['is not a regular file', 'replace it with a regular file'],
  ELOOP: ['is a symbolic link that leads in a circle', `remove the link, ${THEN_APPLY}`],
  EBUSY: [
    'is mounted as a single file, which cannot be replaced safely',
    `mount the directory DIR instead of the file, ${ELSEWHERE}`,
  ],
  EFBIG: ['is larger than the limit for files here', `raise ulimit -f, ${THEN_APPLY}`],
  LOCKED: [
    'is locked by another process, or keeps changing',
    'run registry-auth apply again; if nothing else is writing, remove FILE.lock beside it',
  ],
  EOVERSIZE: [
    'would be larger than 4 MiB, and could not be read again',
    `use fewer or shorter secrets, ${THEN_APPLY}`,
  ],
  ETOOBIG: ['is too large to be a configuration', REPAIR],
  EILSEQ: ['is not UTF-8 text', REPAIR],
  EUTF16: ['is UTF-16, not UTF-8 text', REPAIR],
};

export function fileError(
  code: 'CONFIG_NOT_READABLE' | 'CONFIG_NOT_WRITABLE',
  error: unknown,
  subject: string,
): Error & { readonly problem: Problem } {
  const { code: errno = 'unknown error' } = error as NodeJS.ErrnoException;
  const verb = code === 'CONFIG_NOT_READABLE' ? 'read' : 'written';
  const [what, fix] = ERRNO[errno] ?? [
    `cannot be ${verb} (${errno})`,
    `repair the file or its directory, ${THEN_APPLY}`,
  ];
  return configError({
    code: errno === 'LOCKED' ? 'CONFIG_BUSY' : code,
    subject,
    what: `${what}; left unchanged`,
    fix: fix.replace('FILE', basename(subject)).replace('DIR', dirname(subject)),
  });
}

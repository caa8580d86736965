import { dirname } from 'node:path';
import type { Problem } from '../problem.ts';
import type { Place } from './owner.ts';

/** Carries a problem of the file system to the command. */
export class ConfigError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** Not instanceof: each bundle has its own class. */
export function isConfigError(error: unknown): error is ConfigError {
  return error instanceof Error && 'problem' in error;
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
): ConfigError {
  const errno = (error as NodeJS.ErrnoException).code ?? '';
  const verb = code === 'CONFIG_NOT_READABLE' ? 'read' : 'written';
  const [what, fix] = ERRNO[errno] ?? [
    `cannot be ${verb} (${errno || 'unknown error'})`,
    `repair the file or its directory, ${THEN_APPLY}`,
  ];
  return new ConfigError({
    code,
    subject,
    what: `${what}; left unchanged`,
    fix: fix.replace('DIR', dirname(subject)),
  });
}

/** Why config.json cannot be written; loaded only for `status`, `check` and `logout`. */
export function readObstacle(place: {
  readonly config: string;
  readonly shown: string;
  readonly uid: number;
  readonly isForeign: boolean;
  readonly as: Place['as'];
}): Problem | undefined {
  const obstacle: typeof import('./obstacle.ts') = require('./obstacle.ts');
  const code = place.as(() => obstacle.readErrno(place.config, place));
  return code ? fileError('CONFIG_NOT_WRITABLE', { code }, place.shown).problem : undefined;
}

import type { Problem } from '../domain/problem.ts';

/** A problem of the file system, on its way to the command. */
export class ConfigError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.problem = problem;
  }
}

/** By its form, because a bundle that hands one to another has a class of its own. */
export function isConfigError(error: unknown): error is ConfigError {
  return error instanceof Error && 'problem' in error;
}

/** What a person can do about an error of the file system. */
const ERRNO: Readonly<Record<string, readonly [string, string]>> = {
  EACCES: [
    'belongs to another user or is closed to this one',
    'give it to your user (chown), or set DOCKER_CONFIG to a directory of your own',
  ],
  EPERM: [
    'may not be changed by this user',
    'give it to your user (chown), or set DOCKER_CONFIG to a directory of your own',
  ],
  EROFS: [
    'is on a read-only file system',
    'mount it writable, or set DOCKER_CONFIG to a writable directory',
  ],
  ENOSPC: ['is on a full file system', 'free some space, then run registry-auth apply'],
  EDQUOT: ['is over the disk quota', 'free some space, then run registry-auth apply'],
  EISDIR: ['is a directory', 'move the directory away, then run registry-auth apply'],
  ENOTDIR: [
    'lies below something that is no directory',
    'move that away, then run registry-auth apply',
  ],
  ENXIO: ['is no regular file', 'replace it by a regular file'],
  ELOOP: [
    'is a symbolic link that leads in a circle',
    'remove the link, then run registry-auth apply',
  ],
  EBUSY: [
    'is mounted as a single file, which cannot be replaced safely',
    'mount its directory instead of the file',
  ],
  EFBIG: [
    'is larger than any configuration',
    'repair or move the file, then run registry-auth apply',
  ],
  EILSEQ: ['is not UTF-8 text', 'repair or move the file, then run registry-auth apply'],
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
    'repair the file or its directory, then run registry-auth apply',
  ];
  return new ConfigError({ code, subject, what: `${what}; left unchanged`, fix });
}

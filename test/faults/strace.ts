import { readFileSync } from 'node:fs';
import type { Need } from '../support/needs.ts';
import { whyNot } from '../support/run.ts';

/** Whether calls of the system can be traced and disturbed here. */
export const STRACE: Need = {
  missing: whyNot('strace', ['-o', '/dev/null', '-e', 'inject=read:error=EIO:when=9999', 'true']),
};

/** Calls that change something, and those that only look; `?` where not every CPU has one. */
const CHANGING = [
  ...['openat', 'write', '?pwrite64', 'fsync', 'fchmod', 'fchown', '?rename', '?renameat'],
  ...['?renameat2', '?unlink', '?unlinkat', '?rmdir', '?mkdir', '?mkdirat', '?chmod', '?fchmodat'],
];
const LOOKING = [
  ...['read', '?pread64', 'close', 'statx', '?newfstatat', '?fstat', '?readlink', '?readlinkat'],
  ...['?access', '?faccessat', '?faccessat2', '?getdents64'],
];

/** One call of the system for our directories. */
export type SystemCall = {
  readonly name: string;
  /** Which it is of its name in the main thread, and which of those for our directories. */
  readonly when: number;
  readonly nth: number;
  readonly line: string;
};

/**
 * What looks at a file fails for fewer reasons than what changes one. A file system that is a
 * program may answer a write as if it were a pipe's.
 */
export function errorsOf({ name }: Pick<SystemCall, 'name'>): string[] {
  const isChanging = CHANGING.some((one) => one.replace('?', '') === name);
  if (!isChanging) return ['EIO', 'EACCES'];
  return ['ENOSPC', 'EIO', 'EACCES', 'EROFS', 'EMFILE', ...(name === 'write' ? ['EPIPE'] : [])];
}

/** The words of a strace that writes what it sees of these calls into a file. */
export function traceWords(log: string): string[] {
  return [...words(log, [...CHANGING, ...LOOKING]), '-y'];
}

/** The words of a strace that refuses one call, or kills the process instead of it. */
export function disturbWords(log: string, { name, when }: SystemCall, how: string): string[] {
  return [...words(log, [name]), '-y', '-e', `inject=${name}:${how}:when=${when}`];
}

/**
 * The words of a strace that stops the process once a call is done. It is no parent of ours then,
 * so that the process is known by its number.
 */
export function stopWords(log: string, system: SystemCall): string[] {
  const [strace = '', ...rest] = disturbWords(log, system, 'signal=STOP');
  return [strace, '-D', ...rest];
}

/** On arm64 they have other names. */
export const RENAME = '?rename,?renameat,?renameat2';

/** The words of a strace that holds a process up before one of these calls. */
export function delayWords(names: string, ms: number, when = '1+'): string[] {
  return [
    'strace',
    '-o',
    '/dev/null',
    '-e',
    `inject=${names}:delay_enter=${ms * 1000}:when=${when}`,
  ];
}

/**
 * Without -f only the main thread is seen, in which alone we write and read; with --seccomp-bpf no
 * signal would come.
 */
function words(log: string, names: readonly string[]): string[] {
  return ['strace', '-o', log, '-e', `trace=${names.join(',')}`];
}

/** The calls that have to do with our directories. */
export function readTrace(log: string, home: string): SystemCall[] {
  const all = new Map<string, number>();
  const ours = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts.get(name) ?? 0;
  };
  return entriesOf(log).flatMap(({ name, line }) => {
    const when = count(all, name);
    return isAboutUs(line, home) ? [{ name, when, nth: count(ours, name), line }] : [];
  });
}

/** Whether the call that was meant was reached, and not another one, of ours or of Node's own. */
export function wasReached(log: string, home: string, { name, when, nth }: SystemCall): boolean {
  return readTrace(log, home).some(
    (one) => one.name === name && one.when === when && one.nth === nth,
  );
}

function entriesOf(log: string): { name: string; line: string }[] {
  const lines = readFileSync(log, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, name] = /^(\w+)\(/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, line }];
  });
}

/**
 * By a path, or by an open file's. A path through an open directory of ours has only its number.
 */
function isAboutUs(line: string, home: string): boolean {
  return line.includes(home) || line.includes('"/proc/self/fd/');
}

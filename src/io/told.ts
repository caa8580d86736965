import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checksum, toHex } from '../dockerconfig/checksum.ts';
import type { Messages, Notice } from '../problem.ts';
import { readIfThere } from './bounded-read.ts';
import type { TokenCache } from './token-cache.ts';

/** Prefix of the files' names. */
const TOLD = 'told-';

/** Checksums of the messages shown since the start, in memory, which a restart clears. */
export type Told = { readonly file: string; readonly sums: ReadonlySet<string> };

/** `isFirst` if no hook of this start can have shown any message. */
export function readTold({ directory }: TokenCache, place: string, isFirst: boolean): Told {
  const file = join(directory, `${TOLD}${sumOf(place)}`);
  const text = isFirst ? undefined : readIfThere(file);
  return { file, sums: new Set(text?.split('\n')) };
}

/** Messages not shown since the start. */
export function findNew({ problems, notices }: Messages, { sums }: Told): Messages {
  const isNew = (one: Notice) => !sums.has(sumOfMessage(one));
  return { problems: problems.filter(isNew), notices: notices.filter(isNew) };
}

/** A message appears once between two starts, even if a hook in between did not have it. */
export function writeTold({ file, sums }: Told, { problems, notices }: Messages): void {
  const all = new Set([...sums, ...[...problems, ...notices].map(sumOfMessage)]);
  try {
    // Never through a link or into another user's file: the directory is ours alone.
    rmSync(file, { force: true });
    writeFileSync(file, [...all].join('\n'), { flag: 'wx', mode: 0o600 });
  } catch {
    // Then the next hook shows it again.
  }
}

function sumOfMessage({ code, subject, what }: Notice): string {
  return sumOf(`${code} ${subject} ${what}`);
}

function sumOf(text: string): string {
  return toHex(checksum(text));
}

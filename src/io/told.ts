import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checksum, toHex } from '../dockerconfig/checksum.ts';
import type { Messages, Notice } from '../problem.ts';
import { readIfThere } from './bounded-read.ts';
import type { TokenCache } from './token-cache.ts';

/** How the names of such files begin. */
const TOLD = 'told-';

/** Checksums of what the hooks of one start have told: in memory, which a restart clears. */
export type Told = { readonly file: string; readonly sums: ReadonlySet<string> };

/** `isFirst` where no hook of this start can have told anything. */
export function readTold({ directory }: TokenCache, place: string, isFirst: boolean): Told {
  const file = join(directory, `${TOLD}${sumOf(place)}`);
  const text = isFirst ? undefined : readIfThere(file);
  return { file, sums: new Set(text?.split('\n')) };
}

/** What no hook of this start has told yet. */
export function findNew({ problems, notices }: Messages, { sums }: Told): Messages {
  const isNew = (one: Notice) => !sums.has(sumOfMessage(one));
  return { problems: problems.filter(isNew), notices: notices.filter(isNew) };
}

/** What was told once stays told until the next start, even if a hook between had no such problem. */
export function writeTold({ file, sums }: Told, { problems, notices }: Messages): void {
  const all = new Set([...sums, ...[...problems, ...notices].map(sumOfMessage)]);
  try {
    // Never through a link, and never into another user's file: the directory is ours alone.
    rmSync(file, { force: true });
    writeFileSync(file, [...all].join('\n'), { flag: 'wx', mode: 0o600 });
  } catch {
    // Then the next hook tells it again.
  }
}

function sumOfMessage({ code, subject, what }: Notice): string {
  return sumOf(`${code} ${subject} ${what}`);
}

function sumOf(text: string): string {
  return toHex(checksum(text));
}

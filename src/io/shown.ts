import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt } from '../attempt.ts';
import { checksum, toHex } from '../dockerconfig/checksum.ts';
import type { Messages, Notice } from '../problem.ts';
import { readIfThere } from './files/bounded-read.ts';
import type { TokenCache } from './token-cache.ts';

/** How the names of its files begin. */
export const SHOWN = 'shown-';

/**
 * Returns the messages that were not shown since the start, and records them as shown: checksums
 * in memory, which a restart clears. A message appears once between two starts, even if a hook in
 * between did not have it. `isFirst` if no hook of this start can have shown any.
 */
export function takeNew(
  { problems, notices }: Messages,
  { directory }: TokenCache,
  place: string,
  isFirst: boolean,
): Messages {
  const file = join(directory, SHOWN + sumOf(place));
  const text = isFirst ? undefined : readIfThere(file);
  const shown = new Set(text?.split('\n'));
  const isNew = (one: Notice) => !shown.has(sumOfMessage(one));
  const found = { problems: problems.filter(isNew), notices: notices.filter(isNew) };
  const all = [...shown, ...[...found.problems, ...found.notices].map(sumOfMessage)];
  // If it fails, the next hook shows it again.
  attempt(() => {
    // Never through a link or into another user's file: the directory is ours alone.
    rmSync(file, { force: true });
    writeFileSync(file, all.join('\n'), { flag: 'wx', mode: 0o600 });
  });
  return found;
}

function sumOfMessage({ code, subject, what }: Notice): string {
  return sumOf(`${code} ${subject} ${what}`);
}

function sumOf(text: string): string {
  return toHex(checksum(text));
}

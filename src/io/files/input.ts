import { readSync } from 'node:fs';
import { isErrno, pause } from './descriptor.ts';

/** Larger than any login. */
const MAX_BYTES = 64 << 10;

/** Why we cannot read standard input; the message ends a sentence. */
export class InputError extends Error {}

/** Reads all of standard input, even from a slow pipe that does not block. */
export function readInput(): string {
  const bytes = Buffer.allocUnsafe(MAX_BYTES + 1);
  let total = 0;
  while (total <= MAX_BYTES) {
    try {
      const count = readSync(0, bytes, total, bytes.length - total, null);
      if (count === 0) return bytes.toString('utf8', 0, total);
      total += count;
    } catch (error) {
      if (!isErrno(error, 'EAGAIN'))
        throw new InputError(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
      pause(5);
    }
  }
  throw new InputError('is longer than 64 KiB');
}

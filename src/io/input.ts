import { readSync } from 'node:fs';
import { isErrno, pause } from './descriptor.ts';

/** Larger than any login. */
const MAX_BYTES = 64 << 10;

/** Why we cannot read standard input; the message ends a sentence. */
export class InputError extends Error {}

/** Reads all of standard input, even from a slow pipe that does not block. */
export function readInput(): string {
  const bytes = Buffer.allocUnsafe(MAX_BYTES + 1);
  for (let total = 0; ; ) {
    const count = readSome(bytes, total);
    if (count === 0) return bytes.toString('utf8', 0, total);
    total += count;
    if (total > MAX_BYTES) throw new InputError('is longer than 64 KiB');
  }
}

function readSome(bytes: Buffer, start: number): number {
  for (;;) {
    try {
      return readSync(0, bytes, start, bytes.length - start, null);
    } catch (error) {
      if (!isErrno(error, 'EAGAIN'))
        throw new InputError(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
      pause(5);
    }
  }
}

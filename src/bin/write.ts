import { writeSync } from 'node:fs';

/**
 * Writes all of the text to a descriptor. process.stdout would do it too, and take a tenth of the
 * time that Node needs to start, for streams that nobody here needs.
 */
export function writeAll(descriptor: 1 | 2, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Whoever reads the other end has gone, or is slow and the pipe does not block.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

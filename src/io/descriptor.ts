import { closeSync, writeSync } from 'node:fs';

/**
 * Writes all of the text to a descriptor: of a file, or 1 or 2. Node's streams would do it too,
 * and take a tenth of the time that Node needs to start, for what nobody here needs. Throws the
 * system's error; 1 and 2 wait for a slow reader, and are silent where there is none any more.
 */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (descriptor > 2) throw error;
      // Whoever reads the other end has gone, or is slow and the pipe does not block.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** Closes what has done its work, so that an error takes nothing away from that. */
export function closeAfter(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Linux lets go of it all the same, as close(2) says.
  }
}

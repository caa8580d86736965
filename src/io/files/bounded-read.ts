import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  type Stats,
} from 'node:fs';
import { attempt } from '../../attempt.ts';
import { fault } from './real-path.ts';

/** Larger than any file of ours, dotenv's or npm's; a config.json may be larger. */
const MAX_BYTES = 1 << 20;

/** 4 MiB, larger than any real configuration: we neither read nor write more. */
export const MAX_CONFIG_BYTES = 4_194_304;

/**
 * Reads a regular text file, and never more than `maxBytes` of it: a repository or another user may
 * have put an endless file there, or a pipe without a writer. Throws the file system's error, or
 * one with the code EISDIR, ENXIO (no regular file), ETOOBIG, EILSEQ (not UTF-8) or EUTF16.
 */
export function readBounded(
  path: string,
  maxBytes = MAX_BYTES,
): { readonly text: string; readonly stat: Stats } {
  const { bytes, stat } = readBytes(path, maxBytes);
  const text = bytes.toString('utf8');
  // Not isUtf8 of node:buffer, which takes longer to load than most files to read.
  const isUtf8 = !text.includes('\ufffd') || bytes.equals(Buffer.from(text));
  if (!isUtf8) throw fault((bytes[0] ?? 0) < 0xfe ? 'EILSEQ' : 'EUTF16');
  return { text, stat };
}

/** The same for any bytes. */
export function readBytes(path: string, maxBytes: number) {
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw fault(stat.isDirectory() ? 'EISDIR' : 'ENXIO');
    return { bytes: readUpTo(descriptor, Math.min(stat.size, maxBytes) + 1, maxBytes), stat };
  } finally {
    closeSync(descriptor);
  }
}

/** The text of a file; undefined if there is none or it cannot be read. */
export function readIfThere(path: string, maxBytes?: number): string | undefined {
  // Throwing an error takes longer than looking first.
  return existsSync(path) ? attempt(() => readBounded(path, maxBytes).text) : undefined;
}

/** Does not rely on the size: a file in /proc has none, and another may grow. */
function readUpTo(descriptor: number, expected: number, maxBytes: number): Buffer {
  let bytes = Buffer.allocUnsafe(expected);
  let total = 0;
  for (;;) {
    if (total === bytes.length) bytes = Buffer.concat([bytes], 2 * total + 4096);
    const count = readSync(descriptor, bytes, total, bytes.length - total, null);
    if (count === 0) return bytes.subarray(0, total);
    total += count;
    if (total > maxBytes) throw fault('ETOOBIG');
  }
}

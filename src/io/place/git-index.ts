import { attempt } from '../../attempt.ts';
import { readBytes } from '../files/bounded-read.ts';

/** More than a million files. */
const MAX_BYTES = 128 << 20;

/**
 * Whether git's index has a file (gitformat-index(5)). We never start git, because it runs what a
 * repository's configuration names. A bundle of its own.
 */
export function isInIndex(path: string, file: string): boolean {
  const index = attempt(() => readBytes(path, MAX_BYTES).bytes);
  return index !== undefined && hasName(index, Buffer.from(`${file}\0`));
}

/** Whether an index has an entry of this name, which ends in NUL. */
function hasName(index: Buffer, name: Buffer): boolean {
  if (index.length < 12 || index.toString('latin1', 0, 4) !== 'DIRC') return false;
  // A hash has 20 bytes, or 32.
  if (index.readUInt32BE(4) === 4) return [20, 32].some((size) => hasPacked(index, name, size));
  const length = Math.min(name.length - 1, 0xfff);
  const isLengthAt = (at: number) => (index.readUInt16BE(at) & 0xfff) === length;
  for (let at = index.indexOf(name, 12); at >= 0; at = index.indexOf(name, at + 1))
    // Version 3 has flags between the length and the name.
    if (at >= 52 && (isLengthAt(at - 2) || isLengthAt(at - 4))) return true;
  return false;
}

/**
 * Version 4 stores only how a name's end differs from the previous name. We do not build names, but
 * count how much of each equals the wanted one, in time linear in the file's size.
 */
function hasPacked(index: Buffer, name: Buffer, hashSize: number): boolean {
  const wanted = name.subarray(0, -1);
  let [length, same, at] = [0, 0, 12];
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    at += 40 + hashSize;
    if (at + 6 > index.length) return false;
    at += (index.readUInt16BE(at) & 0x4000) === 0 ? 2 : 4;
    const strip = readNumber(index, at);
    at += strip.size;
    const end = index.indexOf(0, at);
    if (end < 0 || strip.value > length) return false;
    const kept = length - strip.value;
    length = kept + end - at;
    same = Math.min(same, kept);
    while (same >= kept && index[at + same - kept] === wanted[same]) same += 1;
    if (same === length && same === wanted.length) return true;
    at = end + 1;
  }
  return false;
}

/** By gitformat-index(5): seven bits a byte, the highest first, and each further byte adds one. */
function readNumber(index: Buffer, at: number): { readonly value: number; readonly size: number } {
  let size = 1;
  let byte = index[at] ?? 0;
  let value = byte & 0x7f;
  while (byte & 0x80 && value < MAX_BYTES) {
    byte = index[at + size] ?? 0;
    value = (value + 1) * 128 + (byte & 0x7f);
    size += 1;
  }
  return { value, size };
}

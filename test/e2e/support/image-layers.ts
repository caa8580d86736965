import { createReadStream } from 'node:fs';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createGunzip } from 'node:zlib';
import { runOrThrow } from '../../support/run.ts';
import { type Search, type Secrets, searchFor } from '../../support/secrets.ts';
import { dockerOrThrow } from './engine.ts';
import { readyState } from './state.ts';

/** A place where a secret was found, and which in what form, in words that don't repeat it. */
export type Leak = { readonly where: string; readonly what: string };

/** Searches configuration and every layer of an image, byte for byte. */
export async function findLeaksInImage(image: string, secrets: Secrets): Promise<Leak[]> {
  const state = readyState();
  const folder = await mkdtemp(join(state.dir, 'tmp', 'image-'));
  try {
    await dockerOrThrow(state, ['save', '--output', join(folder, 'image.tar'), image]);
    await runOrThrow('tar', ['-xf', 'image.tar'], { cwd: folder, timeoutMs: 120_000 });
    await rm(join(folder, 'image.tar'));
    return await findLeaksInFolder(folder, secrets);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Commits a container, as a prebuild does, and gives the image's name; it goes with the run if not
 * before.
 */
export async function takeSnapshot(containerId: string): Promise<string> {
  const state = readyState();
  const image = `${state.run}/snapshot:${containerId.slice(0, 12)}`;
  await dockerOrThrow(state, ['commit', containerId, image]);
  return image;
}

/** Commits a container as a prebuild's snapshot does, and searches what came of it. */
export async function findLeaksInSnapshot(containerId: string, secrets: Secrets): Promise<Leak[]> {
  const image = await takeSnapshot(containerId);
  try {
    return await findLeaksInImage(image, secrets);
  } finally {
    await dockerOrThrow(readyState(), ['rmi', image]);
  }
}

async function findLeaksInFolder(folder: string, secrets: Secrets): Promise<Leak[]> {
  const search = searchFor(secrets);
  const leaks: Leak[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const where = relative(folder, file);
    for (const what of await findLeaksInFile(file, search)) leaks.push({ where, what });
  }
  return leaks;
}

async function findLeaksInFile(file: string, { findIn, overlap }: Search): Promise<Set<string>> {
  const found = new Set<string>();
  let rest = Buffer.alloc(0);
  const stream = createReadStream(file, { highWaterMark: 4 * 1024 * 1024 });
  // A layer inside `docker save` is a plain tar; with containerd's store it is a gzip of one.
  for await (const chunk of (await isGzip(file)) ? stream.pipe(createGunzip()) : stream) {
    const window = Buffer.concat([rest, chunk]);
    for (const what of findIn(window)) found.add(what);
    // What lies across two chunks is found in the second one's window.
    rest = Buffer.from(window.subarray(Math.max(0, window.length - overlap)));
  }
  return found;
}

async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
  await handle.close();
  return buffer[0] === 0x1f && buffer[1] === 0x8b;
}

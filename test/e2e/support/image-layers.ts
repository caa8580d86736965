import { createReadStream } from 'node:fs';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createGunzip } from 'node:zlib';
import { runOrThrow } from '../../support/run.ts';
import { dockerOrThrow } from './engine.ts';
import { readyState } from './state.ts';

/** A place where a secret was found, in words that don't repeat it. */
export type Leak = { readonly where: string; readonly form: string };

type Form = { readonly form: string; readonly bytes: Buffer };

/** Searches configuration and every layer of an image, byte for byte. */
export async function findLeaksInImage(
  image: string,
  secrets: Readonly<Record<string, string>>,
): Promise<Leak[]> {
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

/** Commits a container, as a prebuild does, and gives the image's name; it goes with the run if not before. */
export async function takeSnapshot(containerId: string): Promise<string> {
  const state = readyState();
  const image = `${state.run}/snapshot:${containerId.slice(0, 12)}`;
  await dockerOrThrow(state, ['commit', containerId, image]);
  return image;
}

/** Commits a container as a prebuild's snapshot does, and searches what came of it. */
export async function findLeaksInSnapshot(
  containerId: string,
  secrets: Readonly<Record<string, string>>,
): Promise<Leak[]> {
  const image = await takeSnapshot(containerId);
  try {
    return await findLeaksInImage(image, secrets);
  } finally {
    await dockerOrThrow(readyState(), ['rmi', image]);
  }
}

/** Searches a text: a log, a command's output. */
export function findLeaksInText(text: string, secrets: Readonly<Record<string, string>>): string[] {
  return secretForms(secrets)
    .filter(({ bytes }) => Buffer.from(text).includes(bytes))
    .map(({ form }) => form);
}

async function findLeaksInFolder(
  folder: string,
  secrets: Readonly<Record<string, string>>,
): Promise<Leak[]> {
  const forms = secretForms(secrets);
  const leaks: Leak[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const where = relative(folder, file);
    for (const form of await findForms(file, forms)) leaks.push({ where, form });
  }
  return leaks;
}

async function findForms(file: string, forms: readonly Form[]): Promise<Set<string>> {
  const found = new Set<string>();
  const overlap = Math.max(...forms.map(({ bytes }) => bytes.length)) - 1;
  let rest = Buffer.alloc(0);
  const stream = createReadStream(file, { highWaterMark: 4 * 1024 * 1024 });
  // A layer inside `docker save` is a plain tar or, from an engine with containerd's store, a gzip of one.
  for await (const chunk of (await isGzip(file)) ? stream.pipe(createGunzip()) : stream) {
    const window = Buffer.concat([rest, chunk]);
    for (const { form, bytes } of forms) if (window.includes(bytes)) found.add(form);
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

/** Each secret as it is, as JSON and as a URL hold it, and its base64 wherever it begins in a longer text. */
export function secretForms(secrets: Readonly<Record<string, string>>): Form[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const texts = {
      [`${name} in a URL`]: encodeURIComponent(secret),
      [`${name} in JSON`]: JSON.stringify(secret).slice(1, -1),
      [`${name} as it is`]: secret,
      [`${name} in base64`]: base64Inside(secret, 0),
      [`${name} in base64, after one byte`]: base64Inside(secret, 1),
      [`${name} in base64, after two bytes`]: base64Inside(secret, 2),
    };
    // A plain secret looks the same in several of them: search for it once.
    const forms = new Map(Object.entries(texts).map(([form, text]) => [text, form]));
    return [...forms].map(([text, form]) => ({ form, bytes: Buffer.from(text) }));
  });
}

/** The base64 characters that hold nothing but the secret, when it begins `offset` bytes after a multiple of three. */
function base64Inside(secret: string, offset: number): string {
  const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const first = Math.ceil((offset * 8) / 6);
  const end = Math.floor((text.length * 8) / 6);
  return text.toString('base64').slice(first, end);
}

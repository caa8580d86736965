import { sha256 } from './token-registry-content.ts';

/** Where an image goes, and the header that lets us put it there. */
export type Shelf = { readonly host: string; readonly authorization: string };

/** Puts the smallest image there is into a registry: a configuration, and no layer. */
export async function publishTiny(shelf: Shelf, name: string, tag: string): Promise<void> {
  const config = Buffer.from('{"architecture":"amd64","os":"linux","rootfs":{"type":"layers"}}');
  const started = await send(shelf, 'POST', `http://${shelf.host}/v2/${name}/blobs/uploads/`);
  const place = new URL(started.headers.get('location') ?? '', `http://${shelf.host}`);
  place.searchParams.set('digest', sha256(config));
  await send(shelf, 'PUT', place.href, config, 'application/octet-stream');
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const descriptor = {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    digest: sha256(config),
    size: config.length,
  };
  const manifest = { schemaVersion: 2, mediaType, config: descriptor, layers: [] };
  const body = Buffer.from(JSON.stringify(manifest));
  await send(shelf, 'PUT', `http://${shelf.host}/v2/${name}/manifests/${tag}`, body, mediaType);
}

async function send(
  { authorization: Authorization }: Shelf,
  method: string,
  url: string,
  body?: Buffer,
  type = '',
): Promise<Response> {
  const headers = { Authorization, 'Content-Type': type };
  const response = await fetch(url, { method, headers, ...(body ? { body } : {}) });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status}`);
  return response;
}

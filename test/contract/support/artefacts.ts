import { gzipSync } from 'node:zlib';
import type { TokenRegistry } from '../../support/token-registry.ts';
import { sha256 } from '../../support/token-registry-content.ts';

/** An empty tar: two blocks of zeros. */
const TAR = Buffer.alloc(1024);

/** In Docker's own format: `docker manifest` of Debian 12 knows no other. */
const IMAGE = {
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: {
    mediaType: 'application/vnd.docker.container.image.v1+json',
    content: JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [sha256(TAR)] },
    }),
  },
  layers: [
    { mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip', content: gzipSync(TAR) },
  ],
};

const FEATURE = {
  config: { mediaType: 'application/vnd.devcontainers', content: '{}' },
  layers: [{ mediaType: 'application/vnd.devcontainers.layer.v1+tar', content: TAR }],
  annotations: { 'dev.containers.metadata': '{"id":"feature","version":"1.0.0"}' },
};

/** The tag of everything that is published here. */
export const TAG = '1.0.0';

/**
 * Publishes an image that every engine can pull, and a Feature, below a namespace: `team/image`,
 * `team/feature`.
 */
export function publishBoth(registry: TokenRegistry, namespace: string): void {
  registry.publish(`${namespace}/image`, TAG, IMAGE);
  registry.publish(`${namespace}/feature`, TAG, FEATURE);
}

/** Every provider, a file each. Their hosts differ, so their order does not matter. */
export { acr } from './acr.ts';
export { dockerHub } from './docker-hub.ts';
export { ecr } from './ecr/provider.ts';
export { ghcr } from './ghcr.ts';
export { gitlab } from './gitlab.ts';
export { google } from './google/provider.ts';
export { others } from './others.ts';

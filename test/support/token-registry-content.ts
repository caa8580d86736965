import { createHash, randomUUID } from 'node:crypto';

/**
 * What the registry holds under one name; nothing is shared between names, so a token for one opens
 * no other.
 */
export interface Repository {
  blobs: Map<string, Buffer>;
  manifests: Map<string, Manifest>;
  tags: Map<string, string>;
  uploads: Map<string, Buffer[]>;
}

export interface Manifest {
  mediaType: string;
  bytes: Buffer;
}

/** One blob of an artefact to publish. */
export interface Part {
  mediaType: string;
  content: string | Uint8Array;
  annotations?: Record<string, string>;
}

export interface Artefact {
  /** Of the manifest; OCI's where nothing else is said. */
  mediaType?: string;
  artifactType?: string;
  config?: Part;
  layers: Part[];
  annotations?: Record<string, string>;
}

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
}

/** An answer other than success, in the terms of the OCI distribution spec ("Error Codes"). */
export class RegistryError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY_CONFIG: Part = { mediaType: 'application/vnd.oci.empty.v1+json', content: '{}' };

export function createRepository(): Repository {
  return { blobs: new Map(), manifests: new Map(), tags: new Map(), uploads: new Map() };
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Stores a blob; a digest that the bytes do not have is refused. */
export function putBlob(repository: Repository, bytes: Buffer, expected?: string): string {
  const digest = sha256(bytes);
  if (expected !== undefined && expected !== digest)
    throw new RegistryError(400, 'DIGEST_INVALID', 'the content has another digest');
  repository.blobs.set(digest, bytes);
  return digest;
}

/** Stores a manifest under its digest and, unless the reference is a digest, under that tag. */
export function putManifest(repository: Repository, reference: string, manifest: Manifest): string {
  const digest = sha256(manifest.bytes);
  if (reference.includes(':') && reference !== digest)
    throw new RegistryError(400, 'DIGEST_INVALID', 'the manifest has another digest');
  for (const part of partsOf(manifest.bytes)) {
    if (!repository.blobs.has(part) && !repository.manifests.has(part))
      throw new RegistryError(404, 'MANIFEST_BLOB_UNKNOWN', `${part} was not uploaded`);
  }
  repository.manifests.set(digest, manifest);
  if (reference !== digest) repository.tags.set(reference, digest);
  return digest;
}

/** Finds a manifest by tag or digest. */
export function findManifest(repository: Repository, reference: string): Manifest | undefined {
  return repository.manifests.get(repository.tags.get(reference) ?? reference);
}

/** Stores a whole artefact and returns the digest of its manifest. */
export function putArtefact(repository: Repository, tag: string, artefact: Artefact): string {
  const store = (part: Part): Descriptor => {
    const bytes = Buffer.from(part.content);
    const descriptor = {
      mediaType: part.mediaType,
      digest: putBlob(repository, bytes),
      size: bytes.length,
    };
    return part.annotations ? { ...descriptor, annotations: part.annotations } : descriptor;
  };
  const { mediaType = OCI_MANIFEST, artifactType, config = EMPTY_CONFIG } = artefact;
  const { layers, annotations } = artefact;
  // JSON leaves out what is undefined.
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      artifactType,
      config: store(config),
      layers: layers.map(store),
      annotations,
    }),
  );
  return putManifest(repository, tag, { mediaType, bytes });
}

/** Opens an upload and returns its identifier. */
export function startUpload(repository: Repository): string {
  const id = randomUUID();
  repository.uploads.set(id, []);
  return id;
}

/** Appends a chunk and returns the number of bytes received so far. */
export function appendUpload(repository: Repository, id: string, chunk: Buffer): number {
  const chunks = findUpload(repository, id);
  chunks.push(chunk);
  return chunks.reduce((total, { length }) => total + length, 0);
}

/** Ends an upload: the chunks become a blob. */
export function finishUpload(repository: Repository, id: string, expected: string): string {
  const bytes = Buffer.concat(findUpload(repository, id));
  repository.uploads.delete(id);
  return putBlob(repository, bytes, expected);
}

function findUpload(repository: Repository, id: string): Buffer[] {
  const chunks = repository.uploads.get(id);
  if (!chunks) throw new RegistryError(404, 'BLOB_UPLOAD_UNKNOWN', 'no such upload');
  return chunks;
}

/** Digests that a manifest or an index refers to. */
function partsOf(bytes: Buffer): string[] {
  try {
    const { config, layers = [], manifests = [] } = JSON.parse(bytes.toString());
    return [config, ...layers, ...manifests].filter(Boolean).map(({ digest }) => digest);
  } catch {
    throw new RegistryError(400, 'MANIFEST_INVALID', 'the manifest is no JSON of a known shape');
  }
}

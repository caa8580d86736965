import type { IncomingMessage } from 'node:http';
import { type Access, authorise, issueToken, Refusal } from './token-registry-access.ts';
import {
  appendUpload,
  createRepository,
  findManifest,
  finishUpload,
  putManifest,
  RegistryError,
  type Repository,
  sha256,
  startUpload,
} from './token-registry-content.ts';

/** A request, read to its end. */
export interface Call {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Who was let in. */
  user?: string;
}

/** All that an answer depends on. */
export interface State {
  access: Access;
  repositories: Map<string, Repository>;
}

/** Answers one request; refusals and failures take the error shape of the OCI distribution spec. */
export function answer(state: State, call: Call): Answer {
  try {
    return call.url.pathname === '/token' ? answerToken(state, call) : answerApi(state, call);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const headers: Record<string, string> = { 'Content-Type': 'application/json' };
    if (error instanceof Refusal) headers['WWW-Authenticate'] = error.challenge;
    const errors = [{ code: error.code, message: error.message }];
    return { status: error.status, headers, body: JSON.stringify({ errors }) };
  }
}

function answerToken({ access }: State, { method, url, headers }: Call): Answer {
  // Clients that try the OAuth2 form (POST) first take 404 as "use GET".
  if (method !== 'GET' || access.scheme === 'basic') throw notFound();
  const { user, body } = issueToken(access, headers.authorization, url.searchParams);
  return { ...json(body), user };
}

const ROUTE =
  /^\/v2\/(?<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)\/(?<kind>manifests|blobs|tags)\/(?<rest>.+)$/;

function answerApi({ access, repositories }: State, call: Call): Answer {
  const { name, kind, rest = '' } = ROUTE.exec(call.url.pathname)?.groups ?? {};
  const isRead = call.method === 'GET' || call.method === 'HEAD';
  const need = name
    ? { repository: name, actions: isRead ? ['pull' as const] : ['pull' as const, 'push' as const] }
    : { actions: [] };
  const user = authorise(access, call.headers.authorization, need);
  if (call.url.pathname === '/v2/') return { ...json({}), user };
  if (!name) throw notFound();
  const repository = isRead ? repositories.get(name) : openRepository(repositories, name);
  if (!repository) throw new RegistryError(404, 'NAME_UNKNOWN', 'no such repository');
  if (kind === 'tags') return { ...listTags(name, repository, rest), user };
  if (kind === 'manifests') return { ...answerManifest(name, repository, rest, call), user };
  if (isRead) return { ...answerBlob(repository, rest), user };
  return { ...answerUpload(name, repository, rest, call), user };
}

function listTags(name: string, repository: Repository, rest: string): Answer {
  if (rest !== 'list') throw notFound();
  return json({ name, tags: [...repository.tags.keys()].sort() });
}

function answerManifest(
  name: string,
  repository: Repository,
  reference: string,
  call: Call,
): Answer {
  if (call.method === 'PUT') {
    const mediaType = call.headers['content-type'] ?? '';
    const digest = putManifest(repository, reference, { mediaType, bytes: call.body });
    return created(`/v2/${name}/manifests/${digest}`, digest);
  }
  if (call.method !== 'GET' && call.method !== 'HEAD') throw unsupported();
  const manifest = findManifest(repository, reference);
  if (!manifest) throw new RegistryError(404, 'MANIFEST_UNKNOWN', 'no such manifest');
  return content(manifest.bytes, manifest.mediaType);
}

function answerBlob(repository: Repository, digest: string): Answer {
  const bytes = repository.blobs.get(digest);
  if (!bytes) throw new RegistryError(404, 'BLOB_UNKNOWN', 'no such blob');
  return content(bytes, 'application/octet-stream');
}

/** POST opens an upload, PATCH appends, PUT ends it; POST with a digest does all in one. */
function answerUpload(name: string, repository: Repository, rest: string, call: Call): Answer {
  const isStart = call.method === 'POST' && /^uploads\/?$/.test(rest);
  if (!rest.startsWith('uploads') || !(isStart || /^(?:PATCH|PUT)$/.test(call.method)))
    throw unsupported();
  const id = isStart ? startUpload(repository) : rest.slice('uploads/'.length);
  const received = appendUpload(repository, id, call.body);
  const expected = call.url.searchParams.get('digest');
  if (expected !== null && call.method !== 'PATCH') {
    const digest = finishUpload(repository, id, expected);
    return created(`/v2/${name}/blobs/${digest}`, digest);
  }
  if (call.method === 'PUT') throw new RegistryError(400, 'DIGEST_INVALID', 'no digest given');
  const range = `0-${Math.max(0, received - 1)}`;
  return { status: 202, headers: { Location: `/v2/${name}/blobs/uploads/${id}`, Range: range } };
}

/** Finds a repository by its name or begins an empty one. */
export function openRepository(repositories: Map<string, Repository>, name: string): Repository {
  const repository = repositories.get(name) ?? createRepository();
  repositories.set(name, repository);
  return repository;
}

function json(body: object): Answer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function content(body: Buffer, type: string): Answer {
  const headers = { 'Content-Type': type, 'Docker-Content-Digest': sha256(body) };
  return { status: 200, headers, body };
}

function created(location: string, digest: string): Answer {
  return { status: 201, headers: { Location: location, 'Docker-Content-Digest': digest } };
}

const notFound = () => new RegistryError(404, 'NOT_FOUND', 'no such path');
const unsupported = () => new RegistryError(405, 'UNSUPPORTED', 'no such operation');

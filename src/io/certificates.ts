import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from './bounded-read.ts';

/** Where the Docker daemon looks for a registry's own certificate authorities. */
const CERTIFICATES = '/etc/docker/certs.d';

export type Authorities = { readonly directory: string; readonly texts: readonly string[] };

/** Every `*.crt` for a `host[:port]`, as docker reads them: only for the port in the name. */
export function readAuthorities(host: string): Authorities {
  const directory = join(CERTIFICATES, host);
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith('.crt'));
    return { directory, texts: names.flatMap((name) => readIfThere(join(directory, name)) ?? []) };
  } catch {
    return { directory, texts: [] };
  }
}

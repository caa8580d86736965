import { struct } from '../dockerconfig/decode.ts';
import { HUB_HOST } from '../registries/keys.ts';
import type { Address } from '../registries/reference.ts';
import type { Lookup, Machine } from './client.ts';
import { entryAt, readClientFile } from './client-file.ts';
import { readKubeletEntry } from './entry.ts';
import { findPaths } from './paths.ts';

const FILE = /* @__PURE__ */ struct({
  auths: { HOST: /* @__PURE__ */ struct({ auth: '', username: '', password: '', email: '' }) },
  HttpHeaders: { NAME: 'TEXT' },
});

/** kubelet with docker's file, as in kind's nodes and pull secrets (docs/clients.md, kubelet). */
export function findKubelet({ host, repository = '' }: Address, machine: Machine): Lookup[] {
  const path = findPaths(machine).docker;
  const reading = { type: FILE, readEntry: readKubeletEntry, strict: 'kubelet' };
  const file = readClientFile(path, machine, reading);
  if (file.fault) return [file.fault];
  const image = `${host}/${repository}`;
  const globs = [...file.auths.keys()].map((key) => ({ key, glob: toGlob(key) }));
  const sorted = globs.sort((one, other) => (one.glob < other.glob ? 1 : -1));
  const matching = sorted.filter(({ glob }) => isMatch(glob, image));
  const isHub = host === HUB_HOST && matching.length === 0;
  const found = isHub ? sorted.filter(({ glob }) => glob === 'index.docker.io') : matching;
  return found.flatMap(({ key }) => entryAt(file, key));
}

/** Host and path, without scheme and API version. */
function toGlob(key: string): string {
  const [, host = '', path = ''] = /^(?:https?:\/\/)?([^/]*)(.*)$/.exec(key) ?? [];
  const short = /^\/v[12]\//.test(path) ? path.slice('/v1'.length) : path;
  return short === '/' ? host : host + short;
}

/** Labels may be globs; ports and the number of labels must match, and paths share a prefix. */
function isMatch(glob: string, image: string): boolean {
  const [one, other] = [split(glob), split(image)];
  return (
    one.port === other.port &&
    one.labels.length === other.labels.length &&
    one.labels.every((label, index) => matchesLabel(label, other.labels[index] ?? '')) &&
    other.path.startsWith(one.path)
  );
}

function split(address: string) {
  const [, name = '', port = '', path = ''] =
    /^(\[[^\]]*\]|[^:/]*)(?::([^/]*))?(.*)$/.exec(address) ?? [];
  return { labels: name.split('.'), port, path };
}

/** Supports only `*`, the only one in use; Go's other wildcards are literal here. */
function matchesLabel(glob: string, label: string): boolean {
  const [first = '', ...others] = glob.split('*');
  const last = others.pop();
  if (last === undefined) return glob === label;
  if (!label.startsWith(first) || !label.endsWith(last)) return false;
  const ends = others.reduce((from, part) => {
    const at = from < 0 ? -1 : label.indexOf(part, from);
    return at < 0 ? -1 : at + part.length;
  }, first.length);
  return ends >= 0 && ends + last.length <= label.length;
}

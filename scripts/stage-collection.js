/**
 * Stages a collection, a folder with src/<id> and test/<id>, out of the built Feature and
 * test/feature. `devcontainer features publish` and `features test` read one.
 *
 *     node scripts/stage-collection.js FOLDER [NAME=VALUE]…
 *
 * src also has the same Feature under the name <id>-standalone, without `installsAfter`. The dev
 * container CLI asks ghcr.io for each name in that member, which a build behind a wall cannot reach.
 *
 * `{{NAME}}` in a file of test/feature becomes VALUE, or what stands below: what a machine with
 * Docker and the network has.
 */
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { id, name } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));
const DEFAULTS = {
  NODE_IMAGE: 'mcr.microsoft.com/devcontainers/javascript-node:22',
  NODE_USER: 'node',
  BARE_IMAGE: 'mcr.microsoft.com/devcontainers/base:debian',
  BARE_USER: 'vscode',
  NODE_MIRROR: 'https://nodejs.org/dist',
  DOCKER_SOCKET: '/var/run/docker.sock',
  // Of a real registry, for the scenario docker_socket to pass.
  REGISTRY: 'registry.example.com',
  REGISTRY_USER: 'robot',
  REGISTRY_PASSWORD: 'not-a-secret',
  REGISTRY_IMAGE: 'registry.example.com/team/app:1',
};

const [folder, ...words] = process.argv.slice(2);
if (!folder) throw new Error('usage: node scripts/stage-collection.js FOLDER [NAME=VALUE]…');
const values = { ...DEFAULTS, ...Object.fromEntries(words.map((word) => word.split(/=(.*)/s))) };

const source = join(folder, 'src', id);
const standalone = join(folder, 'src', `${id}-standalone`);
const tests = join(folder, 'test', id);
// No more than that: a folder that was meant to be another one keeps what it has.
for (const part of [source, standalone, tests]) rmSync(part, { recursive: true, force: true });
cpSync(join('dist', id), source, { recursive: true });
cpSync(source, standalone, { recursive: true });
const manifest = join(standalone, 'devcontainer-feature.json');
const { installsAfter: _, ...rest } = JSON.parse(readFileSync(manifest, 'utf8'));
const renamed = { ...rest, id: `${id}-standalone`, name: `${name}, standalone` };
writeFileSync(manifest, `${JSON.stringify(renamed, null, 2)}\n`);
cpSync('test/feature', tests, { recursive: true });
for (const entry of readdirSync(tests, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath, entry.name);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/\{\{(\w+)\}\}/g, valueFor));
  if (file.endsWith('.sh')) chmodSync(file, 0o755);
}

function valueFor(_, name) {
  if (name in values) return values[name];
  throw new Error(`${name}: no such name`);
}

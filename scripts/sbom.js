/**
 * Prints the list (SPDX) of the packages that the bundles hold parts of, as `npm sbom` makes it of
 * the lock file. npm writes the time and a random name into it; here they come from the commit, so
 * that the same commit gives the same bytes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

const { devDependencies: _, ...manifest } = read('package.json');
const lock = read('package-lock.json');
// `npm sbom --omit dev` also leaves out what both a tool and a bundle depend on.
delete lock.packages[''].devDependencies;
for (const [path, { dev }] of Object.entries(lock.packages)) if (dev) delete lock.packages[path];

const folder = mkdtempSync(join(tmpdir(), 'registry-auth-sbom-'));
try {
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const options = ['--package-lock-only', '--sbom-format', 'spdx'];
  const sbom = JSON.parse(run('npm', ['sbom', ...options], folder));
  const seconds = Number(run('git', ['log', '-1', '--format=%ct'], '.'));
  const home = `https://github.com/${manifest.repository.replace('github:', '')}`;
  sbom.creationInfo.created = new Date(seconds * 1000).toISOString();
  sbom.documentNamespace = `${home}/sbom/${manifest.version}`;
  console.log(JSON.stringify(sbom, null, 2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(program, args, cwd) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', cwd });
  if (status !== 0) throw new Error(`${program} ${args[0]}: ${stderr}`);
  return stdout;
}

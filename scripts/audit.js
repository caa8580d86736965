/**
 * Asks npm's registry for advisories against what the bundles hold, and nothing else that is
 * installed here. Run after `npm run build`, in its folder. Exits 1 where there is one, and 2 where
 * the registry cannot tell: some mirrors cannot.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const META = 'build/meta';

const bundled = new Set(
  readdirSync(META).flatMap((name) => {
    const { inputs } = JSON.parse(readFileSync(join(META, name), 'utf8'));
    return Object.keys(inputs).flatMap(
      (path) =>
        /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
    );
  }),
);
const locked = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;
const packages = Object.fromEntries(
  [...bundled].sort().map((path) => [path, { version: locked[path].version }]),
);
const names = Object.entries(packages).map(([path, { version }]) => [
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
  version,
]);

const folder = mkdtempSync(join(tmpdir(), 'registry-auth-audit-'));
try {
  const root = { name: 'bundled', version: '0.0.0', dependencies: Object.fromEntries(names) };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(root));
  const lock = { ...root, lockfileVersion: 3, packages: { '': root, ...packages } };
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  const words = ['audit', '--package-lock-only', '--json', '--fetch-retries=0'];
  const { stdout } = spawnSync('npm', words, { cwd: folder, encoding: 'utf8' });
  process.exitCode = judge(JSON.parse(stdout || '{}'));
} finally {
  rmSync(folder, { recursive: true });
}

function judge({ vulnerabilities, message }) {
  if (!vulnerabilities) {
    console.error(`the registry has no advisories to ask for: ${message ?? 'npm gave no reason'}`);
    return 2;
  }
  for (const { name, via } of Object.values(vulnerabilities))
    for (const { title, url } of via.filter((one) => typeof one === 'object'))
      console.error(`${name}: ${title} (${url})`);
  const count = Object.keys(vulnerabilities).length;
  console.log(`${names.length} bundled packages, ${count} with an advisory`);
  return count > 0 ? 1 : 0;
}

/**
 * Runs a TypeScript file of this repository on any Node ≥ 20: node scripts/run.js test/demo/demo.ts
 * [argument…]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const [entry, ...args] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'registry-auth-run-'));
// Packages in CommonJS want a require.
const js = `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(${JSON.stringify(import.meta.url)});`;
try {
  const outfile = join(folder, 'run.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    banner: { js },
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // As the build does it: jsonc-parser's CommonJS cannot be bundled.
    mainFields: ['module', 'main'],
  });
  process.exitCode =
    spawnSync(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: 'inherit' })
      .status ?? 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

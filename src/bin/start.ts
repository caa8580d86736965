import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/**
 * `node start.cjs PROGRAM [WORD…]` runs a bundle from what V8 compiled of it while the image was
 * built, which halves what we add to Node's own start. V8 refuses code of another version, or of
 * another Node's, and compiles anew; so this is never more than a help.
 */
function start([program = '', ...words]: readonly string[]): void {
  const bundle = join(__dirname, `${program}.cjs`);
  const source = readFileSync(bundle, 'utf8');
  const cache = `${bundle}.cache`;
  const cachedData = read(cache);
  const wrapped = `(function (require, module, exports, __filename, __dirname) {${source}\n})`;
  const script = new Script(wrapped, { filename: bundle, ...(cachedData ? { cachedData } : {}) });
  // install.sh asks for it, after a run that did what most runs do.
  if (process.env.REGISTRY_AUTH_COMPILE === 'true') {
    process.on('exit', () => writeFileSync(cache, script.createCachedData()));
  }
  process.argv.splice(1, process.argv.length, bundle, ...words);
  script.runInThisContext()(require, module, exports, bundle, __dirname);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

start(process.argv.slice(2));

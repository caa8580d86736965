import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';

/**
 * `node start.cjs PROGRAM [WORD…]` runs a bundle from what V8 compiled of it while the image was
 * built, which halves what we add to Node's own start. V8 refuses code of another version, or of
 * another Node's, and compiles anew; so this is never more than a help.
 *
 * `node start.cjs --compile PROGRAM [WORD…]` also keeps what V8 compiled, at the end of a run that
 * did what most runs do. An argument, because only install.sh shall ask for it: a variable would
 * be there for every run.
 */
function start(args: readonly string[]): void {
  const isCompiling = args[0] === '--compile';
  const [program = '', ...words] = isCompiling ? args.slice(1) : args;
  const bundle = join(__dirname, `${program}.cjs`);
  const source = readFileSync(bundle, 'utf8');
  const cache = `${bundle}.cache`;
  const cachedData = read(cache);
  const wrapped = `(function (require, module, exports, __filename, __dirname) {${source}\n})`;
  const script = new Script(wrapped, { filename: bundle, ...(cachedData ? { cachedData } : {}) });
  if (isCompiling) process.on('exit', () => writeFileSync(cache, script.createCachedData()));
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

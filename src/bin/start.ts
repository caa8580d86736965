import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { Script } from 'node:vm';

/** We did nothing, so the wrapper and install.sh may try another Node after this status. */
const TOO_OLD = 65;

/**
 * `node start.cjs PROGRAM [WORD…]` runs a bundle with the code that V8 compiled while the image was
 * built, which halves what we add to Node's own start. V8 rejects code of another version, or of
 * another Node, and compiles again; so this only ever helps.
 *
 * `node start.cjs --compile PROGRAM [WORD…]` also saves the compiled code at the end of a run that
 * did what most runs do. An argument, because only install.sh should use it: a variable would be
 * there for every run.
 *
 * `node start.cjs` prints this Node's real path, whatever links lead to it.
 *
 * A Node that is too old must be able to parse this file and what it imports: see the build.
 */
function start(args: readonly string[]): void {
  if (!canRunUs(process.versions.node)) process.exit(TOO_OLD);
  if (args.length === 0) writeSync(1, `${process.execPath}\n`);
  else if (args[0] === '--compile') runBundle(args.slice(1), true);
  else runBundle(args, false);
}

/** The newest function in the bundles, util.styleText, is in 20.12 and 21.7. */
function canRunUs(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 21 || (major === 21 && minor >= 7) || (major === 20 && minor >= 12);
}

function runBundle([program = '', ...words]: readonly string[], isCompiling: boolean): void {
  const bundle = `${__dirname}/${program}.cjs`;
  const source = readFileSync(bundle, 'utf8');
  const cache = `${bundle}.cache`;
  const cachedData = read(cache);
  const wrapped = `(function (require, module, exports, __filename, __dirname) {${source}\n})`;
  const options = cachedData ? { filename: bundle, cachedData } : { filename: bundle };
  const script = new Script(wrapped, options);
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

import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import { Script } from 'node:vm';
import type { Finished, RunOptions } from './run.ts';

/**
 * A built program without a process of its own: its bundle runs in the process of the test, on the
 * real disk, with arguments, variables, standard streams and an exit of its own. Most tests look at
 * what takes a twentieth of the time that Node takes to start.
 */

/** What only a process has. */
const OF_A_PROCESS = ['uid', 'gid', 'timeoutMs'] as const;

/** `PROCESSES=all`, as at night, gives every run a process. */
export function canRunInside(options: RunOptions): boolean {
  const isPlain = OF_A_PROCESS.every((name) => options[name] === undefined);
  const isForNode = Object.keys(options.env ?? {}).some((name) => name.startsWith('NODE_'));
  return isPlain && !isForNode && process.env.PROCESSES !== 'all';
}

type InsideOptions = Required<Pick<RunOptions, 'env' | 'input'>> & Pick<RunOptions, 'cwd'>;

let last: Promise<unknown> = Promise.resolve();

/** Runs a bundle to its exit, after those before it: folder and mask are the whole process's. */
export function runInside(
  bundle: string,
  args: readonly string[],
  options: InsideOptions,
): Promise<Finished> {
  const next = last.then(() => runNext(bundle, args, options));
  last = next.catch(() => undefined);
  return next;
}

async function runNext(
  bundle: string,
  args: readonly string[],
  { env, input, cwd = process.cwd() }: InsideOptions,
): Promise<Finished> {
  const [folder, mask] = [process.cwd(), process.umask()];
  const output = ['', '', ''];
  try {
    process.chdir(cwd);
    const status = await new Promise<number>((exit, fail) => {
      setTimeout(fail, 20_000, new Error(`${bundle} ${args[0]}: no exit`)).unref();
      const self = processWith([process.execPath, bundle, ...args], env, exit);
      loaderWith(self, withStreams(Buffer.from(input), output))(bundle);
    });
    const [, stdout = '', stderr = ''] = output;
    return { status, stdout, stderr };
  } finally {
    process.chdir(folder);
    process.umask(mask);
  }
}

/** What `process` is for the program. No signal reaches it, and it cannot become another user. */
function processWith(argv: string[], env: InsideOptions['env'], end: (status: number) => void) {
  const given = Object.entries(env).filter(([, value]) => value !== undefined);
  const atExit: (() => void)[] = [];
  const once = (event: string, listener: () => void) => {
    if (event === 'exit') atExit.push(listener);
  };
  const exit = (status: number) => {
    for (const listener of atExit.splice(0)) listener();
    end(status);
  };
  const own = { argv, env: Object.fromEntries(given), once, exit, exitCode: 0, seteuid: refuse };
  return Object.create(process, Object.getOwnPropertyDescriptors(own));
}

function refuse(): never {
  throw new Error('needs a process of its own: see newCli in test/process/support/cli.ts');
}

/** `node:fs` with a standard input that can be read once, and outputs that are no terminals. */
function withStreams(input: Buffer, output: string[]): object {
  let rest = input;
  const isOutput = (descriptor: number) => descriptor === 1 || descriptor === 2;
  return {
    ...fs,
    readSync: (descriptor: number, target: Buffer, start: number, length: number, at: null) => {
      if (descriptor !== 0) return fs.readSync(descriptor, target, start, length, at);
      const count = rest.copy(target, start, 0, length);
      rest = rest.subarray(count);
      return count;
    },
    writeSync: (descriptor: number, bytes: Buffer, start: number) => {
      if (!isOutput(descriptor)) return fs.writeSync(descriptor, bytes, start);
      output[descriptor] += bytes.toString('utf8', start);
      return bytes.length - start;
    },
    fstatSync: (descriptor: number) =>
      isOutput(descriptor) ? { isCharacterDevice: () => false } : fs.fstatSync(descriptor),
  };
}

/** Loads a bundle, and those that it asks for, each once in a run. */
function loaderWith(self: object, files: object): (path: string) => unknown {
  const begun = performance.now();
  // A hook's budget begins with its process.
  const clock = { now: () => performance.now() - begun };
  const loaded = new Map<string, { exports: unknown }>();
  return function load(path) {
    const known = loaded.get(path);
    if (known) return known.exports;
    const module = { exports: {} as unknown };
    loaded.set(path, module);
    const folder = dirname(path);
    const require = (id: string): unknown => {
      if (/^(?:node:)?fs$/.test(id)) return files;
      if (/^(?:node:)?process$/.test(id)) return self;
      return id.endsWith('.cjs') ? load(resolve(folder, id)) : createRequire(path)(id);
    };
    const importLater = async (id: string) => require(id);
    compile(path)(require, module, module.exports, path, folder, self, clock, importLater);
    return module.exports;
  };
}

const GIVEN = 'require, module, exports, __filename, __dirname, process, performance, importLater';
type Bundle = (...given: readonly unknown[]) => void;

/** By their paths, and by their text, because some tests have a copy of the bundles. */
const compiled = new Map<string, Bundle>();

function compile(path: string): Bundle {
  const known = compiled.get(path);
  if (known) return known;
  const text = fs.readFileSync(path, 'utf8');
  const bundle = compiled.get(text) ?? compileText(text, path);
  compiled.set(path, bundle).set(text, bundle);
  return bundle;
}

function compileText(text: string, path: string): Bundle {
  // The AWS SDK imports some of Node's modules when it needs them, which such a script cannot do.
  const source = text.replace(/\bimport\(/g, 'importLater(');
  const script = new Script(`(function (${GIVEN}) {${source}\n})`, { filename: path });
  return script.runInThisContext();
}

import {
  chmodSync,
  constants,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { BUILT, redirect, writeProgram } from '../../support/built.ts';
import { scratchHome } from '../../support/process.ts';
import { type Finished, run } from '../../support/run.ts';
import { OPEN_NODE } from './nobody.ts';
import type { Shell } from './shells.ts';

/** All that install.sh may need of an image, apart from a Node and something that downloads. */
const TOOLS =
  'cat chmod cp df dirname env grep gzip id ln ls mkdir mktemp mv rm sed sh sha256sum sort tar uname';

function findTool(name: string): string {
  const paths = ['/usr/bin', '/bin'].map((folder) => join(folder, name));
  return paths.find(existsSync) ?? name;
}

type Env = Readonly<Record<string, string>>;

/** A folder that stands for an image: install.sh and the wrappers take its /usr for theirs. */
export class Image {
  readonly root = scratchHome();
  readonly bin = join(this.root, 'usr/local/bin');
  readonly share = join(this.root, 'usr/local/share/registry-auth');
  /** What install.sh and the programs find on PATH. */
  readonly tools = join(this.root, 'tools');
  /** The Feature, as the dev container CLI unpacks it. */
  readonly feature = join(this.root, 'feature');

  /** The same, whatever becomes of those. */
  private readonly originals = join(this.root, 'originals');

  private path = this.tools;
  private readonly shell: Shell;

  constructor(shell: Shell, node = OPEN_NODE) {
    this.shell = shell;
    for (const folder of [this.tools, this.originals]) {
      mkdirSync(folder);
      for (const name of TOOLS.split(' ')) symlinkSync(this.sourceOf(name), join(folder, name));
    }
    symlinkSync(node, join(this.tools, 'node'));
    // A Node that others cannot get to is none for install.sh.
    chmodSync(this.root, 0o755);
    // The bench leaves what it compiled beside the bundles.
    const filter = (path: string) => !path.endsWith('.cache');
    cpSync(BUILT, this.feature, { recursive: true, filter });
    for (const name of ['install.sh', 'private-node.sh', 'wrapper.sh'])
      redirect(join(this.feature, name), this.root);
  }

  /** Where busybox is the shell, as in Alpine, it is the tools too. */
  private sourceOf(tool: string): string {
    return this.shell.words[0] === 'ash' ? this.shell.program : findTool(tool);
  }

  /** Puts the Node on PATH into a folder of that name, in place of the link to it. */
  moveNode(name: string): void {
    const folder = join(this.root, name);
    mkdirSync(folder);
    copyFileSync(process.execPath, join(folder, 'node'), constants.COPYFILE_FICLONE);
    this.path = `${folder}:${this.tools}`;
  }

  /** Runs install.sh with these options of the Feature. */
  install(options: Env = {}, umask = '022'): Promise<Finished> {
    const { program, words } = this.shell;
    const script = `umask ${umask}; exec "$@"`;
    const args = ['-c', script, 'sh', program, ...words, join(this.feature, 'install.sh')];
    const env = { PATH: this.path, ...options };
    return run('/bin/sh', args, { env, home: this.root, cwd: this.feature });
  }

  /** Lets a tool fail when it is called for the nth time from now on; at 0 never. */
  breakTool(name: string, nth: number): void {
    this.changeTool(name, nth, 'exit 1');
  }

  /** The same, but the tool does its work, and meanwhile install.sh is told to end. */
  interruptTool(name: string, nth: number): void {
    this.changeTool(name, nth, `kill -TERM "$PPID"; exec '${this.originals}/${name}' "$@"`);
  }

  private changeTool(name: string, nth: number, change: string): void {
    const calls = join(this.root, `calls-of-${name}`);
    const count = `n=0; read -r n <'${calls}'; n=$((n + 1)); echo "$n" >'${calls}'`;
    const script = `#!/bin/sh\n${count}\n[ "$n" = ${nth} ] || exec '${this.originals}/${name}' "$@"\n${change}\n`;
    writeFileSync(calls, '0\n');
    rmSync(join(this.tools, name));
    writeProgram(join(this.tools, name), script);
  }

  /** Runs an installed program. */
  run(name: string, args: readonly string[], env: Env = {}, input = ''): Promise<Finished> {
    const { program, words } = this.shell;
    const options = { env: { PATH: this.path, ...env }, home: this.root, cwd: this.root, input };
    return run(program, [...words, join(this.bin, name), ...args], options);
  }
}

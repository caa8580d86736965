import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { writeProgram } from '../../support/built.ts';
import { Image } from './image.ts';
import { OPEN_NODE } from './nobody.ts';
import type { Shell } from './shells.ts';

const PLATFORMS = ['linux-x64', 'linux-arm64', 'linux-x64-musl'];

type Release = {
  readonly version?: string;
  /** An address without its scheme. */
  readonly mirror?: string;
  /** A file on PATH without which this Node does not start. */
  readonly library?: string;
};

/** Stands for an image without Node, that cannot download either and has no package manager. */
export class BareImage extends Image {
  private readonly network = join(this.root, 'network');
  private readonly calls = join(this.root, 'calls');
  private readonly installed = join(this.root, 'installed');

  constructor(shell: Shell, machine = 'x86_64') {
    super(shell);
    this.removeTool('node');
    this.addTool('uname', `echo ${machine}`);
    writeFileSync(this.calls, '');
    writeFileSync(this.installed, 'base installed\n');
  }

  addTool(name: string, script: string): void {
    this.removeTool(name);
    writeProgram(join(this.tools, name), `#!/bin/sh\n${script}\n`);
  }

  removeTool(name: string): void {
    rmSync(join(this.tools, name), { force: true });
  }

  /** Pins a release, and puts its archives on a mirror. */
  serve({ version = 'v24.21.0', mirror = 'nodejs.org/dist', library = 'sh' }: Release = {}): void {
    const target = join(this.network, mirror, version);
    mkdirSync(target, { recursive: true });
    const pins = PLATFORMS.map((platform) => {
      const name = `node-${version}-${platform}`;
      this.writeNode(join(this.root, 'archives', name), version, library);
      const archive = join(target, `${name}.tar.gz`);
      execFileSync('tar', ['-czf', archive, '-C', join(this.root, 'archives'), name]);
      const sum = createHash('sha256').update(readFileSync(archive)).digest('hex');
      return `${sum}  ${name}.tar.gz\n`;
    });
    writeFileSync(join(this.feature, 'node-runtime.txt'), `# Pins\n${pins.join('')}`);
  }

  private writeNode(folder: string, version: string, library: string): void {
    const needs = `[ -e '${this.tools}/${library}' ] || { echo 'no ${library}' >&2; exit 127; }`;
    const tell = `[ "$1" != --version ] || { echo ${version}; exit; }`;
    const script = ['#!/bin/sh', needs, tell, `exec '${OPEN_NODE}' "$@"`, ''].join('\n');
    writeProgram(join(folder, 'bin/node'), script);
    writeProgram(join(folder, 'bin/npm'), '#!/bin/sh\n');
    writeFileSync(join(folder, 'LICENSE'), 'a licence');
  }

  /** Lets the mirror have something else at the archives' addresses. */
  change(version = 'v24.21.0'): void {
    const folder = join(this.network, 'nodejs.org/dist', version);
    for (const name of readdirSync(folder)) appendFileSync(join(folder, name), 'more');
  }

  /** Adds what downloads from that network, or always has trouble. */
  addDownloader(tool: 'curl' | 'wget' | 'apt-helper', trouble = ''): void {
    const [file, url] = tool === 'apt-helper' ? ['$2', '$1'] : ['$1', '$2'];
    const path = tool === 'apt-helper' ? 'usr/lib/apt/apt-helper' : `tools/${tool}`;
    const script = `#!/bin/sh
      echo "${tool} $*" >>'${this.calls}'
      [ -z '${trouble}' ] || { echo '${tool}: ${trouble}' >&2; exit 7; }
      while [ $# -gt 2 ]; do shift; done
      url=${url}
      [ -f "${this.network}/\${url#*://}" ] || { echo '${tool}: 404' >&2; exit 22; }
      cp "${this.network}/\${url#*://}" "${file}"
    `;
    writeProgram(join(this.root, path), script);
  }

  /** Adds a package manager, and moves tools into its packages. */
  addManager(name: string, packages: Readonly<Record<string, string>>): void {
    const store = join(this.root, 'packages');
    for (const [one, tool] of Object.entries(packages)) {
      mkdirSync(join(store, one), { recursive: true });
      renameSync(join(this.tools, tool), join(store, one, tool));
    }
    const script = (program: string) => `
      case "$*" in info | -qa* | --show*) exec cat '${this.installed}' ;; esac
      echo "${program} $*" >>'${this.calls}'
      for word; do
        [ -d '${store}'/"$word" ] || continue
        case " $* " in
        *' install '* | *' add '*)
          cp -RP '${store}'/"$word"/. '${this.tools}'
          # What a repository's first package brings along where rpm lists packages.
          printf '%s\\n' gpg-pubkey "$word installed" >>'${this.installed}' ;;
        *) for tool in '${store}'/"$word"/*; do rm '${this.tools}'/"\${tool##*/}"; done ;;
        esac
      done`;
    for (const program of [name, 'dpkg-query', 'rpm']) this.addTool(program, script(program));
  }

  /** What was called since the last time, in order, without names of folders that change. */
  takeCalls(): string[] {
    const text = readFileSync(this.calls, 'utf8').replaceAll(this.root, '');
    writeFileSync(this.calls, '');
    return text
      .replace(/registry-auth\.\w{6}/g, 'staged')
      .split('\n')
      .slice(0, -1);
  }

  /** What is below /usr/local, apart from the bundles. */
  left(): string[] {
    const local = join(this.root, 'usr/local');
    if (!existsSync(local)) return [];
    const paths = readdirSync(local, { recursive: true, encoding: 'utf8' });
    return paths.filter((path) => !path.includes('/lib')).sort();
  }
}

import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { safeLoad } from 'js-yaml';
import * as z from 'zod/mini';
import { scratchHome } from './process.ts';
import { type Finished, type RunOptions, run } from './run.ts';

const ACTION = z.object({
  inputs: z.record(z.string(), z.object({ default: z.optional(z.string()) })),
  outputs: z.record(z.string(), z.unknown()),
  runs: z.object({ using: z.string(), main: z.string(), post: z.string(), 'post-if': z.string() }),
});

/** The action as a release puts it on its tags. */
export const BUILT_ACTION = resolve('build/action');

export function readAction(folder = BUILT_ACTION) {
  return ACTION.parse(safeLoad(readFileSync(join(folder, 'action.yml'), 'utf8')));
}

export type Annotation = {
  readonly level: string;
  readonly title: string | undefined;
  readonly message: string;
};

/** What a step has told the runner. */
export type Step = {
  readonly status: number;
  /** What a reader of the log sees, before it is masked. */
  readonly log: string;
  readonly annotations: readonly Annotation[];
  readonly masks: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  /** The file of what later steps have in their environment. */
  readonly exported: Readonly<Record<string, string>>;
};

const FILES = ['ENV', 'PATH', 'OUTPUT', 'STATE', 'STEP_SUMMARY'] as const;
type File = (typeof FILES)[number];

const ESCAPES: Readonly<Record<string, string>> = {
  '%25': '%',
  '%0D': '\r',
  '%0A': '\n',
  '%3A': ':',
  '%2C': ',',
};
const decode = (text: string, escapes: RegExp) =>
  text.replace(escapes, (one) => ESCAPES[one.toUpperCase()] ?? one);
const decodeData = (text: string) => decode(text, /%(?:25|0D|0A)/gi);
const decodeProperty = (text: string) => decode(text, /%(?:25|0D|0A|3A|2C)/gi);

type Options = {
  readonly home: string;
  /** Of the machine, such as PATH or DOCKER_CONFIG. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A name for the folder of temporary files. */
  readonly temp?: string;
  readonly user?: Pick<RunOptions, 'uid' | 'gid'>;
  readonly node?: string;
  readonly action?: string;
};

/**
 * The runner's part in a job, by GitHub's published contract: inputs and state as variables, files
 * for all that a step hands on, commands in its output, and posts at the end, whatever happened.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export class Job {
  readonly temp: string;
  readonly folder = scratchHome();
  readonly #options: Options;
  readonly #posts: (() => Promise<Step>)[] = [];
  #env: Record<string, string | undefined>;
  #path: string[] = [];

  constructor(options: Options) {
    this.#options = options;
    this.temp = join(this.folder, options.temp ?? '_temp');
    mkdirSync(join(this.temp, '_runner_file_commands'), { recursive: true });
    this.#env = { PATH: process.env.PATH, ...options.env };
  }

  /** A step with `uses:`, its inputs under `with:`, and what it has under `env:`. */
  async use(inputs: Record<string, string> = {}, env: Record<string, string> = {}): Promise<Step> {
    const action = this.#options.action ?? BUILT_ACTION;
    const { inputs: declared, runs } = readAction(action);
    for (const name of Object.keys(inputs)) if (!declared[name]) throw new Error(`input ${name}`);
    const given = Object.keys(declared).map((name) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      inputs[name] ?? declared[name]?.default ?? '',
    ]);
    const variables = { ...Object.fromEntries(given), ...env };
    const step = await this.#start(join(action, runs.main), variables);
    const state = Object.entries(step.state).map(([name, value]) => [`STATE_${name}`, value]);
    const later = { ...variables, ...Object.fromEntries(state) };
    if (runs['post-if'] !== 'always()') throw new Error('post-if');
    this.#posts.push(() => this.#start(join(action, runs.post), later));
    return step;
  }

  /** A step with `run:`. */
  run(command: string, env: Record<string, string> = {}): Promise<Finished> {
    return run('bash', ['-e', '-c', command], this.#optionsWith(env));
  }

  /** Runs the posts, the last step's first. */
  async end(): Promise<Step[]> {
    const steps = [];
    for (const post of this.#posts.splice(0).reverse()) steps.push(await post());
    return steps;
  }

  /** What the job has left among the runner's temporary files. */
  left(): string[] {
    const all = readdirSync(this.temp, { recursive: true, encoding: 'utf8' });
    return all.filter((path) => !path.startsWith('_runner_file_commands'));
  }

  #optionsWith(env: Record<string, string>): RunOptions {
    const PATH = [...this.#path.toReversed(), this.#env.PATH].join(':');
    const all = { ...this.#env, ...env, PATH, RUNNER_TEMP: this.temp };
    const { home, user } = this.#options;
    return { env: all, home, cwd: this.folder, timeoutMs: 60_000, ...user };
  }

  async #start(script: string, variables: Record<string, string>): Promise<Step> {
    const id = randomUUID();
    const paths = FILES.map((file) => {
      const path = join(this.temp, '_runner_file_commands', `${file.toLowerCase()}_${id}`);
      writeFileSync(path, '');
      chmodSync(path, 0o666);
      return [file, path] as const;
    });
    const files = Object.fromEntries(paths.map(([file, path]) => [`GITHUB_${file}`, path]));
    const options = this.#optionsWith({ ...variables, ...files, GITHUB_ACTIONS: 'true' });
    const { status, stdout, stderr } = await run(
      this.#options.node ?? process.execPath,
      [script],
      options,
    );
    const read = (file: File) => readFileSync(new Map(paths).get(file) ?? '', 'utf8');
    const exported = parseEntries(read('ENV'));
    this.#env = { ...this.#env, ...exported };
    this.#path.push(...read('PATH').split('\n').filter(Boolean));
    return {
      status,
      ...parseOutput(`${stdout}${stderr}`),
      outputs: parseEntries(read('OUTPUT')),
      state: parseEntries(read('STATE')),
      summary: read('STEP_SUMMARY'),
      exported,
    };
  }
}

/** `NAME=value`, or `NAME<<DELIMITER` with the value in the lines up to the delimiter. */
function parseEntries(text: string): Record<string, string> {
  const entries: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, name = '', delimiter] = /^([^=]+?)<<(.+)$/.exec(lines[at] ?? '') ?? [];
    if (delimiter !== undefined) {
      const end = lines.indexOf(delimiter, at + 1);
      if (end < 0) throw new Error(`${name}: its delimiter does not come`);
      entries[name] = lines.slice(at + 1, end).join('\n');
      at = end;
    } else if (lines[at] !== '') {
      const [, key = '', value = ''] = /^(.*?)=(.*)$/.exec(lines[at] ?? '') ?? [];
      entries[key] = value;
    }
  }
  return entries;
}

/** A line that starts with `::` is a command, and is not shown unless it is an annotation. */
function parseOutput(output: string): Pick<Step, 'log' | 'annotations' | 'masks'> {
  const [log, annotations, masks]: [string[], Annotation[], string[]] = [[], [], []];
  for (const line of output.split('\n')) {
    const [, name, properties = '', data = ''] =
      /^\s*::([\w-]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    const message = decodeData(data);
    if (name === 'add-mask') masks.push(message);
    else if (name === 'error' || name === 'warning' || name === 'notice') {
      const [, title] = /(?:^|,)title=([^,]*)/.exec(properties) ?? [];
      annotations.push({ level: name, title: title && decodeProperty(title), message });
      log.push(`${name}: ${message}`);
    } else if (name !== undefined) throw new Error(`${name}: a command that nobody expects`);
    else log.push(line);
  }
  return { log: log.join('\n'), annotations, masks };
}

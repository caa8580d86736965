import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';
import type { Job, Step, Workflow } from './workflow.ts';

/** What stands for an action of GitHub's: gets the job's folder and the action's inputs. */
export type Action = (folder: string, inputs: Record<string, string>) => Promise<void> | void;

type Place = {
  /** Each job gets a folder of its own in it. */
  readonly dir: string;
  readonly actions: Readonly<Record<string, Action>>;
  /** Joins the environment of every step, or replaces what the workflow says. */
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
};

type Values = Readonly<Record<string, string>>;

function named(prefix: string, values: Values): Values {
  const entries = Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]);
  return Object.fromEntries(entries);
}

/** GitHub's part in a workflow: runs its jobs' commands here, as they stand there. */
export class Runner {
  readonly #workflow: Workflow;
  readonly #place: Place;
  /** What each job has handed on, by the names that expressions have for it. */
  readonly #handed: Record<string, Values> = {};
  /** What expressions of the present job may ask for. */
  #values: Values = {};

  constructor(workflow: Workflow, place: Place) {
    this.#workflow = workflow;
    this.#place = place;
  }

  /** Runs every job after the one that it needs; rejects as the first does that fails. */
  async runAll(): Promise<void> {
    const left = new Map(Object.entries(this.#workflow.jobs));
    const done = new Set<string | undefined>([undefined]);
    while (left.size > 0) {
      const [name, job] = [...left].find(([, { needs }]) => done.has(needs)) ?? [];
      if (name === undefined || job === undefined) throw new Error('jobs that need each other');
      await this.#runJob(name, job);
      left.delete(name);
      done.add(name);
    }
  }

  async #runJob(name: string, job: Job): Promise<void> {
    if (job.uses) return this.#use(job.uses, this.#place.dir, {});
    const folder = join(this.#place.dir, name);
    mkdirSync(folder);
    const secrets = named('secrets', this.#place.secrets);
    this.#values = { ...secrets, ...this.#handed[`${job.needs}`] };
    for (const [index, step] of job.steps.entries())
      await this.#runStep(`${name}, step ${index + 1}`, folder, step);
    this.#handed[name] = named(`needs.${name}.outputs`, this.#fillAll(job.outputs));
  }

  async #runStep(name: string, folder: string, step: Step): Promise<void> {
    if (step.uses) return this.#use(step.uses, folder, step.with);
    const output = `${folder}.output`;
    writeFileSync(output, '');
    const env = { ...this.#workflow.env, ...this.#fillAll(step.env), ...this.#place.env };
    const { status, stderr } = await run('bash', ['-e', '-c', `${step.run}`], {
      cwd: folder,
      env: { ...env, GITHUB_OUTPUT: output },
      timeoutMs: 60_000,
    });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    const lines = readFileSync(output, 'utf8').matchAll(/^(\w+)=(.*)$/gm);
    const said = Object.fromEntries([...lines].map(([, key = '', value = '']) => [key, value]));
    this.#values = { ...this.#values, ...named(`steps.${step.id}.outputs`, said) };
  }

  async #use(uses: string, folder: string, inputs: Record<string, string>): Promise<void> {
    const [action = ''] = uses.split('@');
    const stand = this.#place.actions[action];
    if (!stand) throw new Error(`${action}: nothing stands for it`);
    await stand(folder, this.#fillAll(inputs));
  }

  #fillAll(texts: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, this.#fill(text)]));
  }

  #fill(text: string): string {
    return text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
      const value = this.#values[expression];
      if (value === undefined) throw new Error(`${expression}: nothing has said it`);
      return value;
    });
  }
}

import { readFileSync } from 'node:fs';
import { safeLoad } from 'js-yaml';
import * as z from 'zod/mini';

const texts = z._default(z.record(z.string(), z.coerce.string()), {});

const STEP = z.object({
  id: z.optional(z.string()),
  uses: z.optional(z.string()),
  run: z.optional(z.string()),
  with: texts,
  env: texts,
});

const JOB = z.object({
  needs: z.optional(z.string()),
  uses: z.optional(z.string()),
  permissions: texts,
  outputs: texts,
  steps: z._default(z.array(STEP), []),
});

const WORKFLOW = z.object({
  permissions: texts,
  env: texts,
  jobs: z.record(z.string(), JOB),
});

export type Step = z.infer<typeof STEP>;
export type Job = z.infer<typeof JOB>;
export type Workflow = z.infer<typeof WORKFLOW>;

/** A workflow of this repository, with the members that a test asks about. */
export function readWorkflow(file: string): Workflow {
  return WORKFLOW.parse(safeLoad(readFileSync(`.github/workflows/${file}`, 'utf8')));
}

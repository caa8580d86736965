import * as z from 'zod/mini';

const text = z.string();
const texts = z.array(text);
const anything = z.record(text, z.unknown());

/** Of an option's texts, only `enum` or `proposals` may name values. */
const choice = { type: z.literal('string'), default: text, description: z.optional(text) };
const option = z.union([
  z.strictObject({
    type: z.literal('boolean'),
    default: z.boolean(),
    description: z.optional(text),
  }),
  z.strictObject({ ...choice, enum: texts }),
  z.strictObject({ ...choice, proposals: z.optional(texts) }),
]);

const command = z.union([text, texts, z.record(text, z.union([text, texts]))]);

const mount = z.strictObject({
  type: z.enum(['bind', 'volume']),
  target: text,
  source: z.optional(text),
});

/**
 * What the dev container specification allows in devcontainer-feature.json, as its published schema
 * (schemas/devContainerFeature.schema.json of devcontainers/spec) has it.
 */
export const FEATURE = z.strictObject({
  id: text,
  version: text,
  ...optional(text, ['name', 'description', 'documentationURL', 'licenseURL', 'entrypoint']),
  ...optional(texts, ['keywords', 'installsAfter', 'legacyIds', 'capAdd', 'securityOpt']),
  ...optional(z.boolean(), ['deprecated', 'init', 'privileged']),
  ...optional(anything, ['customizations', 'dependsOn']),
  ...optional(command, [
    'onCreateCommand',
    'updateContentCommand',
    'postCreateCommand',
    'postStartCommand',
    'postAttachCommand',
  ]),
  options: z.optional(z.record(text, option)),
  containerEnv: z.optional(z.record(text, text)),
  mounts: z.optional(z.array(mount)),
});

function optional<T extends z.ZodMiniType>(type: T, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, z.optional(type)]));
}

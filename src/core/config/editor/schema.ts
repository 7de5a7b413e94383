import * as z from 'zod';
import { runConfigJsonSchema } from '../run-config.ts';
import { SweepConfig } from '../sweep.ts';
import { isRecord } from '../../../base/json.ts';

/**
 * Returns the JSON Schema of a config for any YAML editor. No field is required, because a preset can set any field,
 * and a config without a recipe or engine can match several branches. Optional fields of a run can be null, which
 * removes the value of the preset. The hover text includes the papers' notes.
 */
export function editorJsonSchema(kind: ConfigKind): object {
  const run = JSON.parse(JSON.stringify(runConfigJsonSchema()), (_, value: unknown) =>
    removable(value as Schema),
  ) as object;
  const schema = kind === 'run' ? run : sweepJsonSchema(run);
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === 'required' ? undefined : relaxed(value),
  ) as object;
}

/** Makes the optional fields of a section nullable. */
function removable(schema: Schema): Schema {
  if (schema?.type !== 'object') return schema;
  const { properties, required = [], additionalProperties: any } = schema;
  const orNull = (field: Schema): Schema => ({ anyOf: [field, { type: 'null' }] });
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, field]) => [
          key,
          required.includes(key) ? field : orNull(field),
        ]),
      ),
    }),
    ...(typeof any === 'object' && { additionalProperties: orNull(any) }),
  };
}

function relaxed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const { oneOf, paper, tradeoff, ...schema } = value as Record<string, unknown>;
  const { description } = schema;
  if (typeof description === 'string') {
    const notes = [
      description,
      paper && `**In the papers**: ${paper}`,
      tradeoff && `**Trade-off**: ${tradeoff}`,
    ];
    schema.markdownDescription = notes.filter(Boolean).join('\n\n');
  }
  return oneOf === undefined ? schema : { ...schema, anyOf: oneOf };
}

/** Returns the JSON Schema of a sweep. Its runs use the schema of run configs, whether whole or partial. */
export function sweepJsonSchema(runSchema = runConfigJsonSchema()): object {
  const schema = z.toJSONSchema(SweepConfig, { io: 'input', target: 'draft-7' });
  const parts: Record<string, object> = {
    run: { ...runSchema, $schema: undefined },
    small: { ...schema, required: undefined },
  };
  const filled = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value), (_, found: { part?: string; description?: string } | null) => {
      const part = parts[found?.part ?? ''];
      return part ? { ...part, ...(found!.description && { description: found!.description }) } : found;
    });
  parts.small = filled(parts.small) as object;
  return filled(schema) as object;
}

/** Subset of JSON Schema that the schema of run configs uses, with notes on fields (core/config/config-fields.ts). */
export interface Schema {
  type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';
  description?: string;
  paper?: string;
  tradeoff?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  examples?: unknown[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  oneOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema | Schema[];
}

const MAKERS = { run: runConfigJsonSchema, sweep: () => sweepJsonSchema() };
/** Kind of config: one run, or a sweep. */
export type ConfigKind = keyof typeof MAKERS;

const made: Partial<Record<ConfigKind, Schema>> = {};
/** Returns the JSON Schema of a whole config file. Created on first use, because most commands never need it. */
export const rootOf = (kind: ConfigKind): Schema => (made[kind] ??= MAKERS[kind]() as Schema);

/**
 * Returns the schemas that apply at a path. Where the schema branches (recipes, kinds of engines), `values` select the
 * branch; without a deciding value, returns all branches.
 * @param values values of the config and its preset.
 */
export function schemasAt(path: readonly string[], values: unknown, kind: ConfigKind = 'run'): Schema[] {
  let schemas: Schema[] = [rootOf(kind)];
  let value = values;
  for (const key of path) {
    schemas = branches(schemas, value).flatMap((schema) => {
      const { additionalProperties: any } = schema;
      return schema.properties?.[key] ?? (typeof any === 'object' ? any : []);
    });
    value = isRecord(value) ? value[key] : undefined;
  }
  return branches(schemas, value);
}

/** Resolves alternatives in a schema. Of objects that differ by a constant field, keeps the matching ones. */
function branches(schemas: readonly Schema[], value: unknown): Schema[] {
  return schemas.flatMap((schema) => {
    const among = schema.oneOf ?? schema.anyOf;
    if (!among) return [schema];
    const fitting = among.filter((each) => fits(each, value));
    // Notes on a schema also apply to each of its alternatives.
    const { description, paper, tradeoff } = schema;
    return branches(
      (fitting.length > 0 ? fitting : among).map((each) => ({ description, paper, tradeoff, ...each })),
      value,
    );
  });
}

const fits = ({ properties = {} }: Schema, value: unknown): boolean =>
  Object.entries(properties).every(
    ([key, { const: wanted }]) =>
      wanted === undefined || !isRecord(value) || value[key] === undefined || value[key] === wanted,
  );

/** Returns every alternative of a schema, regardless of the values in the config. */
export const alternatives = (schema: Schema): Schema[] => branches([schema], undefined);

/** Returns the values that completions suggest for a field. */
export const choicesOf = (schema: Schema): unknown[] =>
  schema.const !== undefined
    ? [schema.const]
    : (schema.enum ?? (schema.type === 'boolean' ? [true, false] : (schema.examples ?? [])));

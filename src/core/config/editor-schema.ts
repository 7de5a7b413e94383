import { z } from 'zod';
import { runConfigJsonSchema } from './run.ts';
import { SweepConfig } from './sweep.ts';

/**
 * JSON Schema of a run config for any YAML editor. No field is required, because a preset can set any of them, and a
 * config that does not name its recipe or engine may match several branches. The papers' remarks become part of the
 * hover text.
 */
export const editorJsonSchema = (): object => relaxedSchema(runConfigJsonSchema());

const relaxedSchema = (schema: object): object =>
  JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === 'required' ? undefined : relaxed(value),
  ) as object;

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

/** JSON Schema of a sweep. Where a run config, or a part of one, is expected, it contains the schema of run configs. */
export function sweepJsonSchema(): object {
  const schema = z.toJSONSchema(SweepConfig, { io: 'input', target: 'draft-7' });
  const parts: Record<string, object> = {
    run: { ...runConfigJsonSchema(), $schema: undefined },
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

/** JSON Schema of a sweep for any YAML editor; see `editorJsonSchema`. */
export const editorSweepJsonSchema = (): object => relaxedSchema(sweepJsonSchema());

import { z } from 'zod';
import { runConfigJsonSchema } from './run.ts';
import { SweepConfig } from './sweep.ts';

/**
 * JSON Schema of a run config for YAML editors of all kinds. Because a preset can set any field, none is required, and
 * a config that does not say its recipe or kind of engine fits several; what the papers say stands in the hover.
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

/** JSON Schema of a sweep: where a run or a part of one stands, that of run configs. */
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

/** The same for YAML editors of all kinds; see `editorJsonSchema`. */
export const editorSweepJsonSchema = (): object => relaxedSchema(sweepJsonSchema());

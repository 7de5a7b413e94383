import { runConfigJsonSchema } from './run.ts';

/**
 * JSON Schema of a run config for YAML editors of all kinds. Because a preset can set any field, none is required, and
 * a config that does not say its recipe or kind of engine fits several; what the papers say stands in the hover.
 */
export const editorJsonSchema = (): object =>
  JSON.parse(JSON.stringify(runConfigJsonSchema()), (key, value: unknown) =>
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

import * as z from 'zod';

/** Notes on a field for the editor and `--help`, in addition to its description. */
interface FieldNotes {
  description: string;
  /** Statement of the papers about the field, or "not in paper". */
  paper?: string;
  /** Effects of a larger or different value of the field. */
  tradeoff?: string;
}

/** Adds documentation to a field, for hover text, the JSON Schema and the reference page. */
export function field<T extends z.ZodType>(
  type: T,
  description: string,
  notes: Omit<FieldNotes, 'description'> = {},
): T {
  return type.meta({ description, ...notes });
}

/** Returns the schema of a section. A section can be omitted if all its fields have defaults. Rejects unknown keys. */
export function section<T extends z.core.$ZodLooseShape>(shape: T, description: string) {
  return z
    .strictObject(shape)
    .prefault({} as never)
    .meta({ description });
}

export const count = () => z.int().min(1);
export const share = () => z.number().min(0).max(1);
export const amount = () => z.number().min(0);

/** Fields of a custom program in a config (docs/training.md). */
export const PROGRAM = {
  command: field(
    z.array(z.string().min(1)).min(1),
    'Program and arguments as a list, for example `[python, rewards.py]`. Paths are relative to this config. Chirality runs only programs that you trust.',
  ),
  timeout: field(z.number().gt(0), 'Maximum seconds per answer.').default(60),
};

import * as z from 'zod';

// A read operation that users, agents and panels share. An operation changes nothing, starts no process and can be
// repeated. Its front ends are `cli/operation-command.ts`, `lab/agent/agent-tools.ts` and the panels' `Service.ask`.

/** Properties of a field for the front ends, set by its `.meta()`. */
export interface FieldMeta {
  /** Help text of the option, and description of the parameter for agents. */
  description?: string;
  /** Command-line option for an input, such as `--status <status...>`. Default: no option. */
  flag?: string;
  /** Name of the field without which an input has no effect. */
  needs?: string;
  /** Whether agents have this input. `name`: agents get the name of the input without a description. */
  agents?: false | 'name';
  /** Whether an output contains this machine or its folders. Such outputs are hidden from agents. */
  local?: true;
  /** Whether an output is a detail. Agents do not get details if the list would be too long. */
  detail?: true;
}

/** Returns the properties of a field, and the schema inside its defaults, optional and nullable. */
export const fieldOf = (schema: z.core.$ZodType): FieldMeta & { inner: z.core.$ZodType } => ({
  ...z.globalRegistry.get(schema),
  inner: innerOf(schema),
});

const innerOf = (schema: z.core.$ZodType): z.core.$ZodType =>
  schema instanceof z.ZodDefault || schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? innerOf(schema.unwrap())
    : schema;

export const PLACE_KINDS = ['run', 'sweep', 'evaluation', 'config', 'data'] as const;
export type PlaceKind = (typeof PLACE_KINDS)[number];

/** A folder or file that the program found. Input of agents and pages is never used as a path. */
export interface Place {
  kind: PlaceKind;
  /** Name of the place as lists show it. */
  name: string;
  path: string;
  /** Data of an external run: contents as suggested by file names, and ISO time of writing. */
  foreign?: { holds: string; written: string };
}

export interface Places {
  all: readonly Place[];
  /** Notes on places that were skipped, with the reasons. */
  notes: readonly string[];
}

/** Environment of an operation, provided by the front end. */
export interface OperationContext {
  /** Folders of runs. For agents, all folders that agents can read. */
  roots: readonly string[];
  /** Returns everything in the roots that has a name. Without this function, the folders in `roots` contain runs. */
  places?: () => Promise<Places>;
  /** Returns the place with a name in `places`. By default, a name is a path. @throws an error with the candidates */
  find?: (name: string, kinds: readonly PlaceKind[]) => Promise<Place>;
  signal: AbortSignal;
  /** Called with the progress of the first indexing, from 0 to 1. */
  onProgress?: (share: number) => void;
  /** Called before the files in a run's folder are read. @throws an error with the reason if reading is not allowed */
  guard?: (place: Pick<Place, 'path' | 'name'>) => Promise<void>;
  /** Called with a note for each skipped part. */
  onNote?: (note: string) => void;
}

export interface OperationTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** Whether to print column names even if the output is not a terminal. */
  isNamed?: true;
}

export interface Operation<Input extends z.ZodObject, Output extends z.ZodObject> {
  tool: string;
  /** Summary in one imperative sentence, for help and agents. */
  about: string;
  input: Input;
  /** Schema of the output. docs/reference.md describes its fields. */
  output: Output;
  /** Functions that return the key of an item in a list of the output. A cursor continues after a key. */
  keys: Partial<Record<keyof z.output<Output>, (item: never) => Key>>;
  /** Field of the list that `--json` prints alone, with one item per line. */
  lines?: keyof z.output<Output>;
  run: (input: z.output<Input>, context: OperationContext) => Promise<z.output<Output>>;
  text: (output: z.output<Output>) => OperationTable;
}
export const operation = <Input extends z.ZodObject, Output extends z.ZodObject>(
  described: Operation<Input, Output>,
): Operation<Input, Output> => described;

/** Error in the input of an operation, with a message for the author of the input. */
export class OperationError extends Error {
  /** @param at position of the mistake in an input field, in UTF-16 columns from 0. `fix` is for agents */
  constructor(
    message: string,
    readonly at: { field: string; text: string; from: number; to: number; fix: string } | null = null,
  ) {
    super(message);
  }
}

/** Key of an item in its list. Not an index, because lists of a running run grow. */
export type Key = readonly (string | number)[];

export const cursorOf = (key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** Returns the key in a cursor. @throws OperationError if the cursor is invalid */
export function keyIn(cursor: string): (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.every((part) => typeof part === 'string' || typeof part === 'number'))
      return key;
  } catch {
    // The error below handles this case.
  }
  throw new OperationError('The cursor is not valid. Pass the unchanged `next` of the previous answer.');
}

/** Input for `next` of the previous answer, in paged operations. Agents get one description for all tools. */
export const cursor = z.string().max(300).optional();

import * as z from 'zod';

// A read operation that users, agents and panels share: it changes nothing, starts no process and can be repeated. Its
// front ends are `cli/operation-command.ts`, `lab/agent/agent-tools.ts` and the panels' `Service.ask`.

/** Properties of a field for the front ends, in its `.meta()`. */
export interface FieldMeta {
  /** Help of the option, and description of the parameter for agents. */
  description?: string;
  /** Option of an input on the command line, such as `--status <status...>`. Default: none. */
  flag?: string;
  /** Field that an input requires to have an effect. */
  needs?: string;
  /** Whether agents have this input: false if not, `name` if its name suffices for them. */
  agents?: false | 'name';
  /** Whether an output contains this machine or its folders, which are hidden from agents. */
  local?: true;
  /** Whether an output is detail that a too long list leaves out for agents. */
  detail?: true;
}

/** Returns the properties of a field, and its schema inside defaults, optional and nullable. */
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

/** A folder or file that was found. Input of agents and pages is never used as a path. */
export interface Place {
  kind: PlaceKind;
  /** Name in lists. */
  name: string;
  path: string;
  /** Data of an external run: contents by file names, and ISO time of writing. */
  foreign?: { holds: string; written: string };
}

export interface Places {
  all: readonly Place[];
  /** Places that were skipped, and the reasons. */
  notes: readonly string[];
}

/** Environment of an operation, provided by the front end. */
export interface OperationContext {
  /** Folders of runs. For agents, all readable folders. */
  roots: readonly string[];
  /** Returns everything in the roots that has a name. Without it, the folders in `roots` contain runs. */
  places?: () => Promise<Places>;
  /** Returns the place of a name in `places`. Without it, a name is a path. @throws with the candidates */
  find?: (name: string, kinds: readonly PlaceKind[]) => Promise<Place>;
  signal: AbortSignal;
  /** Called with the progress of the first indexing, from 0 to 1. */
  onProgress?: (share: number) => void;
  /** Called before the files in a run's folder are read. @throws with the reason why they cannot be read */
  guard?: (place: Pick<Place, 'path' | 'name'>) => Promise<void>;
  /** Called with skipped parts. */
  onNote?: (note: string) => void;
}

/** A table for users. */
export interface OperationTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** Whether column names are also printed if the output is not a terminal. */
  isNamed?: true;
}

export interface Operation<Input extends z.ZodObject, Output extends z.ZodObject> {
  tool: string;
  /** One imperative sentence, for help and agents. */
  about: string;
  input: Input;
  /** The output, whose fields docs/reference.md describes. */
  output: Output;
  /** Keys of the items of lists in the output, after which a cursor continues. */
  keys: Partial<Record<keyof z.output<Output>, (item: never) => Key>>;
  /** List in the output that `--json` prints alone, one item per line. */
  lines?: keyof z.output<Output>;
  run: (input: z.output<Input>, context: OperationContext) => Promise<z.output<Output>>;
  text: (output: z.output<Output>) => OperationTable;
}
export const operation = <Input extends z.ZodObject, Output extends z.ZodObject>(
  described: Operation<Input, Output>,
): Operation<Input, Output> => described;

/** Error in the input, with a message for its author. */
export class OperationError extends Error {
  /** @param at position of the mistake in an input field, in UTF-16 columns from 0, with a fix for agents */
  constructor(
    message: string,
    readonly at: { field: string; text: string; from: number; to: number; fix: string } | null = null,
  ) {
    super(message);
  }
}

/** Key of an item in its list. Not an index, because lists of a working run grow. */
export type Key = readonly (string | number)[];

export const cursorOf = (key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** @throws OperationError */
export function keyIn(cursor: string): (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.every((part) => typeof part === 'string' || typeof part === 'number'))
      return key;
  } catch {
    // The error below covers this.
  }
  throw new OperationError('The cursor is not valid. Pass the unchanged `next` of the previous answer.');
}

/** `next` of the previous answer, in paged operations. Agents get one description for all tools. */
export const cursor = z.string().max(300).optional();

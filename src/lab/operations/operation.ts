import * as z from 'zod';

// What a person, an agent or a panel asks of a folder is asked once. An operation reads: it changes nothing, starts no
// process and can be asked again. Its faces are `cli/operation-command.ts`, `lab/agent/agent-tools.ts` and the panels' `Service.ask`.

/** What the faces know of a field, in its `.meta()`. */
export interface FieldMeta {
  /** Help of the option, and what an agent is told of the parameter. */
  description?: string;
  /** Of input: its option on the command line, for example `--status <status...>`; without one, it has none there. */
  flag?: string;
  /** Of input: the field without which it has no effect. */
  needs?: string;
  /** Of input: false if agents have no such parameter, `name` if its name tells them enough. */
  agents?: false | 'name';
  /** Of output: names this machine or its folders, which agents do not see. */
  local?: true;
  /** Of output: what a list leaves out for an agent if it would be too long otherwise. */
  detail?: true;
}

/** What is known of a field, and its schema inside defaults and what may be absent or null. */
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

/** A folder or file that was found: no path is made from what an agent or a page says. */
export interface Place {
  kind: PlaceKind;
  /** As it is listed. */
  name: string;
  path: string;
  /** Of an external run: what its file names reveal, and the ISO time when it was written. */
  foreign?: { holds: string; written: string };
}

export interface Places {
  all: readonly Place[];
  /** What was not looked at, and why. */
  notes: readonly string[];
}

/** Where an operation looks, and who waits for it. The face provides all of it. */
export interface OperationContext {
  /** Folders of runs; for agents, the folders that may be read. */
  roots: readonly string[];
  /** Everything in the roots that has a name. Without it, the folders in `roots` hold runs. */
  places?: () => Promise<Places>;
  /** The place of a name that `places` lists. Without it, a name is a path. @throws with the candidates */
  find?: (name: string, kinds: readonly PlaceKind[]) => Promise<Place>;
  signal: AbortSignal;
  /** Called with the share of what is read for the first time that has been read, 0–1. */
  onProgress?: (share: number) => void;
  /** Called before the files in a run's folder are read. @throws with the reason why they must not be */
  guard?: (place: Pick<Place, 'path' | 'name'>) => Promise<void>;
  /** Called with what could not be looked at. */
  onNote?: (note: string) => void;
}

/** A table for people. */
export interface OperationTable {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  /** Whether the columns are also named where the output is no terminal. */
  isNamed?: true;
}

export interface Operation<Input extends z.ZodObject, Output extends z.ZodObject> {
  tool: string;
  /** One imperative sentence, in help and for agents. */
  about: string;
  input: Input;
  /** The record, whose fields docs/reference.md describes. */
  output: Output;
  /** By the names of lists in the output: the key of an item, after which a cursor goes on. */
  keys: Partial<Record<keyof z.output<Output>, (item: never) => Key>>;
  /** A list in the output that `--json` prints alone, one item per line. */
  lines?: keyof z.output<Output>;
  run: (input: z.output<Input>, context: OperationContext) => Promise<z.output<Output>>;
  text: (output: z.output<Output>) => OperationTable;
}
export const operation = <Input extends z.ZodObject, Output extends z.ZodObject>(
  described: Operation<Input, Output>,
): Operation<Input, Output> => described;

/** A mistake in what was asked, in words for whoever asked. */
export class OperationError extends Error {
  /** @param at where the mistake is in a field of the input, UTF-16 columns from 0, and what agents are told besides */
  constructor(
    message: string,
    readonly at: { field: string; text: string; from: number; to: number; fix: string } | null = null,
  ) {
    super(message);
  }
}

/** The place of an item in its list; lists of a working run grow, so it is no number. */
export type Key = readonly (string | number)[];

export const cursorOf = (key: Key): string => Buffer.from(JSON.stringify(key)).toString('base64url');

/** @throws OperationError */
export function keyIn(cursor: string): (string | number)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(key) && key.every((part) => typeof part === 'string' || typeof part === 'number'))
      return key;
  } catch {
    // Said below.
  }
  throw new OperationError('The cursor is not valid. Pass the unchanged `next` of the previous answer.');
}

/** `next` of the previous answer, in operations that return lists in pages; agents are told once, for all tools. */
export const cursor = z.string().max(300).optional();

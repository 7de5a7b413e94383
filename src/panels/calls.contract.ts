import * as z from 'zod/mini';
import type { Call } from '../base/call.ts';
import type { RecordSchema } from '../base/record.ts';
import { isImageRef, type ImageRef } from '../rows/sample/sample.ts';

/**
 * Calls that the page of a panel can make to its host, each with the schema of its arguments. The types of both sides
 * and the host's validation follow from the schemas. Pages import only the types, so that no page contains zod.
 */
export type CallTable = Readonly<Record<string, RecordSchema<unknown>>>;

/** Types of a call's answer and progress reports, which exist only for the compiler. */
export interface Answers<Answer, Progress> {
  readonly answers: [Answer, Progress];
}

/** Declares the types of a call's answer and progress. Calls without this declaration have no answer. */
export const answers =
  <Answer, Progress = never>() =>
  <S extends RecordSchema<unknown>>(schema: S) =>
    schema as S & Answers<Answer, Progress>;

/** Type whose lists are read-only at all levels. */
export type ReadonlyDeep<T> = T extends Uint8Array
  ? Uint8Array
  : T extends object
    ? { readonly [K in keyof T]: ReadonlyDeep<T[K]> }
    : T;

type Parsed<S> = S extends RecordSchema<infer T> ? ReadonlyDeep<T> : never;
type Handler<S> =
  S extends Answers<infer Answer, infer Progress>
    ? [Progress] extends [never]
      ? (args: Parsed<S>) => Answer | Promise<Answer>
      : (args: Parsed<S>, call: Call<Progress>) => Answer | Promise<Answer>
    : (args: Parsed<S>) => void;

export type HostOf<Table extends CallTable> = { [K in keyof Table]: Handler<Table[K]> };

export const text = z.string();
/** Argument of calls without arguments, which send null. */
export const nothing = z.null();
/** Schema for the number of a row, line, step or pair, or for a count. */
export const count = z.int().check(z.nonnegative());
export const imageRef = z.custom<ImageRef>(isImageRef);
/** Text to copy to the clipboard, and the message for the status bar. */
export const copied = z.object({ text, done: text });
/** Contents of a file that the user saves, and a proposed file name without a folder. */
export const saved = z.object({ name: text, bytes: z.instanceof(Uint8Array) });

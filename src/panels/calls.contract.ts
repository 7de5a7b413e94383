import * as z from 'zod/mini';
import type { Call } from '../base/call.ts';
import type { RecordSchema } from '../base/record.ts';
import { isImageRef, type ImageRef } from '../rows/sample/sample.ts';

/**
 * The calls that the page of a panel may make to its host: the schema of the arguments of each. The types of both sides
 * and the check at the host's door follow from it. Pages import only the types, so that none of them holds zod.
 */
export type CallTable = Readonly<Record<string, RecordSchema<unknown>>>;

/** The types of an answer and of progress reports, which exist only for the compiler. */
export interface Answers<Answer, Progress> {
  readonly answers: [Answer, Progress];
}

/** Says what a call answers, and what it reports meanwhile; without this, it answers nothing. */
export const answers =
  <Answer, Progress = never>() =>
  <S extends RecordSchema<unknown>>(schema: S) =>
    schema as S & Answers<Answer, Progress>;

/** A type whose lists need not be writable. */
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
/** Calls without arguments send null. */
export const nothing = z.null();
/** A number of a row, line, step or pair, or how many there are. */
export const count = z.int().check(z.nonnegative());
export const imageRef = z.custom<ImageRef>(isImageRef);
/** The text for the clipboard, and the message to show in the status bar. */
export const copied = z.object({ text, done: text });
/** A file for the user to save, with the proposed name without a folder. */
export const saved = z.object({ name: text, bytes: z.instanceof(Uint8Array) });

import * as z from 'zod/mini';
import { isImageRef, type ImageRef } from '../../../core/spatial/sample.ts';

/** Calls without arguments send null. */
export const nothing = z.null();
/** A number of a row, line, step or pair, or how many there are. */
export const count = z.int().check(z.nonnegative());
export const imageRef = z.custom<ImageRef>(isImageRef);
/** The text for the clipboard, and the message to show in the status bar. */
export const copied = z.object({ text: z.string(), done: z.string() });
/** A file for the user to save, with the proposed name without a folder. */
export const saved = z.object({ name: z.string(), bytes: z.instanceof(Uint8Array) });

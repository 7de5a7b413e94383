import * as z from 'zod/mini';
import { checkRecord, RecordError, type RecordSchema } from '../../core/record.ts';
import type { CallTable } from '../../core/protocol/calls.ts';
import type { Args } from '../../core/protocol/channel.ts';

type Output<S> = S extends RecordSchema<infer T> ? T : never;

/** A type whose lists need not be writable. */
type Read<T> = T extends Uint8Array
  ? Uint8Array
  : T extends object
    ? { readonly [K in keyof T]: Read<T[K]> }
    : T;

/**
 * Lists the schemas of a host's calls. It does not compile if a call, one of its fields or one of a field's values is
 * missing, or if there is one that the host does not expect.
 */
export const callsTo =
  <Host>() =>
  <S extends { readonly [K in keyof Host]: RecordSchema<Args<Host[K]>> }>(
    schemas: S & {
      [K in keyof Host]: [keyof Args<Host[K]>, Args<Host[K]>] extends [keyof Output<S[K]>, Read<Output<S[K]>>]
        ? unknown
        : never;
    },
  ): CallTable =>
    schemas;

/** What a page may send: a call, a message without an answer, or the end of a call. */
const envelopeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id: z.int(), name: z.string(), args: z.unknown() }),
  z.object({ type: z.literal('notify'), name: z.string(), args: z.unknown() }),
  z.object({ type: z.literal('cancel'), id: z.int() }),
]);
type PageMessage = z.output<typeof envelopeSchema>;

/**
 * Checks a message from a page, which is not trusted because it may show texts from strangers.
 * @returns the message with only the fields that its schema names; for a refused call its number and the reason; null
 * for any other refused message
 */
export function checkMessage(
  calls: CallTable,
  message: unknown,
): { message: PageMessage } | { id: number; refusal: string } | null {
  const { success, data } = envelopeSchema.safeParse(message);
  if (!success) return null;
  if (data.type === 'cancel') return { message: data };
  const { type, name } = data;
  const refuse = (refusal: string) => (type === 'call' ? { id: data.id, refusal } : null);
  if (!Object.hasOwn(calls, name)) return refuse(`There is no "${name}" to call.`);
  try {
    const args = checkRecord(calls[name]!, data.args, { file: `The page’s call of "${name}"` });
    return { message: { ...data, args } };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return refuse(error.message);
  }
}

import * as z from 'zod/mini';
import { checkRecord, RecordError } from '../../core/record.ts';
import type { CallTable } from '../../core/protocol/calls.ts';

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

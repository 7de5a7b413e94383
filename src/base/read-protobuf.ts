/*
 * Reads protocol buffers: lists of (field number, value), where strings, bytes and nested messages have a length, and
 * integers are varints. Libraries need a schema and code for long integers, which is too much for the dozens of fields
 * of event files, .wandb logs and the Tinker API.
 */

/** A field of a message: its number and its encoded value. */
export type Field<B extends Uint8Array> = [number: number, value: bigint | B];

/** Yields the fields of a message, in order. @throws RangeError if the bytes are truncated or not a message */
export function* fields<B extends Uint8Array>(message: B): Generator<Field<B>> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined || shift > 63n) throw new RangeError('a number is truncated');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
  };
  const bytes = (length: number): B => {
    if (!(length >= 0 && at + length <= message.length)) throw new RangeError('a field is truncated');
    return message.subarray(at, (at += length)) as B;
  };
  const value = (wire: number): bigint | B => {
    switch (wire) {
      case 0:
        return varint();
      case 1:
        return bytes(8);
      case 2:
        return bytes(Number(varint()));
      case 5:
        return bytes(4);
      default:
        throw new RangeError(`a field has the unknown wire type ${wire}`);
    }
  };
  while (at < message.length) {
    const tag = Number(BigInt.asUintN(32, varint()));
    yield [tag >>> 3, value(tag & 7)];
  }
}

export const isBytes = <B extends Uint8Array>(value: bigint | B): value is B => typeof value !== 'bigint';

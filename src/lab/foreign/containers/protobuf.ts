// Our own, because libraries want a schema and code for long integers: too much for the dozen fields of event files and
// .wandb logs.

/** A field of a message: its number and its encoded value. */
export type Field = [number: number, value: bigint | Buffer];

/** Yields the fields of a message, in order. @throws RangeError if it is cut off or not a message */
export function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined || shift > 63n) throw new RangeError('a number in it is cut off');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asIntN(64, value);
    }
  };
  const bytes = (length: number): Buffer => {
    if (!(length >= 0 && at + length <= message.length)) throw new RangeError('a field in it is cut off');
    return message.subarray(at, (at += length));
  };
  const value = (wire: number): bigint | Buffer => {
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
        throw new RangeError(`a field in it has the unknown form ${wire}`);
    }
  };
  while (at < message.length) {
    const tag = Number(BigInt.asUintN(32, varint()));
    yield [tag >>> 3, value(tag & 7)];
  }
}

export const isBytes = (value: bigint | Buffer): value is Buffer => typeof value !== 'bigint';

/** A multidimensional array; the last axis varies fastest. */
export interface Values {
  shape: number[];
  data: Float32Array;
}

export const zeros = (shape: number[]): Values => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

/**
 * Returns the part at the leading indices, as a view of the same memory. @throws RangeError for an index out of range
 */
export function at({ shape, data }: Values, ...indices: number[]): Float32Array {
  let [start, length] = [0, data.length];
  indices.forEach((index, axis) => {
    const n = shape[axis] ?? 0;
    if (!Number.isInteger(index) || index < 0 || index >= n)
      throw new RangeError(`There is no ${index} among ${n} along axis ${axis}.`);
    length /= n;
    start += index * length;
  });
  return data.subarray(start, start + length);
}

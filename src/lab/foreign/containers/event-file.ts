// TensorBoard's event files: frames of length, checksum, data, checksum. No library for Node reads them.
import { maskedCrc } from '../../files/crc.ts';
import { openFile } from '../../files/regular.ts';
import { fields, isBytes } from '../../../base/read-protobuf.ts';

/** A scalar (float32) or a text from an event, with its step. */
interface EventValue {
  tag: string;
  step: number;
  /** Time at which the event was logged, in seconds since 1970. */
  time: number;
  value: number | null;
  text: string | null;
}

/** Maximum length of a frame in an event file, in bytes. */
const MAX_FRAME = 2 ** 26;
/** Number of bytes per read of an event file. */
const PIECE = 2 ** 22;

/** Reads an event file in pieces, up to its last complete frame. */
export class EventFile {
  private offset = 0;
  /** Reason why the rest of the file is unreadable. Null if the whole file is readable. */
  problem: string | null = null;

  constructor(
    private readonly path: string,
    private readonly name: string,
  ) {}

  /** Returns the values that were added since the last call. */
  async read(): Promise<EventValue[]> {
    if (this.problem !== null) return [];
    const values: EventValue[] = [];
    const file = await openFile(this.path);
    try {
      const { size } = await file.stat();
      const bytes = async (length: number) => {
        const buffer = Buffer.alloc(Math.min(length, size - this.offset));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, this.offset);
        return buffer.subarray(0, bytesRead);
      };
      for (let wanted = PIECE; this.offset < size;) {
        const piece = await bytes(wanted);
        const used = this.take(piece, values);
        this.offset += used;
        if (this.problem !== null || this.offset + piece.length - used >= size) break;
        // The frame is larger than a piece, so a larger piece is read.
        wanted = used === 0 ? wanted * 4 : PIECE;
      }
    } finally {
      await file.close();
    }
    return values;
  }

  /** Decodes the complete frames of a piece. @returns the number of decoded bytes */
  private take(piece: Buffer, values: EventValue[]): number {
    let at = 0;
    while (at + 12 <= piece.length) {
      const length = piece.readBigUInt64LE(at);
      if (length > MAX_FRAME) return this.stop(at, 'a record is longer than 64 MiB', at);
      const end = at + 16 + Number(length);
      if (end > piece.length) break;
      const data = piece.subarray(at + 12, end - 4);
      if (
        maskedCrc(piece.subarray(at, at + 8)) !== piece.readUInt32LE(at + 8) ||
        maskedCrc(data) !== piece.readUInt32LE(end - 4)
      )
        return this.stop(at, 'the checksum of a record is wrong', at);
      try {
        values.push(...valuesOf(data));
      } catch (error) {
        return this.stop(at, `a record is not an event: ${(error as Error).message}`, at);
      }
      at = end;
    }
    return at;
  }

  private stop(at: number, why: string, used: number): number {
    this.problem = `${this.name}, byte ${this.offset + at}: ${why}. The rest of the file is ignored.`;
    return used;
  }
}

function valuesOf(event: Buffer): EventValue[] {
  let [step, time] = [0, 0];
  const values: Buffer[] = [];
  for (const [number, value] of fields(event)) {
    if (number === 1 && isBytes(value) && value.length === 8) time = value.readDoubleLE(0);
    else if (number === 2 && !isBytes(value)) step = Number(value);
    else if (number === 5 && isBytes(value))
      for (const [inner, each] of fields(value)) if (inner === 1 && isBytes(each)) values.push(each);
  }
  return values.flatMap((value) => {
    const read = valueOf(value);
    return read ? [{ step, time, ...read }] : [];
  });
}

/** Reads a scalar or a text. Returns null for any other value, such as images, histograms, and other tensors. */
function valueOf(message: Buffer): Pick<EventValue, 'tag' | 'value' | 'text'> | null {
  let [tag, plugin] = ['', ''];
  let simple: number | null = null;
  let tensor: Buffer | null = null;
  for (const [number, value] of fields(message)) {
    if (!isBytes(value)) continue;
    if (number === 1) tag = value.toString('utf8');
    else if (number === 2 && value.length === 4) simple = value.readFloatLE(0);
    else if (number === 8) tensor = value;
    else if (number === 9) plugin = pluginName(value);
  }
  if (simple !== null) return { tag, value: Number.isFinite(simple) ? simple : null, text: null };
  if (!tensor || (plugin !== 'scalars' && plugin !== 'text')) return null;
  const { number, text } = readTensor(tensor);
  if (plugin === 'text') return text === null ? null : { tag, value: null, text };
  return number === undefined ? null : { tag, value: Number.isFinite(number) ? number : null, text: null };
}

function pluginName(metadata: Buffer): string {
  for (const [number, value] of fields(metadata))
    if (number === 1 && isBytes(value))
      for (const [inner, name] of fields(value))
        if (inner === 1 && isBytes(name)) return name.toString('utf8');
  return '';
}

function readTensor(message: Buffer): { number: number | undefined; text: string | null } {
  let dtype = 0;
  let number: number | undefined;
  let text: string | null = null;
  for (const [field, value] of fields(message)) {
    if (field === 1 && !isBytes(value)) dtype = Number(value);
    if (!isBytes(value)) continue;
    if (field === 8) text ??= value.toString('utf8');
    else if (field === 5 && value.length >= 4) number = value.readFloatLE(0);
    else if (field === 6 && value.length >= 8) number = value.readDoubleLE(0);
    else if (field === 4 && dtype === 1 && value.length >= 4) number = value.readFloatLE(0);
    else if (field === 4 && dtype === 2 && value.length >= 8) number = value.readDoubleLE(0);
  }
  return { number, text };
}

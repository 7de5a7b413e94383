import { open, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';
import { maskedCrc } from '../files/crc.ts';
import { makeFolder } from '../files/folders.ts';
import type { CurveWriter } from '../runs/make-run.ts';

/** Name of the folder in a run for TensorBoard's curves. */
const EVENTS = 'tensorboard';

/**
 * Writes curves for TensorBoard: one event file per process that writes to the run. TensorBoard joins the files of a
 * resumed run by time.
 */
export class EventWriter implements CurveWriter {
  /** Last queued write, so that frames are written one after another. */
  private writing: Promise<void> = Promise.resolve();

  private constructor(private readonly file: FileHandle) {}

  /** Creates a file in the run's folder. @param committed last valid step; later steps of earlier files are dropped */
  static async open(dir: string, committed: number, now = Date.now()): Promise<EventWriter> {
    const folder = join(dir, EVENTS);
    await makeFolder(folder);
    const host = hostname().replace(/[^\w.-]/g, '_');
    const name = `events.out.tfevents.${Math.floor(now / 1000)}.${host}.${process.pid}`;
    // The names of two files can have the same second, so a number at the end distinguishes the names.
    for (let i = 0; ; i++) {
      try {
        const writer = new EventWriter(await open(join(folder, `${name}.${i}`), 'ax'));
        await writer.event(now, 0, bytesField(3, Buffer.from('brain.Event:2')));
        // A session log with the status START makes TensorBoard drop this and later steps of earlier files.
        await writer.event(now, committed + 1, bytesField(7, Buffer.from([1 << 3, 1])));
        return writer;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  /**
   * Writes the metrics of a step, as 32-bit floats under `train/<metric>`, like Hugging Face's trainers. Omits missing
   * values.
   */
  async row({ step, ...figures }: MetricsRow, now = Date.now()): Promise<void> {
    const values = Object.entries(figures).flatMap(([name, figure]) =>
      typeof figure === 'number' ? [bytesField(1, scalar(`train/${name}`, figure))] : [],
    );
    if (values.length > 0) await this.event(now, step, bytesField(5, Buffer.concat(values)));
  }

  async close(): Promise<void> {
    await this.writing.catch(() => undefined);
    await this.file.close();
  }

  /** Writes an event in a frame: the length, its checksum, the event, and its checksum. */
  private event(now: number, step: number, what: Buffer): Promise<void> {
    const time = Buffer.alloc(9);
    time[0] = (1 << 3) | 1;
    time.writeDoubleLE(now / 1000, 1);
    const data = Buffer.concat([time, Buffer.from([2 << 3]), varint(step), what]);
    const frame = Buffer.alloc(data.length + 16);
    frame.writeBigUInt64LE(BigInt(data.length), 0);
    frame.writeUInt32LE(maskedCrc(frame.subarray(0, 8)), 8);
    data.copy(frame, 12);
    frame.writeUInt32LE(maskedCrc(data), 12 + data.length);
    this.writing = this.writing.then(() => this.file.appendFile(frame));
    return this.writing;
  }
}

/** Encodes `Value{1 tag, 2 simple_value}` of a summary. */
function scalar(tag: string, value: number): Buffer {
  const simple = Buffer.alloc(5);
  simple[0] = (2 << 3) | 5;
  simple.writeFloatLE(value, 1);
  return Buffer.concat([bytesField(1, Buffer.from(tag)), simple]);
}

/** Encodes a field of a message with bytes, a string or another message. */
const bytesField = (number: number, value: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2]), varint(value.length), value]);

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}

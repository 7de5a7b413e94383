import type { FileHandle } from 'node:fs/promises';
import { ByteWriter, ParquetWriter, schemaFromColumnData, type BasicType } from 'hyparquet-writer';
import type { Sample } from '../../../core/spatial/sample.ts';

const COLUMNS: { name: string; type: BasicType }[] = [
  ...['id', 'question', 'answer', 'reasoning', 'task', 'source', 'box_format'].map((name) => ({
    name,
    type: 'STRING' as const,
  })),
  ...['choices', 'images', 'boxes', 'points', 'masks', 'scene_graph', 'meta', 'variants', 'chirality'].map(
    (name) => ({ name, type: 'JSON' as const }),
  ),
];
const NAMES = new Set(COLUMNS.map(({ name }) => name));

/** Rows held in memory at a time, which form one row group. */
const GROUP = 10_000;

/**
 * Writes samples as a parquet table, row group by row group: texts as text columns, structured values as JSON columns,
 * and keys that records.md does not name together in a JSON column `chirality`. Images stay references.
 */
export class ParquetSamples {
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private rows: Sample[] = [];

  constructor(private readonly file: FileHandle) {
    const columnData = COLUMNS.map((column) => ({ ...column, data: [] }));
    this.writer = new ParquetWriter({ writer: this.bytes, schema: schemaFromColumnData({ columnData }) });
  }

  async write(sample: Sample): Promise<void> {
    this.rows.push(sample);
    if (this.rows.length >= GROUP) await this.flush();
  }

  async end(): Promise<void> {
    await this.flush();
    await this.writer.finish();
    await this.drain();
  }

  private async flush(): Promise<void> {
    if (this.rows.length === 0) return;
    const rows = this.rows;
    this.rows = [];
    const columnData = COLUMNS.map(({ name }) => ({
      name,
      data: rows.map((row) => (name === 'chirality' ? otherFields(row) : row[name]) ?? null),
    }));
    await this.writer.write({ columnData, rowGroupSize: GROUP });
    await this.drain();
  }

  private async drain(): Promise<void> {
    await this.file.writeFile(this.bytes.getBytes());
    this.bytes.index = 0;
  }
}

function otherFields(row: Sample): Record<string, unknown> | undefined {
  const others = Object.entries(row).filter(([key]) => !NAMES.has(key));
  return others.length > 0 ? Object.fromEntries(others) : undefined;
}

import type { FileHandle } from 'node:fs/promises';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';

/** A column's type: text, whole number, picture, a struct of columns, or a list of one type. */
export type ColumnType = 'text' | 'int' | 'image' | { [field: string]: ColumnType } | [ColumnType];

/** Rows are kept in memory until they hold this many bytes of pictures, or are this many. */
const GROUP_BYTES = 32 * 2 ** 20;
const GROUP_ROWS = 1000;

/**
 * Writes a table with nested columns and pictures, as the datasets library of Hugging Face does: a picture is a struct
 * of its bytes and a path, and the file's metadata say which columns are pictures, so that the library decodes them.
 */
export class TrainerTable {
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private rows: Record<string, unknown>[] = [];
  private held = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly columns: Readonly<Record<string, ColumnType>>,
  ) {
    const children = Object.entries(columns).flatMap(([name, type]) => elements(name, type));
    const features = Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, feature(type)]));
    this.writer = new ParquetWriter({
      writer: this.bytes,
      schema: [{ name: 'root', num_children: Object.keys(columns).length }, ...children],
      kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
    });
  }

  /** @param pictureBytes the size of the row's pictures, which decides when rows are written to the file */
  async write(row: Record<string, unknown>, pictureBytes: number): Promise<void> {
    this.rows.push(row);
    this.held += pictureBytes;
    if (this.held >= GROUP_BYTES || this.rows.length >= GROUP_ROWS) await this.flush();
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
    this.held = 0;
    const columnData = Object.keys(this.columns).map((name) => ({
      name,
      data: rows.map((row) => row[name]),
      // The smallest and largest value of a column of pictures would be two whole pictures.
      statistics: false,
      encoding: 'PLAIN' as const,
    }));
    await this.writer.write({ columnData, rowGroupSize: rows.length });
    await this.drain();
  }

  private async drain(): Promise<void> {
    await this.file.writeFile(this.bytes.getBytes());
    this.bytes.index = 0;
  }
}

/** The schema of a column: the element itself, then those below it. */
function elements(name: string, type: ColumnType): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  if (type === 'text') return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' }];
  if (type === 'int') return [{ ...optional, type: 'INT32' }];
  if (type === 'image')
    return [
      { ...optional, num_children: 2 },
      { name: 'bytes', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY' },
      ...elements('path', 'text'),
    ];
  if (Array.isArray(type))
    return [
      { ...optional, converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...elements('element', type[0] as ColumnType),
    ];
  return [
    { ...optional, num_children: Object.keys(type).length },
    ...Object.entries(type).flatMap(([field, inner]) => elements(field, inner)),
  ];
}

/** The type of a column in the words of the datasets library. */
function feature(type: ColumnType): unknown {
  if (type === 'text') return { dtype: 'string', _type: 'Value' };
  if (type === 'int') return { dtype: 'int32', _type: 'Value' };
  if (type === 'image') return { _type: 'Image' };
  if (Array.isArray(type)) return [feature(type[0] as ColumnType)];
  return Object.fromEntries(Object.entries(type).map(([field, inner]) => [field, feature(inner)]));
}

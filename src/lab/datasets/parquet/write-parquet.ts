import type { FileHandle } from 'node:fs/promises';
import type { SchemaElement } from 'hyparquet';
import {
  ByteWriter,
  ParquetWriter,
  schemaFromColumnData,
  type BasicType,
  type ColumnSource,
} from 'hyparquet-writer';
import type { Sample } from '../../../rows/sample/sample.ts';

class RowGroups<Row> {
  private readonly bytes = new ByteWriter();
  private readonly writer: ParquetWriter;
  private rows: Row[] = [];
  private held = 0;

  constructor(
    private readonly file: FileHandle,
    about: Omit<ConstructorParameters<typeof ParquetWriter>[0], 'writer'>,
    private readonly columnsOf: (rows: readonly Row[]) => ColumnSource[],
    /** Maximum number of rows in memory, and maximum number of bytes of these rows. */
    private readonly most: { rows: number; bytes: number },
  ) {
    this.writer = new ParquetWriter({ writer: this.bytes, ...about });
  }

  async add(row: Row, bytes: number): Promise<void> {
    this.rows.push(row);
    this.held += bytes;
    if (this.rows.length >= this.most.rows || this.held >= this.most.bytes) await this.flush();
  }

  async end(): Promise<void> {
    await this.flush();
    await this.writer.finish();
    await this.drain();
  }

  async flush(): Promise<void> {
    if (this.rows.length === 0) return;
    const rows = this.rows;
    this.rows = [];
    this.held = 0;
    await this.writer.write({ columnData: this.columnsOf(rows), rowGroupSize: rows.length });
    await this.drain();
  }

  private async drain(): Promise<void> {
    await this.file.writeFile(this.bytes.getBytes());
    this.bytes.index = 0;
  }
}

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

/**
 * Writes rows as a parquet table: strings as text columns, structured values as JSON columns, and keys that
 * docs/reference.md does not list together as a JSON column `chirality`. Images remain references.
 */
export class ParquetSamples {
  private readonly groups: RowGroups<Sample>;
  /** The writer would round numbers in JSON, so it gets bytes, and the type is declared at the end. */
  private readonly schema = schemaFromColumnData({
    columnData: COLUMNS.map(({ name, type }) => ({
      name,
      type: type === 'JSON' ? 'BYTE_ARRAY' : type,
      data: [],
    })),
  });

  constructor(file: FileHandle) {
    const { schema } = this;
    const columnsOf = (rows: readonly Sample[]) =>
      COLUMNS.map(({ name, type }) => ({
        name,
        data: rows.map((row) => {
          const value = (name === 'chirality' ? otherFields(row) : row[name]) ?? null;
          if (value === null || type !== 'JSON') return value;
          return Buffer.from(JSON.stringify(value));
        }),
      }));
    this.groups = new RowGroups(file, { schema }, columnsOf, { rows: 10_000, bytes: Infinity });
  }

  write(sample: Sample): Promise<void> {
    return this.groups.add(sample, 0);
  }

  async end(): Promise<void> {
    await this.groups.flush();
    COLUMNS.forEach(({ type }, i) => type === 'JSON' && (this.schema[i + 1]!.converted_type = 'JSON'));
    await this.groups.end();
  }
}

function otherFields(row: Sample): Record<string, unknown> | undefined {
  const others = Object.entries(row).filter(([key]) => !NAMES.has(key));
  return others.length > 0 ? Object.fromEntries(others) : undefined;
}

/** Type of a column: text, whole number, number, image, a struct of columns, or a list of one type. */
export type ColumnType = 'text' | 'int' | 'number' | 'image' | { [field: string]: ColumnType } | [ColumnType];

/**
 * Writes a table with nested columns and images in the format of Hugging Face's datasets library. An image is a struct
 * of bytes and path. The file's metadata contains the image columns, so that the library decodes them.
 */
export class TrainerTable {
  private readonly groups: RowGroups<Record<string, unknown>>;

  constructor(file: FileHandle, columns: Readonly<Record<string, ColumnType>>) {
    const names = Object.keys(columns);
    const children = Object.entries(columns).flatMap(([name, type]) => elements(name, type));
    const features = Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, feature(type)]));
    const about = {
      schema: [{ name: 'root', num_children: names.length }, ...children],
      kvMetadata: [{ key: 'huggingface', value: JSON.stringify({ info: { features } }) }],
    };
    const columnsOf = (rows: readonly Record<string, unknown>[]) =>
      names.map((name) => ({
        name,
        data: rows.map((row) => row[name] ?? null),
        // The minimum and the maximum in the statistics of an image column would each be a whole image.
        statistics: false,
        encoding: 'PLAIN' as const,
      }));
    this.groups = new RowGroups(file, about, columnsOf, { rows: 1000, bytes: 32 * 2 ** 20 });
  }

  /** @param pictureBytes size of the row's images, which determines when rows are written */
  write(row: Record<string, unknown>, pictureBytes: number): Promise<void> {
    return this.groups.add(row, pictureBytes);
  }

  end(): Promise<void> {
    return this.groups.end();
  }
}

/** Returns the schema of a column: the column's element, followed by its inner elements. */
function elements(name: string, type: ColumnType): SchemaElement[] {
  const optional = { name, repetition_type: 'OPTIONAL' } as const;
  if (type === 'text') return [{ ...optional, type: 'BYTE_ARRAY', converted_type: 'UTF8' }];
  if (type === 'int') return [{ ...optional, type: 'INT32' }];
  if (type === 'number') return [{ ...optional, type: 'DOUBLE' }];
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

/** Returns the type of a column in the notation of Hugging Face's datasets library. */
function feature(type: ColumnType): unknown {
  if (type === 'text') return { dtype: 'string', _type: 'Value' };
  if (type === 'int') return { dtype: 'int32', _type: 'Value' };
  if (type === 'number') return { dtype: 'float64', _type: 'Value' };
  if (type === 'image') return { _type: 'Image' };
  if (Array.isArray(type)) return [feature(type[0] as ColumnType)];
  return Object.fromEntries(Object.entries(type).map(([field, inner]) => [field, feature(inner)]));
}

/** The parts of a row that a column of a table may hold. */
export type ColumnField =
  'question' | 'answer' | 'images' | 'choices' | 'id' | 'reasoning' | 'task' | 'source';

/** The column of each part. Several columns with one choice each are joined by `+`. */
export type ColumnChoice = Partial<Record<ColumnField, string>>;

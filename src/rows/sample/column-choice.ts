/** Parts of a row that a table column can contain. */
export type ColumnField =
  'question' | 'answer' | 'images' | 'choices' | 'id' | 'reasoning' | 'task' | 'source';

/** Column of each part. Several columns with one choice each are joined by `+`. */
export type ColumnChoice = Partial<Record<ColumnField, string>>;

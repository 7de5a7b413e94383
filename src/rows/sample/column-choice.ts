/** Fields of a row that a table column can contain. */
export type ColumnField =
  'question' | 'answer' | 'images' | 'choices' | 'id' | 'reasoning' | 'task' | 'source';

/** Column for each field. Several columns that contain one choice each are joined by `+`. */
export type ColumnChoice = Partial<Record<ColumnField, string>>;

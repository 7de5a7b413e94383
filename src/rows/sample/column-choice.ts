/** Table column for each field of a row. Several columns that contain one choice each are joined by `+`. */
export type ColumnChoice = Partial<
  Record<'question' | 'answer' | 'images' | 'choices' | 'id' | 'reasoning' | 'task' | 'source', string>
>;

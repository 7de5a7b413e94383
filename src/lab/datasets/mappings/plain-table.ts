import { namedColumns } from '../../../core/sample/guess-columns.ts';
import { imageList, otherColumns, type Mapping, type Row } from './mapping.ts';
import { optionColumns, optionsIn } from './options.ts';

const OPTION_COLUMN = /^[A-Z]$/;

/**
 * The obvious table: a question, an answer and mostly a picture in columns of these names, in any order, with options
 * in columns A, B, … or in one text with letters. Other columns are kept under `meta`. Null if the header has no
 * question or no answer, or a name twice.
 */
export function plainTable(columns: readonly string[]): Mapping | null {
  const names = namedColumns(columns);
  if (!names?.has('question') || !names.has('answer')) return null;
  const used = [...names.values()];
  return {
    name: 'table',
    about: 'a table with the columns question, answer and image',
    columns: [],
    sample(row, id) {
      const cell = (...[field]: Parameters<typeof names.get>) =>
        names.has(field) ? row[names.get(field)!] : undefined;
      const columnsOf = optionColumns(row);
      const listed = cell('choice') ?? cell('option');
      const choices =
        columnsOf.length > 1 ? columnsOf : typeof listed === 'string' ? optionsIn(listed)?.options : listed;
      const meta = otherColumns(
        row,
        choices === columnsOf
          ? [...used, ...Object.keys(row).filter((name) => OPTION_COLUMN.test(name))]
          : used,
      );
      const sample: Row = {
        id: cell('id') ?? id,
        question: cell('question'),
        answer: cell('answer'),
        images: imageList(cell('image')),
        choices,
        reasoning: cell('reasoning'),
        task: cell('task'),
        source: cell('source'),
      };
      if (listed !== undefined && choices === undefined) meta.choices = listed;
      if (Object.keys(meta).length > 0) sample.meta = meta;
      return sample;
    },
  };
}

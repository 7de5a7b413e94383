import { letterOf } from '../../../base/item-names.ts';
import { choiceIndex } from '../../../rows/sample/choices.ts';
import type { ColumnChoice } from '../../../rows/sample/column-choice.ts';
import { listedOptions } from '../../../rows/sample/option-list.ts';
import { holdsPicture } from './mapping.ts';
import { CHOSEN_ANSWER, isEmpty, optionColumns } from './named-columns.ts';

export const isWhole = (cell: unknown): boolean => /^\s*\d{1,3}\s*$/.test(textOfCell(cell));

/** Returns the column of reference answers if these are whole numbers: option numbers, in a table with options. */
export function indexColumn(columns: readonly string[], rows: readonly Row[]): string | undefined {
  const answer = guessColumns(columns, rows).answer;
  return answer !== undefined && all(rows, isWhole)(answer) ? answer : undefined;
}

/** Names of columns with images or videos: image, img_paths, picture_name, image_2, video … */
const PICTURE_COLUMN =
  /^(?:image|img|picture|photo|pic|video|clip)s?[_ -]?(?:path|name|file|file[_ -]?name)?s?[_ -]?(\d{0,2})$/i;

/** Names of columns with images that are not for the model, such as depth maps. */
const OTHER_PICTURE = /depth|mask|segment|thumb/i;

/** Returns the columns of a row's images: one, or several numbered columns. `file_name` counts if it has images. */
export function pictureColumns(columns: readonly string[], rows: readonly Row[]): string[] {
  const named = columns.filter((column) => PICTURE_COLUMN.test(column.trim()));
  const numberOf = (column: string) => PICTURE_COLUMN.exec(column.trim())![1]!;
  const whole = named.filter((column) => numberOf(column) === '');
  const numbered = named.filter((column) => numberOf(column) !== '');
  // Images in cells take precedence, because an image file can be in another folder or missing.
  const files = columns.filter((column) => !OTHER_PICTURE.test(column) && all(rows, isPicture)(column));
  const held = files.filter(all(rows, holdsPicture));
  const inCells = whole.filter((column) => held.includes(column));
  if (inCells.length > 0) return [called('images', inCells) ?? inCells[0]!];
  if (held.length === 1 && !numbered.includes(held[0]!)) return held;
  if (whole.length > 0) return [called('images', whole) ?? whole[0]!];
  if (numbered.length > 0) return numbered.sort((a, b) => Number(numberOf(a)) - Number(numberOf(b)));
  const name = called('images', files) ?? (files.length === 1 ? files[0] : undefined);
  return name === undefined ? [] : [name];
}

/** Names of reference answer columns, without spaces and punctuation. An `answer` next to them is a model's answer. */
const REFERENCES =
  /^(?:(?:ground ?truth|gt|gold|reference|ref)(?:answer|label|option|choice|response|value|text|letter)?|(?:correct|true|right|expected|annotated)(?:answer|label|option|choice|response|letter))s?$|^(?:answer|label)s?(?:gt|gold|ref|reference|groundtruth|correct|true)$/;
/** Column names that can also mean something else, such as a class. Their cells must have the form of answers. */
const MAYBE_REFERENCES = /^(?:label|target|solution|truth|key|expected)s?$/;

/**
 * Returns columns that differ from `answer` and could contain the reference answer. One of these columns or `answer` is
 * a model's answer, and only the user can decide which.
 */
export function otherReferences(answer: string, columns: readonly string[], rows: readonly Row[]): string[] {
  const kinds = new Set(rows.map((row) => kindOf(row[answer])).filter(Boolean));
  return columns.filter((column) => {
    const name = column.toLowerCase().replace(/[^a-z]/g, '');
    if (column === answer || !(REFERENCES.test(name) || MAYBE_REFERENCES.test(name))) return false;
    if (isKey(rows)(column)) return false;
    const both = rows.filter((row) => !isEmpty(row[column]) && !isEmpty(row[answer]));
    if (rows.length === 0) return REFERENCES.test(name);
    if (both.every((row) => keyOf(row[column]) === keyOf(row[answer]))) return false;
    if (REFERENCES.test(name)) return true;
    const answers = new Set(both.map((row) => keyOf(row[answer])));
    return both.some((row) => answers.has(keyOf(row[column])) || kinds.has(kindOf(row[column])));
  });
}

/** Matches names of columns that identify rows. */
const KEY = /^(?:#|(?:.*[_ -])?(?:[qpu]?id|uuid|key|index|idx|nr|no)|__key__)$/i;
/** Words in names of ids that several rows can share, such as the id of an image. */
const OF_OTHERS = /image|img|picture|photo|scene|video|clip/i;

/** Whether a column only identifies rows, because of its name and because all values differ. */
const isKey =
  (rows: readonly Row[]) =>
  (column: string): boolean => {
    const cells = rows.map((row) => row[column]).filter((cell) => !isEmpty(cell));
    const isNamed = KEY.test(column.trim()) || /[a-z]I[Dd]$/.test(column.trim());
    return (
      isNamed &&
      !OF_OTHERS.test(column) &&
      cells.length > 1 &&
      new Set(cells.map(textOfCell)).size === cells.length
    );
  };

/** Returns the columns that could contain the answer, if the user must decide between several. Otherwise empty. */
function referencesOf(columns: readonly string[], rows: readonly Row[]): string[] {
  const single = optionColumns(columns);
  const answer = called(
    'answer',
    columns.filter((column) => !single.includes(column)),
  );
  const others = answer === undefined ? [] : otherReferences(answer, columns, rows);
  return others.length > 0 ? [answer!, ...others] : [];
}

const textOfCell = (cell: unknown): string =>
  typeof cell === 'string' ? cell : cell == null ? '' : (JSON.stringify(cell) ?? '');
const keyOf = (cell: unknown): string =>
  textOfCell(cell)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}.,-]+/gu, ' ')
    .replace(/^[ .]+|[ .]+$/g, '');

const SIDE =
  /^(?:it is )?(?:on |to |at |in )?(?:the )?(?:left|right|top|bottom|front|back|behind|above|below|under|over|near|far)\b/;

/** Returns the form of a short answer. Columns whose cells have equal forms have similar contents. */
function kindOf(cell: unknown): string {
  const key = keyOf(cell);
  if (/^(?:yes|no|true|false)\b/.test(key)) return 'verdict';
  if (/^[a-h](?:[.,] .*)?$/.test(key)) return 'letter';
  if (/^-?\d+(?:[.,]\d+)?$/.test(key)) return 'number';
  if (SIDE.test(key)) return 'side';
  return '';
}

/** Fields, and usual names of their columns, without spaces, punctuation and accents. Frequent names are first. */
const ALIASES: Record<keyof ColumnChoice, readonly string[]> = {
  question: [
    'question query prompt instruction problem questiontext text q',
    'frage pregunta domanda pergunta vraag pytanie fraga soru вопрос 问题 問題 質問 질문',
  ],
  answer: [
    'answer correctanswer groundtruth gt goldanswer label',
    ...['cor', 'correct', 'gt', 'answer', 'label', 'right', 'correctanswer', 'correctoption'].map(
      (name) => `${name}idx ${name}index`,
    ),
    'response output target solution losung richtigeantwort solucion soluzione solucao oplossing',
    'antwort reponse respuesta risposta resposta antwoord odpowiedz svar cevap ответ 答案 回答 答え 정답 답',
  ],
  images: [
    'image',
    'picture',
    'photo img imagepath imagefile imagename imagefilename imgpath imgname imgfile imgfilename pic',
    'picturename picturepath picturefile photopath photoname photofile video videopath videofile videoname',
    'file filename filepath path bild imagen immagine imagem afbeelding foto obraz resim картинка 图片 圖片 画像 이미지',
  ],
  choices: ['choice option candidate answerchoice answeroption multiplechoice'],
  id: ['id'],
  reasoning: ['reasoning'],
  task: ['task'],
  source: ['source'],
};

const COLUMN_FIELDS = Object.keys(ALIASES) as (keyof ColumnChoice)[];

type Row = Readonly<Record<string, unknown>>;

/**
 * Guesses which columns contain the parts of a row, from names and some rows, for the user to confirm. An image column
 * contains names of image files. A question column contains sentences that end in a question mark.
 */
export function guessColumns(columns: readonly string[], rows: readonly Row[]): ColumnChoice {
  const choice: ColumnChoice = {};
  const free = () => {
    const used = Object.values(choice).flatMap((column) => [column, ...column.split('+')]);
    return columns.filter((column) => !used.includes(column));
  };
  const take = (field: keyof ColumnChoice, column: string | undefined) => {
    if (column !== undefined) choice[field] = column;
  };
  const each = (fits: (cell: unknown) => boolean) => all(rows, fits);
  take('images', called('images', free().filter(each(isPicture))) ?? free().find(each(isPicture)));
  if (rows.length === 0) take('images', called('images', columns));
  const several = pictureColumns(columns, rows);
  if (several.length > 1) choice.images = several.join('+');
  // A column of objects cannot be the question or the answer, whatever its name.
  const written = () => free().filter((column) => !each(isObject)(column));
  take('question', called('question', written()) ?? free().find(each(isQuestion)));
  const single = optionColumns(free().filter((column) => column !== choice.question));
  const others = written().filter((column) => !single.includes(column));
  const naming = single.length > 1 ? others.filter(each(isOptionName(single.length))) : [];
  // If one of two columns is a model's answer, only the user can decide which.
  if (referencesOf(written(), rows).length === 0)
    take('answer', answerColumn(others, choice.question) ?? (naming.length === 1 ? naming[0] : undefined));
  // A column of boxes is the answer if no other column can be the answer.
  if (choice.answer === undefined && referencesOf(written(), rows).length === 0)
    take('answer', free().find(isBoxColumn(rows)));
  if (single.length > 1) choice.choices = single.join('+');
  else
    take(
      'choices',
      called('choices', free()) ??
        free().find((column) => each(isOptionList)(column) && !isOwnList(column, choice.answer, rows)),
    );
  for (const field of ['id', 'reasoning', 'task', 'source'] as const)
    take(field, called(field, free().filter(each((cell) => typeof cell === 'string' || field === 'id'))));
  if (choice.id === undefined) take('id', free().find(isKey(rows)));
  const rest = free().filter((column) => !/^(?:index|nr|no|#)$/i.test(column) && each(isText)(column));
  // The only other column besides question and image is the answer, whatever the language of its name.
  if (choice.question !== undefined && choice.images !== undefined && rest.length === 1)
    choice.answer ??= rest[0]!;
  return choice;
}

/** Returns the column whose name means an answer. "A" is an answer next to a question "Q", otherwise an option. */
const answerColumn = (columns: readonly string[], question = ''): string | undefined =>
  columns.find((column) => CHOSEN_ANSWER.test(column.trim())) ??
  called('answer', columns) ??
  columns.find((column) => REFERENCES.test(column.toLowerCase().replace(/[^a-z]/g, ''))) ??
  (/^q\W*$/i.test(question) ? columns.find((column) => /^a\W*$/i.test(column)) : undefined);

const isBox = (cell: unknown): boolean =>
  Array.isArray(cell) &&
  (cell.length === 4
    ? cell.every(Number.isFinite) || cell.every(isBox)
    : cell.length > 0 && cell.every(isBox));

export const isBoxColumn =
  (rows: readonly Row[]) =>
  (column: string): boolean =>
    /^(?:.*_)?(?:bbox|box|bounding[_ ]?box)(?:es)?$/i.test(column.trim()) && all(rows, isBox)(column);

/** Whether a cell contains the letter of one of `n` options: "B", "(b)", "Option B". */
const isOptionName =
  (n: number) =>
  (cell: unknown): boolean => {
    const letter = /^\W*(?:(?:option|choice|answer|antwort) )?([a-z])\W*$/i.exec(textOfCell(cell))?.[1];
    return letter !== undefined && letter.toUpperCase() < letterOf(n);
  };

/** Whether a cell is a list of options. A list that contains a box or an image is not. */
const isOptionList = (cell: unknown): boolean =>
  (listedOptions(cell) ?? []).filter((option) => !/^[[{]/.test(option) && !isPicture(option)).length > 1;

/**
 * Whether the lists of a column are not options: fewer than half of the lists contain the reference answer, all begin
 * with it (like lists of accepted answers), or one list has duplicates.
 */
function isOwnList(column: string, answer: string | undefined, rows: readonly Row[]): boolean {
  const lists = rows.flatMap((row) => {
    const options = listedOptions(row[column]);
    if (options === null || isEmpty(row[column])) return [];
    const cell = answer === undefined ? undefined : row[answer];
    const reference = isEmpty(cell) ? null : textOfCell(cell).trim();
    const place =
      reference === null
        ? null
        : (choiceIndex(reference, options) ?? (isWhole(reference) ? Number(reference) : -1));
    const isText =
      reference !== null && options.some((option) => option.trim().toLowerCase() === reference.toLowerCase());
    return [{ place, isText, isTwice: new Set(options).size < options.length }];
  });
  if (lists.some(({ isTwice }) => isTwice)) return true;
  if (answer === undefined)
    return all(rows, (cell) => Array.isArray(cell) && cell.every(Number.isFinite))(column);
  const placed = lists.filter(({ place }) => place !== null);
  const named = placed.filter(({ place }) => place !== -1);
  return (
    placed.length > 0 &&
    (2 * named.length < placed.length || placed.every(({ place, isText }) => isText && place === 0))
  );
}

/** Whether a column has cells that are not empty, and `fits` accepts all of them. */
const all = (rows: readonly Row[], fits: (cell: unknown) => boolean) => (column: string) => {
  const cells = rows.map((row) => row[column]).filter((cell) => !isEmpty(cell));
  return cells.length > 0 && cells.every(fits);
};

/** Returns the first column that has the most usual name of a field. */
function called(field: keyof ColumnChoice, columns: readonly string[]): string | undefined {
  const plain = (column: string) =>
    column
      .normalize('NFD')
      .toLowerCase()
      .replace(/[^\p{L}]/gu, '')
      .normalize();
  for (const name of ALIASES[field].flatMap((names) => names.split(' '))) {
    const column = columns.find((each) => [name, `${name}s`].includes(plain(each)));
    if (column !== undefined) return column;
  }
  return undefined;
}

const PICTURE = /\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif|mp4|m4v|mov|avi|mkv|webm)$|^data:image\//i;

const isObject = (cell: unknown): boolean =>
  typeof cell === 'object' && cell !== null && (!Array.isArray(cell) || cell.some(isObject));
const isText = (cell: unknown): boolean => typeof cell === 'string' || typeof cell === 'number';
const isQuestion = (cell: unknown): boolean => typeof cell === 'string' && /[?？]\s*$/.test(cell);

/** Whether a cell contains or refers to an image, or to a list of images. */
function isPicture(cell: unknown): boolean {
  if (Array.isArray(cell)) return cell.length > 0 && cell.every(isPicture);
  if (holdsPicture(cell)) return true;
  if (typeof cell === 'string') {
    const listed = /^\[.*\]$/s.test(cell) ? listedOptions(cell) : null;
    return listed ? listed.every(isPicture) : PICTURE.test(cell);
  }
  return (
    typeof cell === 'object' && cell !== null && ('parquet' in cell || 'path' in cell || 'bytes' in cell)
  );
}

/** Formats the user's choice for `--map`. A name with a comma or a quotation mark is quoted. */
export const columnRules = (choice: ColumnChoice): string =>
  COLUMN_FIELDS.flatMap((field) => {
    const column = choice[field];
    if (column === undefined) return [];
    return `${field}=${/[,"]|^\s|\s$/.test(column) ? `"${column.replaceAll('"', '""')}"` : column}`;
  }).join(',');

/**
 * Returns the contents of a table's columns, from names and first rows, or as chosen by the user. `references` are
 * columns that could contain the answer, if the user must decide. `isOffered`: whether the table has questions about
 * images, so that the editor can offer the table as a dataset.
 */
export function tableColumns(rows: readonly Row[], chosen: ColumnChoice | null = null) {
  const columns = [...new Set(rows.flatMap(Object.keys))];
  const choice = chosen ?? guessColumns(columns, rows);
  return {
    columns,
    choice,
    references: choice.answer === undefined ? referencesOf(columns, rows) : [],
    rules: columnRules(choice),
    isOffered: choice.question !== undefined && choice.images !== undefined,
  };
}

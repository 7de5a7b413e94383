import { isRecord } from '../../../base/json.ts';
import { OPTIONAL_FIELDS, parseSample } from '../../../rows/sample/parse-sample.ts';
import { listedOptions } from '../../../rows/sample/option-list.ts';
import { DataError } from '../data-error.ts';
import { joinedGraph } from './graphs.ts';
import { holdsPicture, imageList, otherColumns, type Mapping, optionsOfCell, type Row } from './mapping.ts';
import { guessColumns, indexColumn, pictureColumns } from './guess-columns.ts';
import {
  acceptedColumn,
  isEmpty,
  namedColumns,
  optionCells,
  optionColumns,
  type Field,
} from './named-columns.ts';

/** Targets of a mapping rule. */
const TARGETS = [
  'id',
  'question',
  'answer',
  'answer_index',
  'answer_number',
  'images',
  'scene_graph.objects',
  'scene_graph.relations',
  ...OPTIONAL_FIELDS.filter((field) => field !== 'variants'),
];

/** Targets that several mapping rules can fill. */
const SHARED = /^(?:images|meta(?:\..*)?)$/;

/** Matches a rule: `field=column` or `field:=text`, up to a comma outside quotation marks. */
const RULE = /^([\w.]+)(:?=)(.+)$/s;
const COMMA = /,(?=(?:[^"]*"[^"]*")*[^"]*$)/;

/**
 * Parses a mapping by the user: `question=text,answer=gt.0,images=img,box_format:=xyxy_px`. Columns can be dotted paths
 * into objects and lists. `:=` assigns the same text to every row. `answer_index` is the number of the right choice
 * from 0, and `answer_number` from 1. `meta.NAME` stores a column under `meta`. `choices=A+B+C` makes a list of several
 * columns, `question=A+B` one text. `scene_graph.objects` and `scene_graph.relations` make a scene graph, which needs no
 * question. Quote a column name with a comma, and double its quotation marks: `question="what,
 * where"`. A single box can replace a list of boxes. Choices can be one text with letters (`A. left B. right`). An
 * answer that is not a string becomes JSON. Other columns are stored under `meta`.
 * @param blank whether question and answer can be empty, as in rows of completions
 * @throws DataError if the text does not have this form
 */
export function columnMapping(text: string, { blank = false } = {}): Mapping {
  const rules = text.split(COMMA).map((rule) => {
    const [, named, sign, source] = RULE.exec(rule.trim()) ?? [];
    const target = named === 'image' ? 'images' : named;
    if (!target) return notRule(rule);
    const isTarget = TARGETS.includes(target) || target.startsWith('meta.');
    if (!isTarget)
      throw new DataError('map', `Field "${target}" does not exist.`, { fix: `Use ${TARGETS.join(', ')}.` });
    return { target, source: unquoted(source!), constant: sign === ':=' };
  });
  rules.forEach(({ target, source }, i) => {
    const before = rules.slice(0, i).find((rule) => rule.target === target);
    if (before && (target === 'meta' || !SHARED.test(target)))
      throw new DataError(
        'map',
        `Field "${target}" is mapped twice, to "${before.source}" and "${source}".`,
        { fix: 'Remove one of them.' },
      );
  });
  const columns = rules
    .filter((rule) => !rule.constant)
    .flatMap(({ source }) => [source, ...source.split('+')]);
  // CSV rows lack their empty cells, so only another row shows that a column exists.
  const filled = new Set<string>();
  return {
    name: 'map',
    about: 'any table, with --map',
    columns: [],
    sample(row, id) {
      const out: Row = { id };
      const meta = otherColumns(row, [...columns, ...columns.map((path) => path.split('.')[0]!)]);
      for (const { target, source, constant } of rules) {
        const cell = constant ? source : valueOf(row, source);
        // Joins the parts of one text field, such as a situation and its question.
        const value = isText(target) && isJoined(row, source) ? (cell as unknown[]).join(' ') : cell;
        if (value != null) filled.add(source);
        else {
          if (!isText(target)) continue;
          if (!blank)
            throw new DataError(
              'column',
              `Column "${source}" ${filled.has(source) ? 'is' : 'does not exist or is'} empty.`,
            );
          // Replaces the row's own field of this name, which the user did not select.
          out[target] = target === 'answer' ? '' : null;
          continue;
        }
        if (target === 'images') out.images = imageList(...imageList(out.images), listOf(value));
        else if (target === 'meta') Object.assign(meta, value);
        else if (target.startsWith('meta.')) meta[target.slice(5)] = value;
        else out[target] = value;
      }
      const { 'scene_graph.objects': objects, 'scene_graph.relations': relations } = out;
      if (objects !== undefined || relations !== undefined) {
        for (const part of ['objects', 'relations']) Reflect.deleteProperty(out, `scene_graph.${part}`);
        Object.assign(out, {
          question: '',
          answer: '',
          ...out,
          scene_graph: joinedGraph(objects, relations, row),
        });
      }
      if (isEmpty(out.choices)) delete out.choices;
      else out.choices = optionsOfCell(out.choices, out.answer) ?? notListed(out.choices);
      for (const key of ['boxes', 'points']) if (isNumbers(out[key])) out[key] = [out[key]];
      if (typeof out.answer === 'boolean' || (typeof out.answer === 'object' && !isOfTexts(out.answer)))
        out.answer = JSON.stringify(out.answer);
      for (const [key, first] of [
        ['answer_index', 0],
        ['answer_number', 1],
      ] as const)
        if (out[key] !== undefined) {
          out.answer = (out.choices as string[] | undefined)?.[Number(out[key]) - first];
          Reflect.deleteProperty(out, key);
        }
      if (Object.keys(meta).length > 0) out.meta = meta;
      return out;
    },
  };
}

/** Returns a mapping with the constants of `--map`. Null if the rules also contain columns. */
export function withFixed(text: string, mapping: () => Promise<Mapping>): Promise<Mapping> | null {
  if (!text.split(COMMA).every((rule) => RULE.exec(rule.trim())?.[2] === ':=')) return null;
  const { meta, ...fixed } = columnMapping(text).sample({}, '') as Row & { meta?: Row };
  return mapping().then((found) => ({
    ...found,
    sample(row, id) {
      const sample = found.sample(row, id);
      return {
        ...sample,
        ...fixed,
        id: sample.id,
        ...(meta && { meta: { ...(sample.meta as Row | null), ...meta } }),
      };
    },
  }));
}

/**
 * Parses a mapping of a table of completions: the rules of `columnMapping`, and `completion=column` for the model's
 * text. Other columns stay unchanged. An empty cell is an empty completion, or a row without a reference answer.
 * @param columns names of the table's columns
 * @throws DataError if the text does not have this form, or names a column that does not exist
 */
export function completionMapping(text: string, columns: readonly string[]): (row: Row) => Row {
  const rules = text.split(COMMA).map((rule) => rule.trim());
  const ofCompletion = rules.filter((rule) => /^(?:completion|view|completion_box_format):?=/.test(rule));
  const ofSample = rules.filter((rule) => !ofCompletion.includes(rule));
  const mapping = ofSample.length > 0 ? columnMapping(ofSample.join(','), { blank: true }) : null;
  for (const rule of rules) requireColumn(rule, columns);
  const named = ofCompletion.map((rule) => RULE.exec(rule)!.slice(1) as [string, string, string]);
  return (row) => {
    const { meta, ...sample } = (mapping?.sample(row, '') ?? {}) as Row;
    if (sample.id === '') delete sample.id;
    const told = named.map(([target, sign, source]) => {
      const cell = sign === ':=' ? source : valueOf(row, unquoted(source));
      return [target, target === 'completion' ? (cell ?? '') : cell];
    });
    const isMeta = row.meta === undefined && ofSample.some((rule) => rule.startsWith('meta'));
    return { ...row, ...(isMeta && { meta }), ...sample, ...(Object.fromEntries(told) as Row) };
  };
}

/** @throws DataError if a rule names a column that a table lacks */
function requireColumn(rule: string, columns: readonly string[]): void {
  const [, , sign, quoted] = RULE.exec(rule) ?? notRule(rule);
  const source = unquoted(quoted!);
  const names = columns.includes(source) ? [source] : source.split('+');
  const missing = names.find((name) => !columns.includes(name) && !columns.includes(name.split('.')[0]!));
  if (sign === ':=' || missing === undefined || columns.length === 0) return;
  throw new DataError(
    'column',
    `Column "${missing}" does not exist. The table has the columns ${columns.join(', ')}.`,
  );
}

/** @throws DataError because a text is not a mapping rule */
function notRule(rule: string): never {
  const fix = 'Use for example --map question=text,answer=label,images=file.';
  throw new DataError('map', `"${rule}" must be field=column.`, { fix });
}

const unquoted = (text: string): string =>
  /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text;

const isNumbers = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

/** Whether a value is a list of strings. Each string is an accepted answer. */
const isOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');

/** @throws DataError because a cell contains no options */
function notListed(cell: unknown): never {
  throw new DataError(
    'choices',
    typeof cell === 'string'
      ? 'The choices must be a list, or a string with letters (A. …, B. …).'
      : 'The choices must be a list of strings.',
  );
}

const isText = (target: string): boolean => target === 'question' || target === 'answer';

const isJoined = (row: Row, source: string): boolean => source.includes('+') && !Object.hasOwn(row, source);

/** Returns the value at a path. For several paths joined by `+`, returns a list of the non-empty values. */
function valueOf(row: Row, source: string): unknown {
  if (!isJoined(row, source)) return valueAt(row, source);
  const values = source.split('+').map((path) => valueAt(row, path));
  return values.filter((value) => value != null && value !== '' && value !== 'nan');
}

/** Returns the value at a path such as `a.b.0`. A column whose name contains dots takes precedence. */
function valueAt(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as Row)[path];
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(value, head)) return valueAt((value as Row)[head], path.slice(dot + 1));
  }
  return undefined;
}

/**
 * Returns the mapping of a table with columns for question, answer and mostly image, in any order. Options are in
 * columns A, B, … or option_a, option_b, …, or in one cell as a list or a text with letters. Image columns can also
 * have names such as image_name and img_paths. A column with the name of another field becomes this field if its values
 * fit. All other columns go to `meta`. Returns null without question or answer, or if a name occurs twice.
 *
 * @param first first rows, which determine the content of columns
 */
export function plainTable(columns: readonly string[], first: readonly Row[]): Mapping | null {
  const names = namedColumns(columns);
  if (!names?.has('question')) return null;
  const single = optionColumns(columns.filter((column) => ![...names.values()].includes(column)));
  const options = names.get('choice') ?? names.get('option') ?? names.get('candidate');
  const answer =
    names.get('answer') ??
    (single.length > 1 || options !== undefined ? indexColumn(columns, first) : undefined);
  if (answer === undefined) return null;
  const accepted = acceptedColumn(columns);
  const fields = ['question', 'choice', 'option', 'candidate'] as const;
  const named = [answer, accepted, ...fields.map((field) => names.get(field))];
  const free = columns.filter((column) => !named.includes(column));
  const pictures = pictureColumns(free, first);
  const ours = free.flatMap((column) => {
    const field = [...names].find(([, name]) => name === column)?.[0] ?? column;
    return !pictures.includes(column) && fits(field, column, first, columns)
      ? [[field, column] as const]
      : [];
  });
  const used = [...named, ...pictures, ...ours.map(([, column]) => column)].filter(
    (name) => name !== undefined,
  );
  const isVoted = accepted !== undefined && first.length > 0 && first.every((row) => isVote(row[accepted]));
  return {
    name: 'table',
    about: 'a table with the columns question, answer and image',
    columns: [],
    sample(row, id) {
      const cell = (field: Field) => (names.has(field) ? row[names.get(field)!] : undefined);
      const cells = optionCells(row, single);
      const listed = options === undefined ? undefined : row[options];
      const reference = referenceIn(row, answer, accepted);
      const choices = cells.length > 1 ? cells : optionsOfCell(listed, reference.answer);
      const {
        id: own,
        meta: inMeta,
        ...others
      } = Object.fromEntries(ours.map(([field, column]) => [field, row[column]])) as Row;
      const meta = {
        ...(inMeta as Row | undefined),
        ...otherColumns(row, [...used, ...(choices === cells ? single : [])]),
      };
      const sample: Row = {
        id: own ?? id,
        question: cell('question'),
        ...reference,
        ...shownIn(pictures, row),
        ...(isVoted && { credit: 'vqa' }),
        ...others,
        choices,
      };
      if (options !== undefined && !isEmpty(listed) && choices === undefined) meta[options] = listed;
      if (Object.keys(meta).length > 0) sample.meta = meta;
      if (typeof sample.answer === 'boolean') sample.answer = String(sample.answer);
      return sample;
    },
  };
}

/** Returns the reference answer of a row, with all accepted answers. Cells of one column can be texts or lists. */
function referenceIn(row: Row, answer: string, accepted: string | undefined): Row {
  if (accepted === undefined) return { answer: row[answer] };
  const listed = listOf(row[accepted]);
  if (answer === accepted) return { answer: listed };
  return { answer: row[answer], ...(Array.isArray(listed) && { answers: listed }) };
}

/** Returns the images of a row, or its video. In a column of videos, a GIF also counts as a video. */
function shownIn(pictures: readonly string[], row: Row): Row {
  const images = imageList(...pictures.map((name) => listOf(row[name])));
  const [only] = images;
  const isVideo = images.length === 1 && typeof only === 'string' && /^(?:video|clip)/i.test(pictures[0]!);
  return isVideo ? { video: { path: only } } : { images };
}

/**
 * Returns a mapping that also shows images in columns that the published layout does not contain. Images in cells
 * replace files that a row refers to. Other images are used only for a row without images.
 */
export function withPictures(mapping: Mapping, columns: readonly string[], first: readonly Row[]): Mapping {
  const pictures = pictureColumns(columns, first);
  if (pictures.length === 0) return mapping;
  return {
    ...mapping,
    sample(row, id) {
      const sample = mapping.sample(row, id);
      const shown = imageList(sample.images);
      if (sample.video != null || holdsPicture(shown)) return sample;
      const seen = shownIn(pictures, row);
      const [named, inCell] = [shown[0], imageList(seen.images)[0]];
      if (shown.length > 0 && !holdsPicture(seen.images)) return sample;
      // Keeps the size of an image in the row.
      const size = isRecord(named) &&
        isRecord(inCell) && { images: [{ ...named, path: undefined, ...inCell }] };
      return { ...sample, ...seen, ...size };
    },
  };
}

/** Parses a cell with a list of image names, as Python or JSON write it. */
const listOf = (cell: unknown): unknown =>
  typeof cell === 'string' && /^\[\s*['"]/.test(cell.trim()) ? (listedOptions(cell) ?? cell) : cell;

/** Fields that have no meaning without a unit for their numbers. */
const MEASURED = ['boxes', 'points', 'masks'];

/** Whether a column with the name of a row field also contains valid values for this field. */
function fits(field: string, column: string, rows: readonly Row[], columns: readonly string[]): boolean {
  const cells = rows.map((row) => row[column]).filter((cell) => cell != null);
  if (!['id', ...OPTIONAL_FIELDS].includes(field) || cells.length === 0) return false;
  if (MEASURED.includes(field) && !columns.includes('box_format')) return false;
  return cells.every((cell) => parseSample({ id: '1', question: '?', answer: '.', [field]: cell }).sample);
}

/** Whether a cell contains the answers of ten annotators, as in VQAv2, OK-VQA, TextVQA and VizWiz. */
const isVote = (cell: unknown): boolean => Array.isArray(cell) && cell.length === 10;

/**
 * Whether a table is in Chirality's own format, decided by its values: a row is valid as it is, columns contain only
 * values of their field, and no other column contains options or images.
 */
export function isOwnTable(columns: readonly string[], rows: readonly Row[]): boolean {
  const fieldNames = ['id', 'question', 'answer', 'image', 'images', 'chirality', ...OPTIONAL_FIELDS];
  const strange = columns.filter((column) => !fieldNames.includes(column));
  const { choices, images } = guessColumns(strange, rows);
  if (choices !== undefined || images !== undefined) return false;
  if (strange.length > 0 && !columns.includes('images')) return false;
  if (rows.some(({ image }) => typeof image === 'string' && imageList(image)[0] !== image)) return false;
  const isFilled = (column: string) => rows.some((row) => row[column] != null);
  const fields = columns.filter(
    (column) => column !== 'chirality' && fieldNames.includes(column) && isFilled(column),
  );
  const fits = (row: Row) => parseSample(row, { blank: true }).sample !== null;
  return (
    rows.some(fits) &&
    fields.every((field) =>
      rows.some(
        (row) => row[field] != null && fits({ id: '1', question: '', answer: '', [field]: row[field] }),
      ),
    )
  );
}

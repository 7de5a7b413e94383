import type { Problem } from '../../base/problem.ts';
import { answersOf } from './accepted.ts';
import { BOX_FORMATS } from './boxes.ts';
import { checkClipShape, framesOf } from './clip.ts';
import { type Video, CREDITS, isImageRef, STATUSES, type ImageRef, type Sample } from './sample.ts';
import { isNatural, isRecord } from '../../base/json.ts';
import { isOwnForm } from '../scene-graph/scene-graph.ts';
import { readGraph } from '../scene-graph/read-graph.ts';
import { MIRROR, VARIANT_NAMES, isVariantName, isViewId, unknownView } from '../view-list.ts';

/** Parsed row: a sample with problems that do not prevent its use, or only the errors of an unusable row. */
export type ParsedSample = { sample: Sample; problems: Problem[] } | { sample: null; problems: Problem[] };

type Row = Record<string, unknown>;
/** Function that receives a problem of a row. */
export type Report = (code: string, path: string, message: string, fix?: string) => void;

/** Names of the fields of `Sample`, without its index signature. */
type NamedField = keyof { [Key in keyof Sample as string extends Key ? never : Key]: unknown };
type OptionalField = Exclude<NamedField, 'id' | 'question' | 'answer' | 'images'>;

/** Optional fields of a row. If a field is missing from this list, the code does not compile. */
export const OPTIONAL_FIELDS = Object.keys({
  reasoning: true,
  answers: true,
  credit: true,
  choices: true,
  boxes: true,
  points: true,
  masks: true,
  box_format: true,
  clip: true,
  video: true,
  depth_map: true,
  mask_image: true,
  task: true,
  tolerance: true,
  scene_graph: true,
  source: true,
  meta: true,
  variants: true,
  label_review: true,
  conflicts: true,
} satisfies Record<OptionalField, true>);

/**
 * Checks the form of one decoded JSON value against docs/reference.md. Keeps unknown keys, ignores nulls, and accepts a
 * number for `id` and `answer` (and converts it to text). Lists all errors. `checkSample` finds further problems in a
 * well-formed row. Uses no schema, because a schema cannot express the codes and fixes of problems, and a million rows
 * must be checked interactively.
 * @param blank whether question and answer can be empty, because users will write them later
 */
export function parseSample(value: unknown, { blank = false } = {}): ParsedSample {
  const problems: Problem[] = [];
  const report: Report = (code, path, message, fix) =>
    problems.push({ severity: 'error', code, message, ...(path && { path }), ...(fix && { fix }) });
  if (!isRecord(value)) {
    report('not-an-object', '', 'A row must be a JSON object.');
    return { sample: null, problems };
  }
  const row: Row = { ...value, ...answersOf(value) };
  for (const key of ['id', 'answer']) {
    if (Number.isInteger(row[key]) && !Number.isSafeInteger(row[key]))
      report(
        'rounded',
        key,
        `The ${key} is beyond 2^53 and would become ${row[key] as number}.`,
        'Write the number as text, in quotes.',
      );
    if (Number.isFinite(row[key])) row[key] = String(row[key]);
  }
  if (typeof row.video === 'string' && row.video !== '') row.video = { path: row.video };
  const images = imagesOf(row, report);
  for (const key of ['id', 'question', 'answer'])
    if (!(blank && key !== 'id' && isBlankText(row[key]))) checkText(row, key, true, report);
  for (const key of ['reasoning', 'task', 'source']) checkText(row, key, false, report);
  checkShapes(row, '', report);
  checkClipShape(row, report);
  for (const key of ['depth_map', 'mask_image']) if (row[key] != null) checkImage(row[key], key, report);
  const named: [string, string, readonly unknown[]][] = [
    ['box-format', 'box_format', BOX_FORMATS],
    ['credit', 'credit', CREDITS],
  ];
  for (const [code, key, names] of named)
    if (row[key] != null && !names.includes(row[key]))
      report(code, key, `Unknown ${key} ${JSON.stringify(row[key])}.`, `Use one of ${names.join(', ')}.`);
  if (row.tolerance != null && !(Number(row.tolerance) > 0 && Number(row.tolerance) <= 1))
    report('tolerance', 'tolerance', '"tolerance" must be a share above 0, up to 1, such as 0.1.');
  if (row.variants != null) checkVariants(row.variants, report);
  if (problems.length > 0) return { sample: null, problems };
  delete row.image;
  if (row.tolerance != null) row.tolerance = Number(row.tolerance);
  for (const key of OPTIONAL_FIELDS) if (row[key] === null) Reflect.deleteProperty(row, key);
  for (const key of ['depth_map', 'mask_image', 'clip', 'video'])
    if (row[key] != null) row[key] = withoutNulls(row[key]);
  if (isRecord(row.variants)) {
    const { views, ...named } = withoutNulls(row.variants);
    row.variants = { ...inner(named), ...(isRecord(views) && { views: inner(withoutNulls(views)) }) };
  }
  const isUnseen = images.length === 0 && row.video != null;
  const sample = { ...row, images: isUnseen ? framesOf(row.video as Video) : images.map(withoutNulls) };
  return { sample: sample as unknown as Sample, problems };
}

const isBlankText = (text: unknown): boolean => typeof text === 'string' && text.trim() === '';

function checkText(row: Row, key: string, required: boolean, report: Report, prefix = ''): void {
  const value = row[key];
  if (value == null) {
    if (required) report('missing', key, `"${key}" is missing.`, `Add a text under "${key}".`);
  } else if (typeof value !== 'string') {
    report('not-text', `${prefix}${key}`, `"${key}" must be text, not ${typeName(value)}.`);
  } else if (required && value.trim() === '') {
    report('empty', key, `"${key}" is empty.`);
  }
}

/** Returns `images`, or the single reference in `image`. A row can lack images (text-only controls). */
function imagesOf(row: Row, report: Report): ImageRef[] {
  const list = row.images ?? (row.image == null ? [] : [row.image]);
  if (!Array.isArray(list)) {
    report('images', 'images', '"images" must be a list of image references.');
    return [];
  }
  list.forEach((image, i) => checkImage(image, `images[${i}]`, report));
  return list as ImageRef[];
}

const REFERENCE_FIX = 'See "Image reference" in docs/reference.md.';

function checkImage(image: unknown, path: string, report: Report): void {
  if (typeof image === 'string' && image !== '') return;
  if (!isRecord(image)) {
    report('image', path, 'An image reference must be a path or an object.', REFERENCE_FIX);
    return;
  }
  for (const key of ['w', 'h']) {
    const value = image[key];
    if (value != null && !(Number.isFinite(value) && (value as number) > 0)) {
      report('image-size', `${path}.${key}`, `"${key}" must be a positive number of pixels.`);
    }
  }
  if (image.parquet != null) {
    const texts = [image.parquet, image.column].every((v) => typeof v === 'string' && v !== '');
    if (!texts || !isNatural(image.row) || !(image.index == null || isNatural(image.index))) {
      report('image', path, 'A parquet cell requires "parquet", "column" and "row".', REFERENCE_FIX);
    }
  } else if (image.video != null) {
    const { video, frame, frames } = image;
    const isPlaced = isNatural(frame) && isNatural(frames) && frame < frames;
    if (typeof video !== 'string' || video === '' || !isPlaced)
      report('image', path, 'A frame requires "video", "frame" and "frames".', REFERENCE_FIX);
    checkClipShape({ video: { ...image, path: video, frames: null } }, (code, field, ...words) =>
      report(code, `${path}${field.slice('video'.length)}`, ...words),
    );
  } else if (image.path != null) {
    if (typeof image.path !== 'string' || image.path === '')
      report('image', path, '"path" must be text.', REFERENCE_FIX);
  } else if (image.w == null || image.h == null) {
    report(
      'image',
      path,
      'An image reference requires "path", "parquet", "video", or both "w" and "h".',
      REFERENCE_FIX,
    );
  }
}

/** Checks the common fields of rows and variants: choices, lists of numbers, masks, scene graph. */
function checkShapes(row: Row, prefix: string, report: Report): void {
  for (const key of ['choices', 'answers'])
    if (row[key] != null && !isList(row[key], (text) => typeof text === 'string'))
      report(key, `${prefix}${key}`, `"${key}" must be a list of strings.`);
  for (const key of ['boxes', 'points']) {
    if (row[key] != null) checkNumbers(row[key], key, `${prefix}${key}`, report);
  }
  if (row.masks != null && !isList(row.masks, isMask)) {
    report(
      'masks',
      `${prefix}masks`,
      'A mask must be {size, counts} or a list of polygons with x, y numbers.',
    );
  }
  if (row.meta != null) checkMeta(row.meta, `${prefix}meta`, report);
  if (row.scene_graph != null) checkGraph(row.scene_graph, `${prefix}scene_graph`, report);
}

/** Lists of names in `meta`. Code that reads other values of `meta` checks their form. */
const NAMES = ['order_near_to_far', 'order_left_to_right', 'order_small_to_big', 'keypoint_names'];

function checkMeta(meta: unknown, path: string, report: Report): void {
  if (!isRecord(meta)) {
    report('meta', path, '"meta" must be an object.');
    return;
  }
  for (const key of NAMES)
    if (meta[key] != null && !isList(meta[key], (name) => typeof name === 'string'))
      report('meta', `${path}.${key}`, `"${key}" must be a list of strings.`);
}

const GRAPH_FIX = 'See "Scene graph" in docs/reference.md.';

/** Checks that every field of a scene graph is readable, in Chirality's form or in the form of another tool. */
function checkGraph(graph: unknown, path: string, report: Report): void {
  if (isOwnForm(graph)) return;
  if (!isRecord(graph)) {
    report('scene-graph', path, '"scene_graph" must be an object.');
    return;
  }
  const { graph: read, repairs } = readGraph(graph);
  if (!read) report('scene-graph', path, 'The scene graph has no list of objects or relations.', GRAPH_FIX);
  for (const { code, path: repaired, message } of repairs)
    if (code === 'unreadable') report('scene-graph', `${path}.${repaired}`, message, GRAPH_FIX);
}

/** Checks lists of lists of finite numbers. JSON has no NaN, so the message about a null value mentions NaN. */
function checkNumbers(list: unknown, code: string, path: string, report: Report): void {
  if (!Array.isArray(list)) {
    report(code, path, `"${path}" must be a list of lists of numbers.`);
    return;
  }
  list.forEach((item: unknown, i) => {
    if (Array.isArray(item) && item.length > 0 && item.every(Number.isFinite)) return;
    const element = `${path}[${i}]`;
    if (!Array.isArray(item))
      report(code, element, `Every entry must be a list of numbers, not ${typeName(item)}.`);
    else if (item.length === 0) report(code, element, 'The entry has no numbers.');
    else
      report(code, element, `Not a finite number: ${JSON.stringify(item.find((v) => !Number.isFinite(v)))}.`);
  });
}

function checkVariants(variants: unknown, report: Report): void {
  if (!isRecord(variants)) {
    report('variants', 'variants', '"variants" must be an object.');
    return;
  }
  const views = isRecord(variants.views) ? variants.views : {};
  if (variants.views != null && !isRecord(variants.views))
    report('variants', 'variants.views', '"variants.views" must be an object.');
  if (variants.mirror != null && views.mirror != null)
    report(
      'variants',
      'variants.views.mirror',
      'The mirror is stored twice.',
      'Keep variants.mirror, and remove variants.views.mirror.',
    );
  for (const id of Object.keys(views))
    if (!isViewId(id)) report('variants', `variants.views.${id}`, unknownView(id));
  const named = VARIANT_NAMES.map((name) => [`variants.${name}`, variants[name], STATUSES[name]] as const);
  const others = Object.entries(views).map(([id, variant]) => {
    return [`variants.views.${id}`, variant, STATUSES[isVariantName(id) ? id : MIRROR]] as const;
  });
  for (const [path, variant, statuses] of [...named, ...others]) {
    if (variant == null) continue;
    if (!isRecord(variant)) {
      report('variants', path, `"${path}" must be an object.`);
      continue;
    }
    if (!statuses.some((status) => status === variant.status)) {
      const fix = `Use one of ${statuses.join(', ')}.`;
      const what =
        variant.status === undefined
          ? 'The status is missing.'
          : `Unknown status ${JSON.stringify(variant.status)}.`;
      report('variant-status', `${path}.status`, what, fix);
    }
    for (const key of ['question', 'answer']) {
      if (typeof variant[key] !== 'string') report('missing', `${path}.${key}`, `"${key}" must be text.`);
    }
    checkShapes(variant, `${path}.`, report);
    if (variant.images != null && !isList(variant.images, isImageRef))
      report('images', `${path}.images`, `"${path}.images" must be a list of image references.`);
    for (const key of ['reasoning', 'route', 'category', 'assumes', 'reason', 'reasoning_dropped'])
      checkText(variant, key, false, report, `${path}.`);
    if (variant.rules != null && !isList(variant.rules, (rule) => typeof rule === 'string'))
      report('variant-rules', `${path}.rules`, '"rules" must be a list of strings.');
    for (const key of ['checks', 'review', 'llm'])
      if (variant[key] != null && !isRecord(variant[key]))
        report(`variant-${key}`, `${path}.${key}`, `"${key}" must be an object.`);
    if (isRecord(variant.checks))
      for (const key of Object.keys(variant.checks))
        checkText(variant.checks, key, false, report, `${path}.checks.`);
    if (isRecord(variant.review))
      for (const key of ['state', 'by', 'at', 'note'])
        checkText(variant.review, key, false, report, `${path}.review.`);
  }
}

/** Returns a record without its null fields. Returns other values unchanged. */
const withoutNulls = <T>(value: T): T =>
  isRecord(value) && hasNull(value)
    ? (Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null)) as T)
    : value;

/** Returns whether a row contains null. Creates no list of the values, because few rows contain null. */
function hasNull(row: Row): boolean {
  for (const key in row) if (row[key] === null) return true;
  return false;
}

/** Returns a row without null fields in the records inside the row. */
const inner = (row: Row): Row =>
  Object.values(row).some((value) => isRecord(value) && hasNull(value))
    ? Object.fromEntries(Object.entries(row).map(([key, value]) => [key, withoutNulls(value)]))
    : row;

const isList = (value: unknown, test: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(test);

const isMask = (mask: unknown): boolean =>
  isList(mask, (polygon) => isList(polygon, Number.isFinite)) ||
  (isRecord(mask) &&
    isList(mask.size, isNatural) &&
    (typeof mask.counts === 'string' || isList(mask.counts, isNatural)));

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

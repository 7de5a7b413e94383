import { several } from '../../../base/format.ts';
import { basename } from 'node:path';
import { idText } from '../values/logged-row.ts';
import { isRecord } from '../../../base/json.ts';
import type { EvaluationResult } from '../../../core/evaluation/results.ts';
import type { SourceRow } from '../../../core/evaluation/source-evaluation.ts';
import type { LinePlace } from '../containers/python-json.ts';
import { jsonOf, type FolderFile } from '../foreign-files.ts';
import type { Pictures, RunFolder } from '../foreign-folder.ts';
import { NOTHING, type Logged } from '../foreign-reader.ts';
import { answered, embedded, figureOf, pairIn, rightOf } from './content-parts.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';

export const SAMPLES = /(?:^|\/)(?:(\d{8}_\d{6})_)?samples_([^/]+)\.jsonl$/;
export const RESULTS = /(?:^|\/)(?:(\d{8}_\d{6})_)?results\.json$/;
/** Fields of a line that do not contain metrics. */
const OWN = `doc_id doc target arguments resps filtered_resps doc_hash input input_media token_counts
  prompt_hash target_hash`.split(/\s+/);

/** Returns the files in a folder that belong to a file of answers or results: the files with the same time. */
export function filesAt(name: string, names: readonly string[]): string[] {
  const [answers, results] = [SAMPLES.exec(name), RESULTS.exec(name)];
  const time = (answers ?? results)?.[1];
  return names.filter((each) => {
    const other = RESULTS.exec(each) ?? (results && SAMPLES.exec(each));
    return each === name || (other !== null && other[1] === time);
  });
}

/** Reads a folder of lmms-eval, which has a file of samples per task, and results. */
export async function readLmmsEval(folder: RunFolder): Promise<Logged | null> {
  const samples = folder.matching(SAMPLES);
  const newest = new Map<string, FolderFile>();
  // File names begin with the time, so the newest file is last.
  for (const file of samples) newest.set(SAMPLES.exec(file.path)![2]!, file);
  const rows: SourceRow[] = [];
  const about = newest.size > 0 || isResults(folder.files) ? await resultsIn(folder) : null;
  let isUnnamed = false;
  let hasDocuments = false;
  for (const [task, file] of newest) {
    const lines = await folder.lines(file);
    const usable = lines.filter(({ value }) => 'doc_id' in value && 'target' in value);
    if (usable.length === 0 && lines.length > 0) return null;
    hasDocuments ||= usable.some(({ value }) => 'doc' in value);
    const metric = rightMetric(usable.map(({ value }) => value));
    const filters = about?.filters.get(task) ?? [];
    const times = new Map<string, number>();
    const seen = new Map<string, number>();
    for (const [i, { value: line, place }] of usable.entries()) {
      const doc = idText(line.doc_id) ?? '';
      // A document has one line per filter of the task, in the order of the filters.
      const time = times.get(doc) ?? 0;
      times.set(doc, time + 1);
      const filter = filters.length > 1 ? filters[time] : undefined;
      isUnnamed ||= time > 0 && filter === undefined;
      const before = filter === undefined ? (seen.get(doc) ?? 0) : 0;
      const answers = answersOf(line);
      seen.set(doc, before + answers.length);
      const images = imagesOf(line.input_media, place, `${task}-${i}`, folder.pictures);
      const set = filter === undefined ? task : `${task},${filter}`;
      for (const [index, text] of answers.entries())
        rows.push(rowOf(line, { set, metric, index, text, images, before }));
    }
  }
  if (!about || (newest.size === 0 && about.figures.length === 0)) return null;
  return {
    ...NOTHING,
    kind: 'lmms-eval',
    roles: { evaluation: [...newest.values()], metrics: about.files },
    missing: [
      newest.size === 0 && { field: 'rows', why: 'lmms-eval stores answers only with --log_samples.' },
      {
        field: 'choices',
        why: hasDocuments
          ? 'lmms-eval does not mark options among the fields of its documents.'
          : 'lmms-eval does not store its documents, so options are only in the question.',
      },
      rows.length > 0 &&
        rows.every(({ images }) => images.length === 0) && {
          field: 'images',
          why: 'lmms-eval stores only the paths and URLs of images.',
        },
      { field: 'stop_reason', why: 'lmms-eval does not store stop reasons.' },
    ],
    notes: [
      samples.length > newest.size &&
        `Excluded ${several(samples.length - newest.size, 'older evaluation')} of the same tasks.`,
      isUnnamed && 'Answers of several unnamed filters count as several answers to one question.',
    ],
    evaluation: { model: about.model, step: null, rows, figures: about.figures },
  };
}

/** Reads model, metrics and filters of each task from the result files. Values of later files take precedence. */
async function resultsIn(folder: RunFolder) {
  const resultFiles = folder.matching(RESULTS);
  const figures = new Map<string, EvaluationResult>();
  const filters = new Map<string, string[]>();
  let model: string | null = null;
  for (const file of resultFiles) {
    const results = await folder.orProblem(jsonOf, file);
    if (!isRecord(results)) continue;
    model = modelIn(results) ?? model;
    for (const [task, config] of Object.entries(isRecord(results.configs) ? results.configs : {}))
      filters.set(task, filtersIn(config));
    for (const figure of figuresOf(results, filters))
      figures.set(JSON.stringify([figure.set, figure.metric]), figure);
  }
  return { files: resultFiles, model, figures: [...figures.values()], filters };
}

/** Returns the model's name. Models that lmms-eval does not name, such as servers, have their class and arguments. */
const modelIn = ({ model_name: name, config }: Record<string, unknown>): string | null =>
  idText(name) || (isRecord(config) && config.model ? `${config.model} (${config.model_args})` : null);

/** Returns the names of a task's filters, in the order of the document's lines. */
const filtersIn = (config: unknown): string[] =>
  isRecord(config) && Array.isArray(config.filter_list)
    ? config.filter_list.flatMap((filter: unknown) => (isRecord(filter) ? (idText(filter.name) ?? []) : []))
    : [];

const isResults = (files: readonly FolderFile[]): boolean => files.every(({ path }) => RESULTS.test(path));

/** Returns the answers of a line: `resps`, or if absent, the equal `filtered_resps`. Repeats are nested lists. */
function answersOf({ resps, filtered_resps: filtered }: Record<string, unknown>): string[] {
  const texts = [resps ?? filtered].flat(3).filter((text) => typeof text === 'string');
  return texts.length > 0 ? texts : [''];
}

/** Returns the metric for right answers: a metric with only 0 and 1 in all lines, or an object with such a `score`. */
function rightMetric(lines: readonly Record<string, unknown>[]): string | null {
  const names = Object.keys(lines[0] ?? {}).filter((name) => !OWN.includes(name));
  const isBinary = (name: string) => lines.every((line) => rightOf(scoreIn(line[name])) !== null);
  return names.find(isBinary) ?? null;
}

const scoreIn = (metric: unknown): unknown => (isRecord(metric) ? metric.score : metric);

interface Answer {
  set: string;
  metric: string | null;
  index: number;
  text: string;
  images: string[];
  /** Number of answers to the same document in earlier lines of the file. */
  before: number;
}

function rowOf(
  line: Record<string, unknown>,
  { set, metric, index, text, images, before }: Answer,
): SourceRow {
  const scores = Object.entries(line).filter(([name]) => !OWN.includes(name));
  const named = scores
    .map(([, value]) => (isRecord(value) ? idText(value.id) : null))
    .find((id) => id !== null);
  const pair = scores.map(([, value]) => value).find((value) => pairIn(value) !== null);
  const right = isRecord(pair) ? pair.score : metric !== null ? scoreIn(line[metric]) : null;
  return {
    ...(pairIn(pair) ?? { id: named ?? idText(line.doc_id) ?? '', view: ORIGINAL }),
    set,
    completion_index: before + index,
    images,
    question: typeof line.input === 'string' ? line.input.trim() : '',
    answer: line.target == null ? null : (idText(line.target) ?? JSON.stringify(line.target)),
    segments: answered(text),
    // A line's scores apply to its first answer only.
    right: index === 0 ? rightOf(right) : null,
    score: { by_source: Object.fromEntries(scores) },
  };
}

function imagesOf(media: unknown, place: LinePlace, name: string, pictures: Pictures): string[] {
  if (!Array.isArray(media)) return [];
  return media.flatMap((ref: unknown, i) => {
    if (typeof ref !== 'string') return [];
    const again = async () => {
      const { input_media: input } = await place.again();
      return Array.isArray(input) ? (input[i] as unknown) : undefined;
    };
    return [embedded(ref, `${name}-${i}`, pictures, again) ?? ref];
  });
}

/** Reads `results.<task>["<metric>,<filter>"]` and document counts. Several filters become separate sets. */
function figuresOf(
  { results, 'n-samples': samples }: Record<string, unknown>,
  filters: ReadonlyMap<string, readonly string[]>,
): EvaluationResult[] {
  if (!isRecord(results)) return [];
  return Object.entries(results).flatMap(([set, figures]) => {
    const counts = isRecord(samples) ? samples[set] : null;
    const n = isRecord(counts) ? counts.effective : null;
    return Object.entries(isRecord(figures) ? figures : {}).flatMap(([name, value]) => {
      if (typeof value !== 'number') return [];
      const [, metric, filter] = /^(.*),([^,]*)$/s.exec(name) ?? [null, name, 'none'];
      const isSet = (filters.get(set)?.length ?? 0) > 1 && filters.get(set)!.includes(filter!);
      return isSet
        ? [figureOf('lmms-eval', `${basename(set)},${filter}`, metric!, value, n)]
        : [figureOf('lmms-eval', basename(set), name.replace(/,none$/, ''), value, n)];
    });
  });
}

import { basename, dirname } from 'node:path';
import { idText } from '../values/logged-row.ts';
import { isRecord } from '../../../base/json.ts';
import type { EvaluationResult } from '../../../core/evaluation/results.ts';
import type { SourceRow } from '../../../core/evaluation/source-evaluation.ts';
import type { JsonLine } from '../containers/python-json.ts';
import { jsonOf } from '../foreign-files.ts';
import type { Pictures, RunFolder } from '../foreign-folder.ts';
import { NOTHING, type Logged } from '../foreign-reader.ts';
import {
  answered,
  embedded,
  figureOf,
  lastOf,
  pictureRefs,
  rightOf,
  textOfContent,
} from './content-parts.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';

export const REVIEWS = /^reviews\/([^/]+)\/([^/]+)\.jsonl$/;
const REPORT = /^reports\/([^/]+)\/([^/]+)\.json$/;

/** Reads an output folder of evalscope, which has a file of reviews per model, dataset and subset. */
export async function readEvalScope(folder: RunFolder): Promise<Logged | null> {
  const reviews = folder.matching(REVIEWS);
  if (reviews.length === 0) return null;
  const models = [...new Set(reviews.map(({ path }) => basename(dirname(path))))];
  const rows: SourceRow[] = [];
  for (const file of reviews) {
    const [, model, name] = REVIEWS.exec(file.path)!;
    const lines = await folder.lines(file);
    const set = models.length > 1 ? `${model}/${name}` : name!;
    const usable = lines.filter(({ value }) => 'index' in value && isRecord(value.sample_score));
    const early = lines.flatMap(({ value }) => earlyRows(value, set));
    if (usable.length + early.length === 0 && lines.length > 0) return null;
    for (const line of usable) rows.push(rowOf(line, set, folder.pictures));
    rows.push(...early);
  }
  const reports = folder.matching(REPORT);
  const figures: EvaluationResult[] = [];
  for (const file of reports) {
    const report = await folder.orProblem(jsonOf, file);
    figures.push(...figuresOf(report, models));
  }
  return {
    ...NOTHING,
    kind: 'evalscope',
    roles: { evaluation: reviews, metrics: reports },
    missing: [
      { field: 'choices', why: 'evalscope stores options only in the question.' },
      { field: 'stop_reason', why: 'evalscope does not store stop reasons.' },
    ],
    notes: [models.length > 1 && 'With several models, evaluation sets have names of the form model/set.'],
    evaluation: { model: models.join(', '), step: null, rows, figures },
  };
}

function rowOf({ value: line, place }: JsonLine, set: string, pictures: Pictures): SourceRow {
  const sample = line.sample_score as Record<string, unknown>;
  const answer = lastOf(line.messages, 'assistant');
  const { target } = line;
  const score = isRecord(sample.score) ? sample.score : {};
  const { main_score_name: main } = score;
  const values = isRecord(score.value) ? score.value : {};
  const headline = typeof main === 'string' && main in values ? values[main] : Object.values(values)[0];
  const index = idText(line.index) ?? '';
  const prompt = promptOf(line);
  const generation = sample.generation_index ?? line.generation_index;
  return {
    id: idText(sample.sample_id) ?? index,
    set,
    view: ORIGINAL,
    completion_index:
      Number.isSafeInteger(generation) && (generation as number) >= 0 ? (generation as number) : 0,
    question: prompt.question.trim(),
    answer: Array.isArray(target) ? target.join(' / ') : idText(target),
    images: prompt.pictures.map((ref, i) => {
      const again = async () => promptOf(await place.again()).pictures[i];
      return embedded(ref, `${set}-${index}-${i}`, pictures, again) ?? ref;
    }),
    // Without messages, the answer is only in the score.
    segments: answered(answer ? textOfContent(answer.content) : (idText(score.prediction) ?? '')),
    right: rightOf(headline),
    score: { by_source: sample },
  };
}

/** Returns the rows of a review by evalscope before 1.0: a server reply with a review of each choice. */
function earlyRows(line: Record<string, unknown>, set: string): SourceRow[] {
  const raw = isRecord(line.raw_input) ? line.raw_input : {};
  const choices = Array.isArray(line.choices) ? line.choices.filter(isRecord) : [];
  return choices.flatMap(({ message, review }, i) =>
    isRecord(message) && isRecord(review)
      ? [
          {
            id: idText(raw.id) ?? idText(line.index) ?? idText(line.answer_id) ?? '',
            set,
            view: ORIGINAL,
            completion_index: i,
            question: idText(raw.question) ?? '',
            answer: idText(review.gold),
            images: [],
            segments: answered(textOfContent(message.content)),
            right: rightOf(review.result),
            score: { by_source: { review } },
          },
        ]
      : [],
  );
}

const PICTURE = /!\[image\]\(([^)\s]*)\)/g;

/** Returns question and images. Before evalscope 1.7, `input` contains all turns with roles as one text. */
function promptOf({ messages, input }: Record<string, unknown>): { question: string; pictures: string[] } {
  const prompt = lastOf(messages, 'user');
  if (prompt) return { question: textOfContent(prompt.content), pictures: pictureRefs(prompt.content) };
  const text = (idText(input) ?? '').split('**User**: ').at(-1)!;
  return {
    question: text.replace(PICTURE, ''),
    pictures: [...text.matchAll(PICTURE)].map(([, ref]) => ref!.replace(/^gradio_api\/file=/, '')),
  };
}

/** Reads the metrics of an evalscope report: `metrics[].name`, `.score`, `.num`. */
function figuresOf(report: unknown, models: readonly string[]): EvaluationResult[] {
  if (!isRecord(report) || !Array.isArray(report.metrics)) return [];
  const name = idText(report.dataset_name) ?? '';
  const set = models.length > 1 ? `${idText(report.model_name)}/${name}` : name;
  return report.metrics
    .filter(isRecord)
    .flatMap((metric) =>
      typeof metric.score === 'number'
        ? [figureOf('evalscope', set, metricName(metric), metric.score, metric.num)]
        : [],
    );
}

/** Returns the name of a metric. From evalscope 1.14, the name is part of the metric's identity. */
const metricName = ({ name, legacy_name: legacy, identity }: Record<string, unknown>): string =>
  idText(name) ?? idText(legacy) ?? (isRecord(identity) ? idText(identity.name) : null) ?? 'score';

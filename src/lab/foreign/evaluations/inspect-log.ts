import { basename } from 'node:path';
import { several } from '../../../base/format.ts';
import { idText } from '../values/logged-row.ts';
import { isRecord } from '../../../base/json.ts';
import type { EvaluationResult } from '../../../core/evaluation/results.ts';
import { printable } from '../../../base/printable.ts';
import type { StopReason } from '../../../core/prompts/message.ts';
import type { SourceRow } from '../../../core/evaluation/source-evaluation.ts';
import { parsePythonJson } from '../containers/python-json.ts';
import { openZip, type Zip } from '../../files/zip.ts';
import { jsonOf, type FolderFile } from '../foreign-files.ts';
import type { Pictures, RunFolder } from '../foreign-folder.ts';
import { NOTHING, type Logged } from '../foreign-reader.ts';
import {
  answered,
  embedded,
  figureOf,
  lastOf,
  pairIn,
  pictureRefs,
  rightOf,
  textOfContent,
} from './content-parts.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';

const ATTACHMENT = /^attachment:\/\/([0-9a-f]{16,64})$/;

/** Contents of an Inspect log: its header, which interrupted evaluations lack, and its samples. */
interface Log {
  header: Record<string, unknown>;
  samples: Record<string, unknown>[];
  isFinished: boolean;
}

/** Reads one log of Inspect: a `.eval` archive, or a `.json` with the same fields. */
export async function readInspect(folder: RunFolder): Promise<Logged | null> {
  const [file, ...others] = folder.files;
  if (!file || others.length > 0 || !/\.(?:eval|json)$/.test(file.path)) return null;
  return folder.of(read, file);
}

async function read(file: FolderFile, problems: string[], pictures: Pictures): Promise<Logged | null> {
  const log = await (file.path.endsWith('.eval') ? readArchive(file, problems) : readJson(file));
  if (!log) return null;
  const { header, samples, isFinished } = log;
  const about = isRecord(header.eval) ? header.eval : {};
  const results = isRecord(header.results) ? header.results : {};
  const set = idText(about.task) ?? basename(file.path);
  const headline = isRecord(results.headline) ? idText(results.headline.scorer) : null;
  const rows: SourceRow[] = [];
  let failed = 0;
  for (const sample of samples) {
    if (isRecord(sample.error)) failed++;
    else rows.push(rowOf(sample, set, headline, (ref, i) => pictureOf(file, sample, ref, i, pictures)));
  }
  const packages = isRecord(about.packages) ? about.packages : {};
  const status = isFinished && typeof header.status === 'string' ? header.status : null;
  const notes = [
    status === null
      ? 'The evaluation is still running or was killed.'
      : `The status in Inspect is ${printable(status, 40)}.`,
    failed > 0 && `Excluded ${several(failed, 'sample')} with an error.`,
  ];
  return {
    ...NOTHING,
    kind: 'inspect',
    version: idText(packages.inspect_ai),
    notes,
    roles: { evaluation: [file] },
    missing: [
      samples.length === 0 && { field: 'rows', why: 'Inspect stores answers only with log_samples.' },
      rows.every(({ images }) => images.length === 0) && {
        field: 'images',
        why: 'Inspect stores images only with log_images.',
      },
    ],
    evaluation: { model: idText(about.model), step: null, rows, figures: figuresOf(results, set) },
  };
}

async function readArchive(file: FolderFile, problems: string[]): Promise<Log | null> {
  const zip = await openZip(file.full).catch((error: Error) => {
    throw new Error(`Cannot read ${file.path}: ${error.message}.`, { cause: error });
  });
  try {
    const isFinished = zip.members.has('header.json');
    if (!isFinished && !zip.members.has('_journal/start.json')) return null;
    const header = await member(zip, file, isFinished ? 'header.json' : '_journal/start.json', problems);
    const samples: Record<string, unknown>[] = [];
    for (const name of zip.members.keys()) {
      const sample = name.startsWith('samples/') && (await member(zip, file, name, problems));
      if (sample) samples.push(withoutEvents(sample));
    }
    return { header: header ?? {}, samples, isFinished: isFinished && header !== null };
  } finally {
    await zip.close();
  }
}

async function member(
  zip: Zip,
  { path }: FolderFile,
  name: string,
  problems: string[],
): Promise<Record<string, unknown> | null> {
  try {
    const value = parsePythonJson((await zip.read(name)).toString('utf8'));
    if (isRecord(value)) return value;
    throw new Error('the file is not a JSON object');
  } catch (error) {
    problems.push(
      `Cannot read ${printable(name, 100)} in ${path}: ${printable((error as Error).message, 200)}.`,
    );
    return null;
  }
}

async function readJson(file: FolderFile): Promise<Log | null> {
  const value = await jsonOf(file).catch((error: Error) => {
    throw new Error(`Cannot read ${file.path}: ${error.message}.`, { cause: error });
  });
  if (!isRecord(value) || !isRecord(value.eval)) return null;
  // A log that was written with --no-log-samples contains only metrics.
  if (!Array.isArray(value.samples) && !isRecord(value.results)) return null;
  const samples = Array.isArray(value.samples) ? value.samples.filter(isRecord).map(withoutEvents) : [];
  return { header: value, samples, isFinished: true };
}

/** Removes events, which repeat every message and are the largest part of a log. */
const withoutEvents = (sample: Record<string, unknown>): Record<string, unknown> => ({
  ...sample,
  events: undefined,
  events_data: undefined,
  store: undefined,
});

function rowOf(
  sample: Record<string, unknown>,
  set: string,
  headline: string | null,
  picture: (ref: string, index: number) => string,
): SourceRow {
  const { input, target, scores, choices, epoch, metadata } = sample;
  const prompt = promptOf(sample);
  const question = prompt ? textOfContent(prompt.content) : typeof input === 'string' ? input : '';
  const output = isRecord(sample.output) ? sample.output : {};
  const [first] = Array.isArray(output.choices) ? (output.choices as unknown[]) : [];
  const choice = isRecord(first) ? first : {};
  // The first versions of Inspect's logs have one score, without the name of its scorer.
  const judged = isRecord(scores) ? scores : isRecord(sample.score) ? { score: sample.score } : {};
  const scorer = headline !== null && headline in judged ? headline : Object.keys(judged)[0];
  const score = scorer === undefined ? null : judged[scorer];
  return {
    ...(pairIn(metadata) ?? { id: idText(sample.id) ?? '', view: ORIGINAL }),
    set,
    question: question.trim(),
    completion_index: Number.isSafeInteger(epoch) ? Math.max(0, (epoch as number) - 1) : 0,
    ...(isTexts(choices) && { choices }),
    answer: typeof target === 'string' ? target : isTexts(target) ? target.join(' / ') : null,
    images: pictureRefs(prompt?.content).map(picture),
    segments: answered(completionIn(output, choice), stopReason(choice.stop_reason)),
    right: isRecord(score) ? judgement(score.value) : null,
    score: { by_source: { scores: judged, ...(isRecord(metadata) && { metadata }) } },
  };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');

/**
 * Returns the text that Inspect scored: `completion`. Logs before 0.3.123 lack `completion`, and later logs leave it
 * empty if it equals the message.
 */
function completionIn({ completion }: Record<string, unknown>, { message }: Record<string, unknown>): string {
  if (typeof completion === 'string' && completion !== '') return completion;
  return isRecord(message) ? textOfContent(message.content) : '';
}

/** Values as Inspect's accuracy counts them: no answer (`N`) is wrong, and partial (`P`) is neither right nor wrong. */
const JUDGEMENTS: Readonly<Record<string, boolean>> = {
  c: true,
  yes: true,
  true: true,
  i: false,
  n: false,
  no: false,
  false: false,
};

function judgement(value: unknown): boolean | null {
  if (typeof value !== 'string') return rightOf(value);
  const named = JUDGEMENTS[value.toLowerCase()];
  return named ?? (value.trim() === '' ? null : rightOf(Number(value)));
}

/** Logs before Inspect 0.3.33 give the token limit the name `length`. */
const stopReason = (value: unknown): StopReason | null =>
  value === 'stop'
    ? 'end'
    : value === 'max_tokens' || value === 'model_length' || value === 'length'
      ? 'length'
      : null;

/** Returns the user message of a sample. Messages contain the whole question, but `input` can be truncated. */
const promptOf = ({ messages, input }: Record<string, unknown>): Record<string, unknown> | undefined =>
  lastOf(messages, 'user') ?? lastOf(input, 'user');

/**
 * Registers an image in the log, which is an attachment or, before Inspect 0.3.42, in the message. The image is decoded
 * when it is displayed. Other URLs stay unchanged.
 * @param index number of the image in the question
 */
function pictureOf(
  file: FolderFile,
  sample: Record<string, unknown>,
  ref: string,
  index: number,
  pictures: Pictures,
): string {
  const hash = ATTACHMENT.exec(ref)?.[1];
  const urlIn = ({ attachments, ...others }: Record<string, unknown>): unknown =>
    hash === undefined
      ? pictureRefs(promptOf(others)?.content)[index]
      : isRecord(attachments) && attachments[hash];
  const [id, epoch] = [idText(sample.id), sample.epoch];
  const again = async () => {
    const log = await (file.path.endsWith('.eval') ? readOne(file, id, epoch) : readJson(file));
    const logged = log?.samples.find((each) => idText(each.id) === id && each.epoch === epoch);
    return logged && urlIn(logged);
  };
  const name = hash ?? `${id}-${String(epoch)}-${index}`;
  return embedded(urlIn(sample), name, pictures, again) ?? (hash === undefined ? ref : `attachment-${hash}`);
}

/** Reads a single sample of an archive again. */
async function readOne(file: FolderFile, id: string | null, epoch: unknown): Promise<Pick<Log, 'samples'>> {
  const zip = await openZip(file.full);
  try {
    const sample = await member(zip, file, `samples/${id}_epoch_${String(epoch)}.json`, []);
    return { samples: sample ? [sample] : [] };
  } finally {
    await zip.close();
  }
}

/** Reads the log's metrics by scorer, metric and, if the log has several, reducer of epochs. */
function figuresOf(results: Record<string, unknown>, set: string): EvaluationResult[] {
  // Logs before Inspect 0.3.18 have "scorers", or one scorer with its metrics in the same object.
  const { scorer, metrics } = results;
  const lists = [results.scores, results.scorers].filter((list): list is unknown[] => Array.isArray(list));
  const scores = lists[0] ?? [{ ...(isRecord(scorer) && scorer), metrics }];
  const reducers = new Set(scores.flatMap((score) => (isRecord(score) ? [score.reducer] : [])));
  return scores.filter(isRecord).flatMap((score) => {
    const metrics = Object.entries(isRecord(score.metrics) ? score.metrics : {});
    const reducer = reducers.size > 1 ? `,${String(score.reducer)}` : '';
    return metrics.flatMap(([metric, found]) =>
      isRecord(found) && typeof found.value === 'number'
        ? [
            figureOf(
              'inspect',
              set,
              `${String(score.name)}/${metric}${reducer}`,
              found.value,
              score.scored_samples,
            ),
          ]
        : [],
    );
  });
}

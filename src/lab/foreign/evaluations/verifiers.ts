import { several } from '../../../base/format.ts';
import { isRecord } from '../../../base/json.ts';
import type { EvaluationResult } from '../../../core/evaluation/results.ts';
import type { SourceRow } from '../../../core/evaluation/source-evaluation.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';
import { type JsonLine, eachJsonLine } from '../containers/python-json.ts';
import { answered, figureOf, picturesIn, rightOf } from './content-parts.ts';
import { type FolderFile, jsonOf } from '../foreign-files.ts';
import type { Pictures, RunFolder } from '../foreign-folder.ts';
import { type Logged, NOTHING } from '../foreign-reader.ts';
import { episodeOf } from '../values/episode.ts';
import { completionText, idText, questionOf } from '../values/logged-row.ts';

/** File names of the answers in an evaluation: since version 0.4, and in earlier versions. */
export const EPISODES = 'traces.jsonl';
export const RESULTS = 'results.jsonl';
const CONFIG = /^configs\/(?:resolved\/)?eval\.json$/;

/** A row with its reward, before its completion index and correctness are known. */
interface Episode {
  row: Omit<SourceRow, 'completion_index' | 'right'>;
  reward: unknown;
}

interface Found {
  rows: Episode[];
  failed: number;
  version: string | null;
}

/** Reads an evaluation of verifiers: episodes with a config, or, before 0.4, results with metadata. */
export async function readVerifiers(folder: RunFolder): Promise<Logged | null> {
  const episodes = folder.named(EPISODES);
  const rowsFile = episodes ?? folder.named(RESULTS);
  const aboutFile = episodes ? folder.matching(CONFIG)[0] : folder.named('metadata.json');
  if (!rowsFile || !aboutFile) return null;
  const about = await folder.tried(jsonOf, aboutFile);
  if (!isRecord(about)) return null;
  // Before verifiers 0.1.6, the environment is `env`.
  const set = idText(about.env_id ?? ('rollouts_per_example' in about ? about.env : null));
  if (!episodes && set === null) return null;
  const content = await folder.of(episodes ? readEpisodes : readResults, rowsFile);
  const rows = numbered(content.rows, set);
  const { failed } = content;
  const version = isRecord(about.version_info) ? idText(about.version_info.vf_version) : content.version;
  return {
    ...NOTHING,
    kind: 'verifiers',
    version,
    roles: { evaluation: [rowsFile], config: [aboutFile] },
    missing: [
      rows.every(({ images }) => images.length === 0) && {
        field: 'images',
        why: 'The messages of this evaluation contain no images.',
      },
    ],
    notes: [failed > 0 && `Excluded ${several(failed, 'answer')} with an error.`],
    evaluation: { model: idText(about.model), step: null, rows, figures: figuresOf(about, set) },
  };
}

/** Numbers the answers to each question. A reward of 1 means right if all rewards of a set are 0 or 1. */
function numbered(found: readonly Episode[], set: string | null): SourceRow[] {
  const answers = new Map<string, number>();
  const rows = found.map(({ row, reward }) => ({ row: { ...row, set: set ?? row.set }, reward }));
  const graded = new Set(rows.flatMap(({ row, reward }) => (rightOf(reward) === null ? [row.set] : [])));
  return rows.map(({ row, reward }) => {
    const key = JSON.stringify([row.set, row.id]);
    const index = answers.get(key) ?? 0;
    answers.set(key, index + 1);
    return { ...row, completion_index: index, right: graded.has(row.set) ? null : rightOf(reward) };
  });
}

async function readEpisodes(file: FolderFile, problems: string[], pictures: Pictures): Promise<Found> {
  const content: Found = { rows: [], failed: 0, version: null };
  for await (const line of eachJsonLine(file, problems)) {
    const episode = episodeOf(line.value);
    if (!episode)
      problems.push(`Cannot read ${file.path}:${line.line}: the line is not a verifiers episode.`);
    else if (!episode.isOk) content.failed += 1;
    else
      episode.traces.forEach((trace, i) => {
        content.version ??= trace.version;
        const { rewards, reward, metrics, stopCondition, agent, prompt } = trace;
        content.rows.push({
          row: {
            id: episode.id ?? String(line.line),
            set: episode.env ?? 'verifiers',
            view: ORIGINAL,
            question: questionOf(prompt),
            answer: episode.reference,
            images: imagesOf(prompt, line, i, pictures),
            segments: answered(completionText(trace.completion)),
            score: { by_source: { rewards, reward, metrics, stop_condition: stopCondition, agent } },
          },
          reward,
        });
      });
  }
  return content;
}

async function readResults(file: FolderFile, problems: string[], pictures: Pictures): Promise<Found> {
  const content: Found = { rows: [], failed: 0, version: null };
  for await (const line of eachJsonLine(file, problems)) {
    const { prompt, completion, example_id: id, answer, error, is_truncated: cut, ...others } = line.value;
    // Before verifiers 0.1.6, the number of a question is `id`.
    const example = idText(id ?? others.id) ?? String(line.line);
    if (!('prompt' in line.value) || !('completion' in line.value))
      problems.push(`Cannot read ${file.path}:${line.line}: the line has no prompt and completion.`);
    else if (error != null) content.failed += 1;
    else
      content.rows.push({
        row: {
          id: example,
          set: idText(others.task) ?? 'verifiers',
          view: ORIGINAL,
          question: questionOf(prompt),
          answer: answer === '' ? null : idText(answer),
          images: imagesOf(prompt, line, 0, pictures),
          segments: answered(completionText(completion), cut === true ? 'length' : null),
          score: { by_source: others },
        },
        reward: others.reward,
      });
  }
  return content;
}

/** @param trace index of the trace in the line's episode */
function imagesOf(prompt: unknown, { line, place }: JsonLine, trace: number, pictures: Pictures): string[] {
  const again = async () => {
    const value = await place.again();
    return episodeOf(value)?.traces[trace]?.prompt ?? value.prompt;
  };
  return picturesIn(prompt, `${line}-${trace}`, again, pictures);
}

/** Reads the means in the metadata: of the reward, and of `avg_metrics` (before 0.1.6, of each `avg_<name>`). */
function figuresOf(about: Record<string, unknown>, set: string | null): EvaluationResult[] {
  const means = Object.entries(about).filter(([name]) => name.startsWith('avg_'));
  const metrics = isRecord(about.avg_metrics)
    ? about.avg_metrics
    : Object.fromEntries(means.map(([name, value]) => [name.slice('avg_'.length), value]));
  const n = Number(about.num_examples) * Number(about.rollouts_per_example);
  return Object.entries({ reward: about.avg_reward, ...metrics }).flatMap(([metric, value]) =>
    typeof value === 'number' && Number.isFinite(value) && set !== null
      ? [figureOf('verifiers', set, metric, value, n)]
      : [],
  );
}

import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isRight, scoreRow } from '../../core/answers/score-row.ts';
import type { GraphConfig } from '../../core/config/grpo.ts';
import type { RunConfig } from '../../core/config/run.ts';
import { shownGraph } from '../../core/prompts/graph-slot.ts';
import { fillPrompt } from '../../core/prompts/template.ts';
import { isSameText } from '../../core/rewards/parts.ts';
import type { Sample } from '../../core/spatial/sample.ts';
import { flipPolarity } from '../../core/spatial/polarity/flip.ts';
import { withVariant } from '../../core/spatial/view.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { ImageFiles } from '../datasets/image-files.ts';
import { relocateImages } from '../datasets/relocate.ts';
import { RowFile } from '../datasets/row-file.ts';
import { writeAtomically } from '../files/atomic.ts';
import { filterLines, LineWriter } from '../runs/append.ts';
import { lockRun } from '../runs/lock.ts';
import type { EvaluatedView, EvaluationResult, EvaluationRow } from './evaluation-row.ts';
import { summarise } from './summarise.ts';
import { mirrored, putImages } from './source.ts';
import { graphOf } from './stages.ts';

export interface EvaluationOptions {
  /** Name and `*.qa.jsonl` file of every set. */
  sets: Record<string, string>;
  root: string;
  views: readonly EvaluatedView[];
  template: string;
  /** How the graph is asked for that the template shows, where there are two stages. */
  graph?: GraphConfig | undefined;
  max_tokens: number;
  /** At most so many rows of each set, from its start. */
  limit?: number | undefined;
  /** What was evaluated, for the manifest: checkpoint, model. */
  about: object;
}

const BATCH = 64;

/**
 * Greedy answers to every row of every set in the asked-for views, scored. Rows are appended as they come: a second
 * call on the same folder goes on where a killed one stopped, and is refused while the first one works.
 */
export async function evaluate(
  sampler: Sampler,
  dir: string,
  options: EvaluationOptions,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<EvaluationResult[]> {
  await mkdir(dir, { recursive: true });
  const unlock = await lockRun(dir);
  try {
    const { about, ...plan } = options;
    const manifest = { ...plan, sampling: { temperature: 0, n: 1 }, ...about };
    await writeJson(join(dir, 'manifest.json'), manifest);
    const results = summarise(await answerAll(sampler, dir, options, onProgress));
    await writeJson(join(dir, 'results.json'), results);
    return results;
  } finally {
    await unlock();
  }
}

const writeJson = (path: string, value: object): Promise<void> =>
  writeAtomically(path, (file) => file.writeFile(`${JSON.stringify(value, null, 2)}\n`));

/** Answers the rows that the folder does not hold yet. @returns all rows. */
async function answerAll(
  sampler: Sampler,
  dir: string,
  options: EvaluationOptions,
  onProgress: (done: number, total: number) => void,
): Promise<EvaluationRow[]> {
  const path = join(dir, 'rows.jsonl');
  const rows: EvaluationRow[] = [];
  // Rows without an answer, because an endpoint was down, are asked again.
  const isAnswered = (row: EvaluationRow) =>
    row.segments.every(({ stop_reason: reason }) => reason !== 'failed');
  await filterLines(path, (line) => {
    const row = line as unknown as EvaluationRow;
    return isAnswered(row) && rows.push(row) > 0;
  });
  const key = (row: Pick<EvaluationRow, 'set' | 'view' | 'id'>) =>
    JSON.stringify([row.set, row.view, row.id]);
  const done = new Set(rows.map(key));
  const writer = await LineWriter.open(path);
  try {
    const forms = await evaluationForms(options);
    const open = forms.filter((form) => !done.has(key(form)));
    for (let at = 0; at < open.length; at += BATCH) {
      const batch = open.slice(at, at + BATCH);
      for (const row of await answer(sampler, batch, options)) {
        await writer.append(row);
        rows.push(row);
      }
      onProgress(done.size + at + batch.length, forms.length);
    }
  } finally {
    await writer.close();
  }
  return rows;
}

/** What an evaluation found, where it was finished. */
export async function readResults(dir: string): Promise<EvaluationResult[] | null> {
  const text = await readFile(join(dir, 'results.json'), 'utf8').catch(() => null);
  return text === null ? null : (JSON.parse(text) as EvaluationResult[]);
}

/** What a config asks to be evaluated. */
export function evaluationPlan(config: RunConfig): Omit<EvaluationOptions, 'about'> {
  return {
    sets: config.data.eval,
    root: config.data.root!,
    views: config.evaluate.views,
    template: config.prompt,
    graph: graphOf(config),
    max_tokens: config.evaluate.max_tokens ?? (config.recipe === 'grpo' ? config.sampling.max_tokens : 64),
    limit: config.evaluate.limit,
  };
}

/** A row of a set as one view shows it. */
export interface EvaluationForm {
  set: string;
  view: EvaluatedView;
  id: string;
  sample: Sample;
  images: ImageFiles;
}

/** All rows that an evaluation will ask, set by set, row by row, view by view. */
export async function evaluationForms({
  sets,
  root,
  views,
  limit,
}: Pick<EvaluationOptions, 'sets' | 'root' | 'views' | 'limit'>): Promise<EvaluationForm[]> {
  const forms: EvaluationForm[] = [];
  for (const [set, path] of Object.entries(sets)) {
    const file = await RowFile.open(path);
    const images = new ImageFiles(root, root);
    for (let i = 0; i < Math.min(file.count, limit ?? Infinity); i++) {
      const sample = relocateImages(await file.read(i), dirname(path), root);
      for (const view of views) {
        const form = formOf(sample, view);
        if (form) forms.push({ set, view, id: sample.id, sample: form, images });
      }
    }
    await file.close();
  }
  return forms;
}

/** Stored variants first, else those of the rules; null where a row has no form that can be trusted. */
function formOf(sample: Sample, view: EvaluatedView): Sample | null {
  if (view === 'mirror') return mirrored(sample);
  if (view === 'original') return sample;
  const polarity = sample.variants?.polarity ?? flipPolarity(sample);
  return withVariant({ ...sample, variants: { polarity } }, 'polarity');
}

async function answer(
  sampler: Sampler,
  forms: readonly EvaluationForm[],
  { template, graph, max_tokens }: EvaluationOptions,
): Promise<EvaluationRow[]> {
  const images_F: string[][] = [];
  for (const { sample, images } of forms) images_F.push(await putImages(sampler, sample, images));
  const ask = async (text: string, maxTokens: number, graphs?: readonly string[]) => {
    const prompts = forms.map(({ sample, view }, i) =>
      fillPrompt(text, sample, images_F[i]!, view === 'mirror' ? 'mirror' : 'original', graphs?.[i]),
    );
    return (await sampler.complete(prompts, { n: 1, temperature: 0, topP: 1, maxTokens })).flat();
  };
  const first = graph && (await ask(graph.prompt, graph.max_tokens));
  const shown = graph && first?.map(({ text }) => shownGraph(text, graph.missing));
  const answers = await ask(
    template,
    max_tokens,
    shown?.map((one) => one.shown),
  );
  return forms.map(({ set, view, id, sample }, i) => {
    const { text, stopReason } = answers[i]!;
    const score = scoreRow({ ...sample, completion: text });
    return {
      id,
      set,
      view,
      question: sample.question,
      answer: sample.answer,
      ...(sample.choices && { choices: sample.choices }),
      images: sample.images,
      segments: [
        ...(first && shown
          ? [
              {
                stage: 'graph' as const,
                text: first[i]!.text,
                stop_reason: first[i]!.stopReason,
                source: shown[i]!.source,
              },
            ]
          : []),
        { stage: 'answer', text, stop_reason: stopReason },
      ],
      right: isRight(score) ?? isSameText(score.answer_text, sample.answer),
      score,
    };
  });
}

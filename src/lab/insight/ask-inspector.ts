import { readCompletion } from '../../core/answers/extract.ts';
import { assess } from '../../core/metrics/assess-agreement.ts';
import type { Strategy } from '../../core/prompts/strategy.ts';
import type { ViewedSample } from '../../rows/views/view.ts';
import { unsupported } from '../../engines/features.ts';
import { featuresOfWanted, isInspector, type Inspector, type Wanted } from '../../engines/inspector.ts';
import type { Sampler } from '../../engines/sampler.ts';
import { DataError } from '../datasets/data-error.ts';
import type { ImageFiles } from '../datasets/image-files.ts';
import { answerSamples, requireAskable, answerIn } from '../evaluation/answer-samples.ts';
import type { AskedView } from './cases.ts';

/** Request for no values, which callers extend. */
export const NOTHING: Wanted = {
  layers: 'all',
  attention: 'none',
  sources: false,
  hidden: [],
  lens: [],
  wordsAt: null,
  block: [],
  patch: null,
};

/**
 * Returns the sampler as an inspector. @param wanted future requests, with example names. @throws DataError if the
 * sampler does not support these requests
 */
export async function asInspector<S extends Sampler>(sampler: S, wanted: Wanted): Promise<S & Inspector> {
  const info = sampler.info();
  const lacks = unsupported(info, featuresOfWanted(wanted));
  if (!isInspector(sampler) || lacks.length > 0)
    throw new DataError(
      'cannot-look',
      `Cannot inspect the attention of ${info.model}: ${lacks.map(({ message }) => message).join(' ')}`,
      { fix: 'Use a model of the embedded or torch engine.' },
    );
  // Without cases, this call only checks whether the layers exist.
  await sampler.inspect([], { ...NOTHING, layers: wanted.layers }).catch((error: Error) => {
    throw new DataError('cannot-look', error.message);
  });
  return sampler;
}

/** Settings for evaluating the rows to inspect. */
export interface AskingForLook {
  strategy: Strategy;
  /** Token limit of stages that have no limit of their own. */
  maxTokens: number;
  signal?: AbortSignal;
}

const greedy = ({ maxTokens, signal }: AskingForLook) => ({
  n: 1,
  temperature: 0,
  topP: 1,
  seed: 0,
  maxTokens,
  ...(signal && { signal }),
});

/** @throws DataError if the prompting strategy does not suit a row or the model */
export const checkAskable = (sampler: Sampler, rows: readonly ViewedSample[], asking: AskingForLook): void =>
  requireAskable(sampler, 'row', rows, asking.strategy, greedy(asking));

export interface RowToLook {
  views: readonly ViewedSample[];
  images: ImageFiles;
}

/** Evaluates rows in all their views together, with greedy decoding. @returns the views with their last prompts */
export async function askRows(
  sampler: Sampler,
  rows: readonly RowToLook[],
  asking: AskingForLook,
): Promise<AskedView[][]> {
  const { strategy } = asking;
  const placed = rows.flatMap(({ views, images }) => views.map((view) => ({ ...view, images })));
  const answered: Pick<AskedView, 'prompt' | 'text' | 'graph'>[] = [];
  const segments = await answerSamples(
    ...([sampler, placed, strategy, greedy(asking)] as const),
    (f, _, { text, stage }, prompt) => {
      const graph = strategy.stages.some(({ name, graph }) => name === stage && graph) ? text : undefined;
      answered[f] = { graph: answered[f]?.graph ?? graph, prompt, text };
    },
  );
  const answers = segments.map(([segment]) => readCompletion(answerIn(segment!, strategy)).lenient.text);
  let next = 0;
  return rows.map(({ views }) => {
    const from = next;
    next += views.length;
    const mine = answers.slice(from, next);
    const { right } = assess(
      views,
      mine.map((answer) => [answer]),
    );
    return views.map((view, i) => ({
      ...view,
      ...answered[from + i]!,
      answer: mine[i]!,
      right: right[i]![0]!,
    }));
  });
}

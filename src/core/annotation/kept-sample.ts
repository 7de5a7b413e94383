import type { MirrorVariant, Sample } from '../../rows/sample/sample.ts';
import type { ModelAnswers } from '../metrics/model-answers.ts';
import type { ViewId } from '../../rows/view-list.ts';

export type KeptAnswers = Pick<ModelAnswers, 'model' | 'strategy' | 'verdict'> & {
  readonly views: readonly {
    readonly view: ViewId;
    readonly completions: readonly { readonly answer: string }[];
  }[];
};

/**
 * Returns a question with its right answer as a row to save. Model answers go into `meta.asked`, so that rows with
 * wrong model answers can be found.
 */
export function sampleToKeep(
  sample: Sample,
  mirror: MirrorVariant | null,
  asked: readonly KeptAnswers[],
): Sample {
  const answers = asked.map(({ model, strategy, views, verdict }) => ({
    model,
    strategy,
    ...(verdict && { verdict }),
    answers: Object.fromEntries(
      views.map(({ view, completions }) => [view, completions.map(({ answer }) => answer)]),
    ),
  }));
  return {
    ...sample,
    ...(answers.length > 0 && { meta: { ...sample.meta, asked: answers } }),
    ...(mirror && { variants: { ...sample.variants, mirror } }),
  };
}

/** Returns a row with a new question, or the same row if nothing changed. */
export function withQuestion(
  row: Sample,
  { question, answer, choices }: { question: string; answer: string; choices: readonly string[] },
): Sample {
  const same =
    [question, answer, ...choices].join('\n') ===
    [row.question, row.answer, ...(row.choices ?? [])].join('\n');
  if (same) return row;
  const changed: Sample = { ...row, question, answer, choices: [...choices] };
  // These fields belong to the previous question, so they are removed.
  for (const key of ['variants', 'reasoning', 'task', ...(choices.length > 0 ? [] : ['choices'])])
    Reflect.deleteProperty(changed, key);
  return changed;
}

import {
  overfitAdvice,
  overfitOf,
  overfitsIn,
  overfitText,
  type Overfit,
} from '../../metrics/overfitting.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import {
  bySubject,
  nameInSentence,
  shownSets,
  type Evaluation,
  type ShownCheckpoints,
} from '../evaluation.ts';

/**
 * Returns sentences on failure signatures in the evaluations of a report: reward hacking, and linguistic overfitting
 * [A-46] on all questions of a set or on one kind of question. The report starts with these sentences.
 */
export const signatureSentences = (
  evaluations: readonly Evaluation[],
  options: ShownCheckpoints,
): string[] => [...hackingSentences(evaluations), ...overfittingSentences(evaluations, options)];

/** Returns a sentence for each run that was evaluated after the start of reward hacking. */
function hackingSentences(evaluations: readonly Evaluation[]): string[] {
  const hacked = evaluations.flatMap(({ subject, step, hacking }) =>
    hacking && step !== null && step >= hacking.since ? [[subject, hacking.message] as const] : [],
  );
  return [...new Map(hacked)].map(([subject, message]) =>
    message.replace('Reward hacking:', `Reward hacking in ${subject}:`),
  );
}

interface Shown {
  evaluation: Evaluation;
  overfit: Overfit;
  kind: string;
}

function overfittingSentences(evaluations: readonly Evaluation[], options: ShownCheckpoints): string[] {
  const shown = shownSets(evaluations, options).flatMap(({ set, shown: those }) =>
    those.flatMap((evaluation) => worstOf(evaluation, set) ?? []),
  );
  const fallOf = ({ overfit: { id, ood } }: Shown) => id[0] - ood[1];
  const [worst, ...others] = [...groupBy(shown, ({ evaluation }) => evaluation.key).values()]
    .map((each) => each.reduce((most, one) => (fallOf(one) > fallOf(most) ? one : most)))
    .sort((a, b) => fallOf(b) - fallOf(a));
  if (!worst) return [];
  const { evaluation, overfit, kind } = worst;
  const since = sinceOf(evaluations, worst);
  const more =
    others.length === 0
      ? ''
      : ` The same applies to ${others
          .slice(0, 3)
          .map(({ evaluation: other }) => nameInSentence(other))
          .join(', ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''}.`;
  return [
    `Linguistic overfitting: ${nameInSentence(evaluation)} follows the usual wording on ${overfit.set}${since === null ? '' : `, since step ${since}`}. ${overfitText(overfit, kind)}.${more} ${overfitAdvice(since)}`,
  ];
}

/** Returns the overfitting on all pairs of a set; otherwise on the kind of question with the largest drop. */
function worstOf(evaluation: Evaluation, set: string): Shown | null {
  const overall = overfitsIn(evaluation.figures).find((overfit) => overfit.set === set);
  if (overall) return { evaluation, overfit: overall, kind: '' };
  const kinds = (evaluation.sets[set]?.shifts ?? []).flatMap(({ kind, metrics }) => {
    const overfit = overfitOf(set, metrics);
    return overfit ? [{ evaluation, overfit, kind }] : [];
  });
  return (
    kinds.sort((a, b) => b.overfit.id[0] - b.overfit.ood[1] - (a.overfit.id[0] - a.overfit.ood[1]))[0] ?? null
  );
}

/** Returns the step from which all checkpoints up to this one show overfitting; null for a model without steps. */
function sinceOf(evaluations: readonly Evaluation[], { evaluation, overfit: { set } }: Shown): number | null {
  const { step } = evaluation;
  if (step === null) return null;
  const group = bySubject(evaluations).find((each) => each.includes(evaluation))!;
  const before = group.filter((each) => (each.step ?? 0) < step).reverse();
  let since = step;
  for (const each of before) {
    if (each.figures.every((figure) => figure.set !== set)) continue;
    if (!worstOf(each, set)) break;
    since = each.step!;
  }
  return since;
}

import { several } from '../../../base/format.ts';
import { countCell, figureCell, ownTable, right } from '../cells.ts';
import { section, type Section } from '../document.ts';
import type { Evaluation } from '../evaluation.ts';

/** The accuracies on labels as given and on those that people reviewed. */
export function labelSection(evaluations: readonly Evaluation[]): Section | null {
  const sets = [...new Set(evaluations.flatMap(({ reviewed = [] }) => reviewed.map(({ set }) => set)))];
  if (sets.length === 0) return null;
  const labelsOf = (set: string) =>
    evaluations.flatMap((evaluation) => {
      const labels = evaluation.reviewed?.find((each) => each.set === set);
      return labels ? [{ evaluation, labels }] : [];
    });
  return section(
    'labels',
    'Reviewed labels',
    [
      ...sets.map((set) => {
        const [{ labels }] = labelsOf(set) as [ReturnType<typeof labelsOf>[number]];
        return `${set}: people reviewed ${several(labels.looked, 'label')} and corrected ${labels.corrected}.`;
      }),
      'Accuracy on originals with original and reviewed labels. If people reviewed only rows where these models contradict the label, accuracy on reviewed labels is too high: errors that models share with the labels remain (docs/label-quality.md).',
    ],
    sets.map((set, s) =>
      ownTable(
        `labels-${s}`,
        `Accuracy on originals of ${set} before and after label review, percent`,
        labelsOf(set),
        [
          [right('original labels'), ({ labels }) => figureCell(labels.given)],
          [right('reviewed labels'), ({ labels }) => figureCell(labels.reviewed)],
          [right('rows'), ({ labels }) => countCell(labels.given.n)],
        ],
      ),
    ),
  );
}

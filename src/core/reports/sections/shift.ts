import { kindLabel } from '../../../base/labels.ts';
import { fixed, signed } from '../../../base/format.ts';
import { oodGap } from '../../metrics/compare-rows.ts';
import { cellsOf, countCell, figureCell, ownTables, NONE, right } from '../cells.ts';
import { section, tableOf, words, type Cell, type Section, type Table } from '../document.ts';
import { showsPublished, shownSets, type Evaluation, type ReportOptions } from '../evaluation.ts';
import { PUBLISHED_SHIFT } from '../published/investigator.ts';

/** Returns the section on the loss with opposite questions, in points and in percent (R20). */
export function shiftSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const tables = shownSets(evaluations, options).flatMap(({ set, shown }, s) =>
    ownShift(shown, set, s, options.base),
  );
  if (tables.length === 0 && !showsPublished(evaluations, options)) return null;
  return section(
    'shift',
    'Opposite questions (ID and OOD)',
    [
      'The tables compare only rows with an opposite question, separately for each kind of question. ID means original questions, and OOD means opposite questions. The gap is in points. The gap relative to ID is in percent of the ID accuracy. The values −4.5% and +19.5% of arXiv 2507.13362 are relative to the base model’s OOD accuracy instead.',
      ...(options.base === null && evaluations.length > 0
        ? ['To compare your evaluations with a base model, select a base model.']
        : []),
    ],
    [...tables, publishedShift()],
  );
}

const changeCell = (value: number | null | undefined): Cell =>
  value == null ? NONE : { text: signed(value, 1), value };

function ownShift(
  evaluations: readonly Evaluation[],
  set: string,
  s: number,
  subject: string | null,
): Table[] {
  const shown = evaluations.flatMap((evaluation) =>
    (evaluation.sets[set]?.shifts ?? []).map((shift) => ({ evaluation, ...shift })),
  );
  const baseOf = (kind: string) =>
    shown.find((each) => each.evaluation.subject === subject && each.kind === kind)?.metrics.ood!.value;
  const items = shown.map(({ evaluation, kind, metrics: { id, ood, gap, both_right, inversion } }) => {
    // A ratio requires two values. If answers are unscored, only the gap in points has bounds.
    const change =
      id?.value == null || ood?.value == null ? null : oodGap(id.value, ood.value, baseOf(kind) ?? undefined);
    const [before, after, both, inverted] = cellsOf([id, ood, both_right, inversion]) as [
      Cell,
      Cell,
      Cell,
      Cell,
    ];
    return { evaluation, kind, id, gap, change, before, after, both, inverted };
  });
  return ownTables(`shift-${s}`, `Accuracy on ${set}, original and opposite questions, percent`, items, [
    words('questions', ({ kind }) => kindLabel(kind) || NONE.text),
    [right('ID'), ({ before }) => before],
    [right('OOD'), ({ after }) => after],
    // The gap and the two accuracies are computed on the same pairs.
    [right('gap, points'), ({ gap }) => figureCell(gap, 1, signed)],
    [
      right('gap, % of ID', undefined, 'OOD accuracy divided by ID accuracy, minus 1 (R20).'),
      ({ change }) => changeCell(change?.relative),
    ],
    [
      right('OOD against base, %', undefined, 'OOD accuracy divided by base OOD accuracy, minus 1 (R20).'),
      ({ change }) => changeCell(change?.relative_to_base),
    ],
    [right('correct on both questions'), ({ both }) => both],
    [
      right(
        'inverted',
        undefined,
        'Share of two-choice questions whose reference answer changed, but whose given answer did not. High values suggest that the model ignores the wording.',
      ),
      ({ inverted }) => inverted,
    ],
    [right('pairs'), ({ id }) => countCell(id?.n)],
  ]);
}

/** Returns paper A’s values, with the changes computed from these values in all three ways. */
function publishedShift(): Table {
  const [base] = PUBLISHED_SHIFT;
  const items = PUBLISHED_SHIFT.flatMap((row) =>
    (['depth', 'distance'] as const).map((task) => {
      const [id, ood] = row[task];
      return { name: row.name, task, id, ood, ...oodGap(id / 100, ood / 100, base[task][1] / 100) };
    }),
  );
  const value = (number: number): Cell => ({ text: fixed(number, 2), value: number });
  const slip = { note: 'The value is 9.00 in the paper and −9.00 in the README (R20).' };
  return tableOf(
    'investigator-shift',
    'CV-Bench, original and opposite questions (arXiv 2507.13362), percent',
    items,
    [
      words('model', ({ name }) => name),
      words('task', ({ task }) => task),
      [right('ID'), ({ id }) => value(id)],
      [right('OOD'), ({ ood }) => value(ood)],
      [
        right('gap, points'),
        ({ name, task, points }) => ({
          text: signed(points, 2),
          value: points,
          ...(name === 'base' && task === 'distance' && slip),
        }),
      ],
      [right('gap, % of ID'), ({ relative }) => changeCell(relative)],
      [
        right('OOD against base, %'),
        ({ name, relative_to_base }) => changeCell(name === 'base' ? null : relative_to_base),
      ],
    ],
    [
      'In the paper’s text, −4.5% (SFT) and +19.5% (GRPO) are relative to the base model on Depth. The values 12.03 and 3.17 are points on Distance, and their difference is 8.86, not 9 (R20).',
    ],
    () => ({ origin: 'published' }),
  );
}

import { linesText } from '../../base/json.ts';
import type { OptionsOf } from '../command-options.ts';
import type { addSuspectsCommand } from './suspects.command.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { namedEvaluations } from '../evaluation/read-evaluations.ts';
import { UsageError } from '../errors.ts';
import { isNamed, LeftOutLines } from '../input.ts';
import { readScoredRows, reviewedLabelsIn } from '../../lab/evaluation/evaluation-folders.ts';
import { reviewedShare, suspectsOf, type Suspects } from '../../core/metrics/suspects/suspects.ts';
import { underDistinctNames, nameOf } from '../../core/reports/evaluation.ts';
import { printJson, print, note } from '../print.ts';
import { printable } from '../../base/printable.ts';
import { doubtText } from '../../rows/sample/label-review.ts';
import { percentsText, percentText, several, thousands } from '../../base/format.ts';
import { ORIGINAL, viewOf, MIRROR } from '../../rows/view-list.ts';

export async function suspects(
  names: string[],
  { runs, set, limit, min, output, json }: OptionsOf<typeof addSuspectsCommand>,
): Promise<void> {
  const evaluations = await namedEvaluations(names, { runs, set });
  const folders = evaluations.map(({ key }) => key);
  const twice = folders.find((folder, i) => folders.indexOf(folder) < i);
  if (twice !== undefined) throw new UsageError(`${twice} is passed twice. Remove one of them.`);
  const models = await Promise.all(
    folders.map(async (folder) => {
      const leftOut = new LeftOutLines(folder);
      const rows = await readScoredRows(folder, leftOut.add);
      leftOut.end();
      return set === undefined ? rows : rows.filter((row) => row.set === set);
    }),
  );
  const reviewed = await Promise.all(folders.map(reviewedLabelsIn));
  const fit = suspectsOf(models, new Map(reviewed.flatMap((labels) => [...labels])));
  if (fit.suspects.length === 0)
    throw new UsageError(
      `Cannot rank labels: no row${set === undefined ? '' : ` of ${set}`} has answers that can be compared between views.`,
      {
        fix: 'Evaluate questions with yes or no, sides, alternatives, options or counts, including the originals.',
      },
    );
  const above = fit.suspects.filter(({ answered, contradicting }) => contradicting / answered >= min);
  const listed = above.slice(0, limit);
  const labels = underDistinctNames(evaluations).map(nameOf);
  const record = ({ said, ...suspect }: Suspects['suspects'][number]) => ({
    ...suspect,
    said: said.map((answers, m) => ({ model: labels[m], answers })),
  });
  if (isNamed(output)) {
    await writeAtomically(output, linesText(above.map(record)));
    note(`${output}: ${several(above.length, 'row')}.`);
  }
  if (json) {
    for (const suspect of listed) printJson(record(suspect));
    const models = fit.contradicts.map((contradicts, m) => ({ model: labels[m], contradicts }));
    printJson({
      summary: {
        rows: fit.suspects.length,
        left_out: fit.leftOut,
        range: fit.range,
        reviewed: reviewedShare(above),
        models,
      },
    });
    return;
  }
  if (listed.length > 0) print(listed.map((suspect) => suspectText(suspect, labels)).join('\n\n'));
  note(summary(fit, above, listed.length, min, labels));
}

/** Returns text such as "1. row-12: the label says left; 5 of 6 model answers …", about a contradicted label. */
function suspectText(suspect: Suspects['suspects'][number], labels: readonly string[]) {
  const { id, label, likely, question, said, independent, rank } = suspect;
  const answers = said.flatMap((looks, m) =>
    looks.length === 0
      ? []
      : [
          `  ${printable(labels[m]!, 40)}: ${looks.map(({ view, answer }) => lookText(view, answer)).join(', ')}`,
        ],
  );
  return [
    `${rank}. ${printable(id, 80)}: label ${printable(label, 60)}; ${doubtText({ ...suspect, likely: printable(likely, 60) })}`,
    `  ${printable(question, 200)}`,
    ...answers,
    ...(independent
      ? []
      : ['  No evaluated view changes the correct answer, so models might share a response bias.']),
  ].join('\n');
}

const lookText = (view: string, answer: string): string =>
  `${printable(answer, 40)}${view === ORIGINAL ? '' : ` (${viewOf(view).label.toLowerCase()}, mapped back)`}`;

function summary(
  { suspects, range, contradicts, leftOut }: Suspects,
  above: Suspects['suspects'],
  listed: number,
  min: number,
  labels: readonly string[],
): string {
  const turned = suspects.filter(({ independent }) => independent).length;
  const n = above.length;
  const reviewed = reviewedShare(above);
  const lines = [
    `Found ${several(n, 'likely label error')} in ${several(suspects.length, 'row')}: at least ${percentText(min)} of the answers contradict the label.${n > listed ? ` Listed: the first ${listed}.` : ''}`,
    `Estimated share of wrong labels: ${percentsText(range)}. Answers alone cannot separate wrong labels from errors that models share.`,
    ...(reviewed
      ? [
          `Wrong among ${several(reviewed.n, 'reviewed label')}: ${thousands(reviewed.wrong)} (${percentsText(reviewed.interval!)}).`,
        ]
      : n > 0
        ? ['To estimate the share of wrong labels, review 40 of them.']
        : []),
    ...contradicts.map(
      ({ value, interval }, m) =>
        `  ${printable(labels[m]!, 40)} contradicts ${percentText(value)} of the labels${interval ? ` (${percentsText(interval)})` : ''}`,
    ),
  ];
  if (leftOut > 0)
    lines.push(
      `Excluded ${several(leftOut, 'row')} with length, box or free-text answers, or without an answer to the original.`,
    );
  if (turned === 0)
    lines.push(
      `The list is weak, because no evaluated view changes the correct answer. Evaluate another view, such as ${MIRROR}.`,
    );
  else if (contradicts.length === 1)
    lines.push('One model is weaker evidence than several (docs/label-quality.md).');
  return lines.join('\n');
}

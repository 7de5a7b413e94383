import { several } from '../../base/format.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import { section, type ReportDocument, type Section } from './document.ts';
import { comparableMetrics, figureOf, setsOf, type Evaluation, type ReportOptions } from './evaluation.ts';
import { PUBLISHED_SETS, type PublishedSet } from './published/table.ts';
import { withSharedAxes } from './drawing.ts';
import { accuracySection, kindSection, labelSection } from './sections/accuracy.ts';
import { answerSection, textSection } from './sections/answer-section.ts';
import { auditSection } from './sections/audit-section.ts';
import { checkpointSection } from './sections/checkpoint-section.ts';
import { claimSection, limitSection } from './sections/claims.ts';
import { consistencySection, viewSection } from './sections/views.ts';
import { controlSection, errorSection } from './sections/control-section.ts';
import { outcomeOf } from './sections/outcome-section.ts';
import { passSection } from './sections/pass.ts';
import { publishedSection } from './sections/published.ts';
import { shiftSection } from './sections/shift.ts';
import { signatureSentences } from './sections/signatures.ts';

/** Options that a reader chooses. In the map of published sets, '' excludes an evaluation set, whatever its name. */
interface ReportChoices extends Omit<ReportOptions, 'map'> {
  map: Readonly<Record<string, PublishedSet | ''>>;
}

/**
 * Builds the report on several evaluations with the reader's choices. By default, an evaluation set corresponds to the
 * published set of the same name.
 */
export function evaluationsReport(evaluations: readonly Evaluation[], choices: ReportChoices) {
  const sets = setsOf(evaluations);
  const map = Object.fromEntries(
    Object.entries({ ...guessMap(sets), ...choices.map }).filter(
      (entry): entry is [string, PublishedSet] => entry[1] !== '' && sets.includes(entry[0]),
    ),
  );
  const options = { ...choices, map };
  const outcome = outcomeOf(evaluations, options);
  return {
    document: buildReport(evaluations, options, outcome),
    sets,
    map,
    metrics: comparableMetrics(evaluations),
    /** The two evaluations that the introduction compares; null without a comparison. */
    compared: outcome?.compared ?? null,
  };
}

/** Builds the report on several evaluations, with the values that the papers published next to own values. */
export function buildReport(
  evaluations: readonly Evaluation[],
  options: ReportOptions,
  outcome = outcomeOf(evaluations, options),
): ReportDocument {
  const sections = [
    outcome?.section ?? null,
    auditSection(evaluations, options),
    accuracySection(evaluations, options),
    labelSection(evaluations),
    kindSection(evaluations, options),
    consistencySection(evaluations, options),
    viewSection(evaluations, options),
    checkpointSection(evaluations, options),
    controlSection(evaluations, options),
    answerSection(evaluations, options),
    errorSection(evaluations, options),
    textSection(evaluations, options),
    shiftSection(evaluations, options),
    passSection(evaluations, options),
    publishedSection(evaluations, options),
    claimSection(evaluations, options),
    limitSection(evaluations, options),
  ].filter((section) => section !== null);
  return withSharedAxes({
    title: options.title,
    lead: [
      ...signatureSentences(evaluations, options),
      ...(outcome?.sentences ?? []),
      leadOf(evaluations),
      ...differentFiles(evaluations),
      ...verifiedSentences(evaluations),
    ],
    sections: [...sections, aboutSection()],
  });
}

function leadOf(evaluations: readonly Evaluation[]): string {
  const sets = setsOf(evaluations);
  const subjects = new Set(evaluations.map(({ subject }) => subject)).size;
  return evaluations.length === 0
    ? 'No evaluations. The tables show published results.'
    : `${several(evaluations.length, 'evaluation')} of ${several(subjects, 'model')} on ${several(sets.length, 'evaluation set')} (${sets.join(', ')}).`;
}

/** Returns a sentence for each set name that evaluations use for different files. */
const differentFiles = (evaluations: readonly Evaluation[]): string[] =>
  setsOf(evaluations).flatMap((set) => {
    const ofFile = groupBy(
      evaluations.filter(({ figures }) => figures.some((figure) => figure.set === set)),
      ({ digests = new Map(), renamed }) =>
        [...digests].find(([name]) => (renamed?.get(name) ?? name) === set)?.[1] ?? '',
    );
    ofFile.delete('');
    if (ofFile.size < 2) return [];
    const files = [...ofFile.values()].map((group) => {
      const names = [...new Set(group.map(({ subject }) => subject))].join(', ');
      const rows = Math.max(...group.flatMap((each) => figureOf(each, set, { metric: 'accuracy' })?.n ?? []));
      return rows > 0 ? `${names} (${several(rows, 'row')})` : names;
    });
    return [
      `The set ${set} is not the same file in all evaluations: ${files.join('; ')}. Compare values of the same file only.`,
    ];
  });

function verifiedSentences(evaluations: readonly Evaluation[]): string[] {
  const verified = new Map(
    evaluations.flatMap((each) => (each.verified ? [[each.subject, each.verified]] : [])),
  );
  if (verified.size === 0) return [];
  const runs = [...verified].map(([subject, steps]) => `${subject} (${several(steps, 'step')})`);
  return [`Verified runs (recomputed from the files in the run folder): ${runs.join(', ')}.`];
}

const aboutSection = (): Section =>
  section('about', 'About this report', [
    'arXiv 2507.13362 is the paper on scene-graph chain of thought, SFT and GRPO; SVQA-R1 is arXiv 2506.01371. R-numbers are implementation choices (docs/papers.md). Intervals are 95% and cover other images of the same kind. Shares use Wilson intervals, adjusted for correlated rows of one image; other metrics and differences use Student’s t over images.',
  ]);

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Maps the user's evaluation sets to published sets by name, such as Q-Spatial++, q_spatial, cvbench. */
export function guessMap(sets: readonly string[]): Record<string, PublishedSet> {
  const byName = new Map(
    (Object.entries(PUBLISHED_SETS) as [PublishedSet, string][]).flatMap(([id, name]) => [
      [plain(id), id],
      [plain(name), id],
    ]),
  );
  return Object.fromEntries(
    sets.flatMap((set) => {
      const published = byName.get(plain(set));
      return published === undefined ? [] : [[set, published] as const];
    }),
  );
}

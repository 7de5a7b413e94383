import { several } from '../../base/format.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import { isTrusted } from '../psychophysics/measure.ts';
import { ACUITY_KIND, type AnyAcuityRecord, MAP_KIND, subjectOf } from '../psychophysics/acuity-record.ts';
import { acuitySentence, verdictText } from '../psychophysics/text.ts';
import { unitText } from '../worlds/acuity/acuity-axes.ts';
import {
  bearingsChart,
  facingChart,
  type Group,
  leaningsChart,
  modelCharts,
  trainingCharts,
  viewsChart,
  wordsChart,
} from './acuity-charts.ts';
import { exponentCell, mapSection, metresSection, shareCell, turnSection } from './acuity-other.ts';
import { differencesTable, figuresTable, thresholdCell, type Shown } from './acuity-tables.ts';
import { NONE, right } from './cells.ts';
import {
  ownFigures,
  section,
  tableOf,
  words,
  type Cell,
  type ColumnOf,
  type ReportDocument,
  type Section,
} from './document.ts';

export type ShownRecord = Shown<AnyAcuityRecord>;

/** Returns a report on the acuity of models: for each axis, values, curves, and settings. */
export function acuityDocument(records: readonly ShownRecord[], title: string): ReportDocument {
  const groups = [...groupBy(records, subjectOf)];
  const hasCurve = records.some(({ kind }) => kind === ACUITY_KIND);
  const models = new Set(records.map(({ model }) => model)).size;
  return {
    title,
    lead: [
      `${several(models, 'model')}, evaluated on scenes with one controlled difference.${hasCurve ? ` ${OF_CURVES}` : ''} Intervals are 95% and cover other scenes of the same kind.`,
    ],
    sections: [
      ...(groups.length > 1 ? [acuityOverview(records, 'Overview')] : []),
      ...groups.map(([subject, group], g) => sectionAbout(group, subject, g)),
    ],
  };
}

/** Returns the section with the main value of each model for each subject (axis or map). */
export function acuityOverview(records: readonly ShownRecord[], title: string): Section {
  const groups = [...groupBy(records, subjectOf)];
  const models = [...new Set(groups.flatMap(([, group]) => group.map(({ model }) => model)))];
  const columns = groups.map(([subject, group]): ColumnOf<string> => [
    right(`${subject}: ${figureOf(group[0]!)}`),
    // If a model has results on several sets of scenes, the last result is displayed.
    (model) => overviewCell(group.findLast((record) => record.model === model)),
  ]);
  const [id, caption] = ['acuity-overview-table', 'Results by model and subject'];
  const table = tableOf(id, caption, models, [words('model', (model) => model), ...columns], [], ownFigures);
  return section('acuity-overview', title, [], [table]);
}

function figureOf(record: ShownRecord): string {
  if (record.kind === ACUITY_KIND) return `threshold, ${unitText(record.axis)}`;
  return record.kind === 'chirality-acuity-metres' ? 'exponent' : 'correct answers, %';
}

function overviewCell(record: ShownRecord | undefined): Cell {
  if (!record) return NONE;
  if (!isTrusted(record)) return { text: 'unreliable' };
  switch (record.kind) {
    case ACUITY_KIND:
      return record.all.threshold || record.all.atLeast !== undefined
        ? thresholdCell(record.axis, record.all)
        : { text: verdictText(record) };
    case 'chirality-acuity-metres':
      return exponentCell(record);
    default:
      return shareCell(record.all);
  }
}

const OF_CURVES =
  'Threshold: half the distance between the 25% and 75% points of the curve, with response bias held fixed. PSE shift: the difference that would change the answers as much as a response bias does (PSE: point of subjective equality). Lapse rate: share of obvious differences that the model misses.';

/** Returns the section about one subject (axis or map). @param group records of this subject */
function sectionAbout(group: readonly ShownRecord[], subject: string, g: number): Section {
  const ofKind = <K extends AnyAcuityRecord['kind']>(kind: K) =>
    group.filter((record): record is Extract<ShownRecord, { kind: K }> => record.kind === kind);
  switch (group[0]!.kind) {
    case ACUITY_KIND:
      return axisSection(ofKind(ACUITY_KIND), g);
    case 'chirality-acuity-turn':
      return turnSection(ofKind('chirality-acuity-turn'), g);
    case 'chirality-acuity-metres':
      return metresSection(ofKind('chirality-acuity-metres'), g);
    case MAP_KIND:
      return mapSection(ofKind(MAP_KIND), subject, g);
  }
}

function axisSection(group: Group, g: number): Section {
  const { axis } = group[0]!;
  const trainings = [...groupBy(group, ({ run }) => run ?? '')].filter(
    ([run, steps]) => run !== '' && new Set(steps.map(({ step }) => step)).size > 1,
  );
  // Only a run's last checkpoint is compared with other models; earlier checkpoints only appear in curves over steps.
  const shown = group.filter(({ run, step }) =>
    trainings.every(
      ([name, steps]) => name !== run || step === Math.max(...steps.map((record) => record.step!)),
    ),
  );
  return section(
    `${axis}-${g}`,
    axis,
    shown.map(acuitySentence),
    [figuresTable(group, g, scenesLines(shown)), ...differencesTable(shown, g)],
    [
      ...(shown.length === 1 ? [viewsChart(shown[0]!, g)] : modelCharts(shown, g)),
      ...shown.filter(({ heard }) => heard !== null).map((record, i) => wordsChart(record, `${g}-${i}`)),
      ...shown.flatMap((record, i) => facingChart(record, `${g}-${i}`)),
      ...bearingsChart(shown, g),
      ...leaningsChart(shown, g),
      ...(trainings.length > 0 ? trainingCharts(axis, trainings, g) : []),
    ],
  );
}

/** Describes the scenes. If models were measured on different scenes, lists the models for each description. */
function scenesLines(group: Group): string[] {
  const sets = [...groupBy(group, ({ rows_sha256 }) => rows_sha256).values()];
  return sets.map((set) => {
    const { plan, scenes: asked } = set[0]!;
    const { size, seed } = plan;
    const scenes = `${several(asked.length, 'scene')} of ${size.w} × ${size.h} pixels, seed ${seed}`;
    return sets.length > 1 ? `${scenes}: ${set.map(({ model }) => model).join(', ')}.` : `${scenes}.`;
  });
}

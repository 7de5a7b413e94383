import { percent, percentsText, percentText, points, several, signed } from '../../../base/format.ts';
import { metricLabel } from '../../../base/labels.ts';
import type { Audit, AuditBounds, AuditedVerdict, AuditFigure } from '../../metrics/audit/audit.ts';
import type { Estimate } from '../../metrics/audit/estimate.ts';
import { describeAgreement } from '../../metrics/people-agreement.ts';
import type { Metric } from '../../evaluation/results.ts';
import { printable } from '../../../base/printable.ts';
import { ORIGINAL, viewLabel } from '../../../rows/view-list.ts';
import { countCell, figureCell, NONE, right } from '../cells.ts';
import { sectionOf, tableOf, words, type Row, type Section, type Table } from '../document.ts';
import {
  figureOf,
  nameInSentence,
  nameOf,
  shownSets,
  type Evaluation,
  type ShownCheckpoints,
} from '../evaluation.ts';

/** An audit, with the name of its evaluation, or of both compared evaluations. */
interface NamedAudit {
  key?: string;
  name: string;
  audit: Audit;
}

interface FigureName {
  metric: string;
  view?: string | null;
}

const auditedFigure = (
  audit: Audit | null | undefined,
  set: string,
  { metric, view = ORIGINAL }: FigureName,
): AuditFigure | undefined =>
  audit?.figures.find((each) => each.set === set && each.metric === metric && each.view === view);

/** Returns the estimate of a metric; null if the estimate is absent or preliminary. */
const settled = ({ estimate, missing }: AuditFigure): Estimate | null => (missing > 0 ? null : estimate);

/**
 * Returns a metric estimated from human ratings, with the interval for other rows of the same kind; undefined with too
 * few ratings. Headlines prefer this estimate to the metric.
 */
export function auditFigure(evaluation: Evaluation, set: string, about: FigureName): Metric | undefined {
  const figure = auditedFigure(evaluation.audit, set, about);
  const estimate = figure && settled(figure);
  if (!estimate) return undefined;
  const { value, such, n } = estimate;
  const { chance, chance_n, floor } = figureOf(evaluation, set, about) ?? {};
  return {
    value,
    unit: 'share',
    n,
    interval: such,
    ...(chance !== undefined && { chance }),
    ...(chance_n !== undefined && { chance_n }),
    ...(floor && { floor }),
  };
}

/**
 * Explains which headlines are estimates, with the values by rules (and judge) alone, or the reason why ratings give no
 * estimate. Empty without ratings.
 */
export function auditSentences(evaluations: readonly Evaluation[], set: string, about: FigureName): string[] {
  const audited = evaluations.filter((evaluation) => auditFigure(evaluation, set, about));
  const others = evaluations.filter((evaluation) => !audited.includes(evaluation));
  return [
    ...audited.map((evaluation) => {
      const figure = auditedFigure(evaluation.audit, set, about)!;
      return `The value of ${nameInSentence(evaluation)} is estimated from ${several(figure.estimate!.judged, thingOf(figure))} with human ratings; ${byVerdicts(figure)}.`;
    }),
    ...others.flatMap((evaluation) => {
      const figure = auditedFigure(evaluation.audit, set, about);
      if (!figure)
        return audited.length > 0
          ? [
              `The value of ${nameInSentence(evaluation)} is not estimated, because its answers have no human ratings.`,
            ]
          : [];
      return [
        `Too few human ratings to estimate the value of ${nameInSentence(evaluation)}${missingText(figure)}.`,
      ];
    }),
  ];
}

/** Describes the difference between two evaluations in one view by human ratings; null with too few ratings. */
export function judgedDifference(audit: Audit | null, set: string, view: string): string | null {
  const figure = auditedFigure(audit, set, { metric: 'difference', view });
  const estimate = figure && settled(figure);
  if (!estimate) return null;
  const { value, such, judged } = estimate;
  const better = such[0] > 0 ? 'B is better' : such[1] < 0 ? 'A is better' : 'no clear difference';
  return `${set}, ${viewLabel(view)}: ${better}. B minus A is ${points(value)} points (95% ${such.map(points).join(' to ')}), estimated from ${several(judged, 'row')} with human ratings; ${byVerdicts(figure)}.`;
}

/** Formats the number of ratings that an estimate still requires, such as `: rate 4 more pairs`; "" for none. */
const missingText = (figure: AuditFigure): string =>
  figure.missing > 0
    ? `: rate ${figure.missing} more ${thingOf(figure)}${figure.missing === 1 ? '' : 's'}`
    : '';

/** Returns the section with the human ratings, and their disagreement with the rules; null without ratings. */
export function auditSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const shown = new Set(shownSets(evaluations, options).flatMap((each) => each.shown));
  const audits = evaluations.flatMap((evaluation): NamedAudit[] =>
    shown.has(evaluation) && evaluation.audit
      ? [{ key: evaluation.key, name: nameOf(evaluation), audit: evaluation.audit }]
      : [],
  );
  return sectionOfAudits('audit', audits);
}

/** Returns the section with human ratings of two compared evaluations, which cover both answers to a row. */
export const auditedDifference = (names: readonly [string, string], audit: Audit | null): Section | null =>
  audit &&
  sectionOfAudits('audit-compare', [
    { name: names.map((name, side) => `${'AB'[side]!}: ${name}`).join(', '), audit },
  ]);

function sectionOfAudits(id: string, audits: readonly NamedAudit[]): Section | null {
  if (audits.length === 0) return null;
  return sectionOf(
    id,
    id === 'audit' ? 'Human ratings' : 'Human ratings of differences',
    [
      ...audits.flatMap(({ name, audit }) => {
        const lines = judgedText(audit).join(' ');
        return audits.length === 1 ? [lines] : [`${name}: ${lines}`];
      }),
      'Answers are drawn at random from each score of the rules: correct, wrong, unparsed and not scored. Each group is weighted by its size, so that errors of the rules do not bias the estimate (docs/label-quality.md).',
    ],
    [figureTable(`${id}-figures`, audits), verdictTable(`${id}-verdicts`, audits)].filter(
      ({ rows }) => rows.length > 0,
    ),
  );
}

/** Describes the number of human ratings, their agreement, and the error rates of the rules and the judge. */
export function judgedText(audit: Audit): string[] {
  const { judged, people, agreement, cannot_tell, waiting, rules, judge } = audit;
  const names = people.map(({ name, judged: count }) => `${printable(name, 60)} (${count})`).join(', ');
  return [
    `${several(judged, 'answer')} rated by ${names}.`,
    ...(agreement ? [`${describeAgreement(agreement).replace(/ rows$/, ' answers')}.`] : []),
    ...(cannot_tell > 0
      ? [`${several(cannot_tell, 'answer')} excluded, because raters were undecided or disagreed.`]
      : []),
    ...(waiting > 0
      ? [
          `${several(waiting, 'answer')} will count after the rest of the pair and all earlier answers are rated.`,
        ]
      : []),
    ...mistakes('The rules', rules),
    ...mistakes('The judge', judge),
  ];
}

const mistakes = (who: 'The rules' | 'The judge', found: Estimate | null): string[] => {
  if (!found) return [];
  const share = `${percentText(found.value)} (${percentsText(found.these)})`;
  return [`${who} wrongly scored ${share} of the answers that have a score.`];
};

/** Formats both bounds, such as `by rules alone it is 30.0–80.0% (10 of 20 not scored), with the judge 55.0%`. */
const byVerdicts = (figure: AuditFigure, it = ' it is'): string =>
  [
    `by rules alone${it} ${boundsText(figure, figure)}`,
    ...(figure.with_judge ? [`with the judge ${boundsText(figure.with_judge, figure)}`] : []),
  ].join(', ');

/** Formats the bounds of a share or a difference; a single value if all answers are scored. */
function boundsText(
  { bounds: [low, high], not_judged }: AuditBounds,
  { n, metric }: Pick<AuditFigure, 'n' | 'metric'>,
): string {
  const text = (share: number) => (metric === 'difference' ? points(share) : percent(share));
  if (not_judged === 0) return `${text(low)}${metric === 'difference' ? ' points' : '%'}`;
  const between = metric === 'difference' ? ' to ' : '–';
  return `${text(low)}${between}${text(high)}${metric === 'difference' ? ' points' : '%'} (${not_judged} of ${n} not scored)`;
}

/** Describes every metric by the rules alone and by human ratings, then all other results, one per line. */
export function auditLines(audit: Audit): string[] {
  if (audit.judged === 0) return ['No human ratings yet.'];
  return [
    ...audit.figures.map((figure) => {
      const { estimate, metric, set } = figure;
      const before = `${printable(set, 60)}, ${auditedLabel(figure)}: ${byVerdicts(figure, '')}`;
      if (!estimate) return `${before}; too few human ratings for an estimate${missingText(figure)}`;
      const isDifference = metric === 'difference';
      const share = (value: number) => (isDifference ? points(value) : percent(value));
      const range = (ends: readonly [number, number]) => ends.map(share).join(isDifference ? ' to ' : '–');
      const value = `${share(estimate.value)}${isDifference ? ' points' : '%'}`;
      const preliminary = figure.missing > 0 ? `; preliminary${missingText(figure)}` : '';
      return `${before}; human ratings: ${value} (these rows ${range(estimate.these)}, similar rows ${range(estimate.such)})${preliminary}`;
    }),
    '',
    ...judgedText(audit),
  ];
}

const thingOf = ({ metric }: AuditFigure): string =>
  metric === 'consistent' ? 'pair' : metric === 'difference' ? 'row' : 'answer';

/** Returns the label of an audited metric, such as `original`, `pair accuracy`, `B − A, mirror`. */
function auditedLabel({ metric, view }: AuditFigure): string {
  const what = view === null ? metricLabel(metric) : viewLabel(view);
  const prefix = { accuracy: '', consistent: '', first: 'A, ', second: 'B, ', difference: 'B − A, ' }[metric];
  return `${prefix}${what}`;
}

function figureTable(id: string, audits: readonly NamedAudit[]): Table {
  const all = audits.flatMap(({ audit, ...about }) =>
    audit.figures.map((figure) => ({ ...about, figure, ...figure })),
  );
  const isJudge = all.some(({ with_judge }) => with_judge);
  const preliminary = all.filter(({ estimate, missing }) => estimate && missing > 0);
  return tableOf(
    id,
    'Estimates from human ratings, percent',
    all,
    [
      words('evaluation', ({ name }) => name),
      words('set', ({ set }) => set),
      words('measure', ({ figure }) => auditedLabel(figure)),
      words(
        'rules only',
        ({ figure }) => boundsText(figure, figure),
        'Possible range if some answers are not scored.',
      ),
      ...(isJudge
        ? [
            words<(typeof all)[number]>(
              'rules and LLM judge',
              ({ with_judge, figure }) => (with_judge ? boundsText(with_judge, figure) : NONE.text),
              'The LLM judge scores the answers that no rule can score.',
            ),
          ]
        : []),
      [
        right('estimate', undefined, 'Estimate with a 95% interval for other rows of the same kind.'),
        ({ estimate, metric }) => {
          if (!estimate) return { ...NONE, note: 'Some groups of answers have no human rating yet.' };
          const about = {
            value: estimate.value,
            unit: 'share',
            n: estimate.n,
            interval: estimate.such,
          } as const;
          return metric === 'difference' ? figureCell(about, 1, signed) : figureCell(about);
        },
      ],
      [
        right(
          'evaluated rows',
          undefined,
          '95% interval for the rows of this evaluation. Rated rows add no uncertainty.',
        ),
        ({ estimate, metric }) =>
          estimate
            ? { text: estimate.these.map(metric === 'difference' ? points : percent).join(' – ') }
            : NONE,
      ],
      [right('rated'), ({ estimate }) => countCell(estimate?.judged)],
      [right('of'), ({ n }) => countCell(n)],
    ],
    preliminary.map(
      ({ name, set, figure }) =>
        `Preliminary: ${name}, ${set}, ${auditedLabel(figure)}${missingText(figure)}. Until more answers are rated, the headline uses the scores of the rules.`,
    ),
    ofAudit,
  );
}

const ofAudit = ({ key }: { key?: string }): Omit<Row, 'cells'> => ({
  ...(key !== undefined && { key }),
  origin: 'own',
});

const VERDICT_TEXT: Record<AuditedVerdict['verdict'], string> = {
  right: 'correct',
  wrong: 'wrong',
  unparsed: 'unparsed (wrong)',
  not_judged: 'not scored',
};

function verdictTable(id: string, audits: readonly NamedAudit[]): Table {
  const all = audits.flatMap(({ audit: { verdicts }, name, ...about }) =>
    verdicts.map((audited) => ({
      ...about,
      name: verdicts.some(({ side }) => side === 1) ? 'AB'[audited.side]! : name,
      ...audited,
      wrong: audited.judged - audited.right,
      called: audited.judge ?? (audited.verdict === 'not_judged' ? null : audited.verdict === 'right'),
    })),
  );
  return tableOf(
    id,
    'Errors of rules and LLM judge, answers',
    all,
    [
      words('evaluation', ({ name }) => name),
      words('set', ({ set }) => set),
      words('view', ({ view }) => viewLabel(view)),
      words(
        'score by rules',
        ({ verdict, judge }) =>
          `${VERDICT_TEXT[verdict]}${judge === null ? '' : `; judge: ${judge ? 'correct' : 'wrong'}`}`,
      ),
      [right('answers'), ({ n }) => countCell(n)],
      [
        right('rated', undefined, 'Number of decided ratings, counted in the order of the sample.'),
        ({ judged }) => countCell(judged),
      ],
      [right('rated correct'), (audited) => countCell(audited.right)],
      [right('rated wrong'), ({ wrong }) => countCell(wrong)],
      [
        right('contradicted', undefined, 'Human ratings that differ from the rules or the LLM judge.'),
        (audited) =>
          countCell(audited.called === null ? undefined : audited.called ? audited.wrong : audited.right),
      ],
    ],
    [],
    ofAudit,
  );
}

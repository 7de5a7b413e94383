import { percent, percentsText, percentText, points, several, signed } from '../../format.ts';
import { metricLabel } from '../../labels.ts';
import type { Audit, AuditedVerdict, AuditFigure } from '../../metrics/audit/audit.ts';
import type { Estimate } from '../../metrics/audit/estimate.ts';
import { describeAgreement } from '../../metrics/people-agreement.ts';
import type { Metric } from '../../metrics/results.ts';
import { printable } from '../../printable.ts';
import { ORIGINAL, viewLabel } from '../../view-list.ts';
import { countCell, figureCell, left, NONE, right } from '../cells.ts';
import { sectionOf, type Cell, type Row, type Section, type Table } from '../document.ts';
import { figureOf, nameOf, shownFor, setsOf, type Evaluation, type ShownCheckpoints } from '../evaluation.ts';

/** An audit under the name of what was judged; of two evaluations, under both. */
interface NamedAudit {
  key?: string;
  name: string;
  audit: Audit;
}

/**
 * The estimate of a figure from judged answers, in the form of the figure, with the interval for such rows; undefined if
 * people did not judge enough. Headlines take it where there is one.
 */
export function auditFigure(
  one: Evaluation,
  set: string,
  { metric, view = ORIGINAL }: { metric: string; view?: string | null },
): Metric | undefined {
  const figure = one.audit?.figures.find(
    (each) => each.set === set && each.metric === metric && each.view === view,
  );
  if (!figure?.estimate) return undefined;
  const { value, such, n } = figure.estimate;
  const { chance, chance_n, floor } = figureOf(one, set, { metric, view }) ?? {};
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

/** Says of a headline that it is an estimate, and what the rules alone say; nothing if it is none. */
export function auditSentences(
  one: Evaluation,
  set: string,
  about: { metric: string; view?: string | null },
): string[] {
  const { metric, view = ORIGINAL } = about;
  if (!auditFigure(one, set, about)) return [];
  const { figures } = one.audit!;
  const figure = figures.find((each) => each.set === set && each.metric === metric && each.view === view)!;
  return [
    `The figure of ${nameOf(one)} is estimated from ${several(figure.estimate!.judged, thingOf(figure))} that people judged; by rules alone it is ${byRules(figure)}.`,
  ];
}

/** What people judged of the evaluations, and how often they contradict the rules; null if nothing was judged. */
export function auditSection(evaluations: readonly Evaluation[], options: ShownCheckpoints): Section | null {
  const shown = new Set(setsOf(evaluations).flatMap((set) => shownFor(evaluations, set, options)));
  const audits = evaluations.flatMap((one): NamedAudit[] =>
    shown.has(one) && one.audit ? [{ key: one.key, name: nameOf(one), audit: one.audit }] : [],
  );
  return sectionOfAudits('audit', audits);
}

/** The same of two evaluations that are compared, from the answers of both to the same rows. */
export const auditedDifference = (names: readonly [string, string], audit: Audit | null): Section | null =>
  audit &&
  sectionOfAudits('audit-compare', [
    { name: names.map((name, side) => `${'AB'[side]!}: ${name}`).join(', '), audit },
  ]);

function sectionOfAudits(id: string, audits: readonly NamedAudit[]): Section | null {
  if (audits.length === 0) return null;
  return sectionOf(
    id,
    id === 'audit' ? 'Judged by people' : 'Differences judged by people',
    [
      ...audits.flatMap(({ name, audit }) => {
        const lines = judgedText(audit).join(' ');
        return audits.length === 1 ? [lines] : [`${name}: ${lines}`];
      }),
      'Answers are drawn at random from what the rules call right, wrong, unparsed and not judged, and each kind is weighted by its size, so that mistakes of the rules do not bias the figure (docs/audit.md).',
    ],
    [figureTable(`${id}-figures`, audits), verdictTable(`${id}-verdicts`, audits)].filter(
      ({ rows }) => rows.length > 0,
    ),
  );
}

/** How many answers people judged, how they agree, and how often rules and judge were wrong, in sentences. */
export function judgedText(audit: Audit): string[] {
  const { judged, people, agreement, cannot_tell, waiting, rules, judge } = audit;
  const names = people.map(({ name, judged: own }) => `${printable(name, 60)} (${own})`).join(', ');
  return [
    `${several(judged, 'answer')} judged by ${names}.`,
    ...(agreement ? [`${describeAgreement(agreement).replace(/ rows$/, ' answers')}.`] : []),
    ...(cannot_tell > 0 ? [`${cannot_tell} of them cannot be told, or people are split: left out.`] : []),
    ...(waiting > 0
      ? [
          `${waiting} of them will count once the rest of the pair, and those before in the order, are judged.`,
        ]
      : []),
    ...mistakes('The rules', rules),
    ...mistakes('The judge', judge),
  ];
}

const mistakes = (who: 'The rules' | 'The judge', found: Estimate | null): string[] => {
  if (!found) return [];
  const [are, judge] = who === 'The rules' ? ['are', 'they judge'] : ['is', 'it judges'];
  const share = `${percentText(found.value)} (${percentsText(found.these)})`;
  return [`${who} ${are} wrong about ${share} of the answers that ${judge}.`];
};

/** The figure by the rules alone: a share, or the bounds of what is possible. */
export function byRules({ bounds: [low, high], not_judged, n, metric }: AuditFigure): string {
  const text = (share: number) => (metric === 'difference' ? points(share) : percent(share));
  if (not_judged === 0) return `${text(low)}${metric === 'difference' ? ' points' : ' %'}`;
  const between = metric === 'difference' ? ' to ' : '–';
  return `${text(low)}${between}${text(high)}${metric === 'difference' ? ' points' : ' %'} (${not_judged} of ${n} not judged)`;
}

/** Every figure by the rules alone and by what people judged, and what else they say, a line each. */
export function auditLines(audit: Audit): string[] {
  if (audit.judged === 0) return ['Nothing is judged yet.'];
  return [
    ...audit.figures.map((figure) => {
      const { estimate, metric, set } = figure;
      const before = `${printable(set, 60)}, ${auditedLabel(figure)}: by rules alone ${byRules(figure)}`;
      if (!estimate) return `${before}; too little is judged for an estimate`;
      const isDifference = metric === 'difference';
      const share = (value: number) => (isDifference ? points(value) : percent(value));
      const range = (ends: readonly [number, number]) => ends.map(share).join(isDifference ? ' to ' : '–');
      const value = `${share(estimate.value)} ${isDifference ? 'points' : '%'}`;
      return `${before}; judged: ${value} (these rows ${range(estimate.these)}, such rows ${range(estimate.such)})`;
    }),
    '',
    ...judgedText(audit),
  ];
}

const thingOf = ({ metric }: AuditFigure): string =>
  metric === 'consistent' ? 'pair' : metric === 'difference' ? 'row' : 'answer';

/** What a figure is of: `original`, `both right`, `B − A, mirror`. */
function auditedLabel({ metric, view }: AuditFigure): string {
  const of = view === null ? metricLabel(metric) : viewLabel(view);
  const prefix = { accuracy: '', consistent: '', first: 'A, ', second: 'B, ', difference: 'B − A, ' }[metric];
  return `${prefix}${of}`;
}

/** An estimate as a figure of tables. */
const metricOf = ({ value, n }: Estimate, interval: [number, number]): Metric => ({
  value,
  unit: 'share',
  n,
  interval,
});

function figureTable(id: string, audits: readonly NamedAudit[]): Table {
  const rows = audits.flatMap(({ key, name, audit }) =>
    audit.figures.map((figure): Row => {
      const { estimate, set, metric } = figure;
      const cell = (interval: [number, number]): Cell =>
        metric === 'difference'
          ? figureCell(metricOf(estimate!, interval), 1, signed)
          : figureCell(metricOf(estimate!, interval));
      return {
        ...(key !== undefined && { key }),
        origin: 'own',
        cells: [
          { text: name },
          { text: set },
          { text: auditedLabel(figure) },
          { text: byRules(figure) },
          estimate ? cell(estimate.such) : { ...NONE, note: 'Some kinds of answers have no judged one yet.' },
          estimate ? { text: intervalText(estimate.these, metric === 'difference') } : NONE,
          countCell(estimate?.judged),
          countCell(figure.n),
        ],
      };
    }),
  );
  return {
    id,
    caption: 'Estimates from judged answers, percent',
    columns: [
      left('evaluation'),
      left('set'),
      left('right'),
      left('by rules alone', 'If something is not judged, the least and the most that is possible.'),
      right('estimate', undefined, 'With its 95 % interval for such rows: other rows of the same kind.'),
      right(
        'these rows',
        undefined,
        'The 95 % interval for the rows of this evaluation: those that were judged are known.',
      ),
      right('judged'),
      right('of'),
    ],
    rows,
    notes: [],
  };
}

const intervalText = (ends: readonly [number, number], isDifference: boolean): string =>
  ends.map(isDifference ? points : percent).join(' – ');

const VERDICT_TEXT: Record<AuditedVerdict['verdict'], string> = {
  right: 'right',
  wrong: 'wrong',
  unparsed: 'unparsed (wrong)',
  not_judged: 'not judged',
};

function verdictTable(id: string, audits: readonly NamedAudit[]): Table {
  const rows = audits.flatMap(({ key, name, audit }) =>
    audit.verdicts.map(({ set, view, side, verdict, judge, n, judged, right: agreed }): Row => {
      const called = judge ?? (verdict === 'not_judged' ? null : verdict === 'right');
      const contradicted = called === null ? null : called ? judged - agreed : agreed;
      const evaluation = audit.verdicts.some((one) => one.side === 1) ? 'AB'[side]! : name;
      return {
        ...(key !== undefined && { key }),
        origin: 'own',
        cells: [
          { text: evaluation },
          { text: set },
          { text: viewLabel(view) },
          {
            text: `${VERDICT_TEXT[verdict]}${judge === null ? '' : `; judge: ${judge ? 'right' : 'wrong'}`}`,
          },
          countCell(n),
          countCell(judged),
          countCell(agreed),
          countCell(judged - agreed),
          contradicted === null ? NONE : countCell(contradicted),
        ],
      };
    }),
  );
  return {
    id,
    caption: 'What rules and judge got wrong, answers',
    columns: [
      left('evaluation'),
      left('set'),
      left('view'),
      left('the rules say'),
      right('answers'),
      right('judged', undefined, 'By people, in turn; without those that cannot be told.'),
      right('people: right'),
      right('people: wrong'),
      right('contradicted', undefined, 'Where people say otherwise than rules or judge.'),
    ],
    rows,
    notes: [],
  };
}

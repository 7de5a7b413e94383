import type { Command } from 'commander';
import type { NumberFigure, NumberResult } from '../../core/insight/probe-number.ts';
import { layerText, NUMBER_TARGETS, placeText, TARGETS } from '../../core/insight/probe-row.ts';
import { balanceText, type ProbeFigure, type ProbeResult } from '../../core/insight/probe.ts';
import { fixed, percent, withInterval } from '../../core/labels.ts';
import { groupBy } from '../../core/metrics/scored-row.ts';
import { ORIGINAL, PAIR, type ViewId } from '../../core/views/list.ts';
import { probeSet } from '../../lab/insight/probe.ts';
import { JobError } from '../errors.ts';
import { VIEWS } from '../evaluation/target.ts';
import { openTarget, STEP, STRATEGY, withInsight, withTarget, type InsightFlags } from '../insight/target.ts';
import { oneOf, repeated } from '../input.ts';
import { formatTable, note, print, printJson } from '../print.ts';

const ALL_TARGETS = [...TARGETS, ...NUMBER_TARGETS];
type Target = (typeof ALL_TARGETS)[number];

interface Flags extends InsightFlags {
  views: ViewId[];
  target: Target[];
  arrays?: boolean;
}

/** `chirality probe`: what a model's hidden states know, whatever it answers. */
export function addProbeCommand(program: Command): void {
  withInsight(program.command('probe'))
    .option(...STEP, 'last')
    .option(...STRATEGY)
    .option(...VIEWS, [...PAIR])
    .description(
      'Read facts off a model’s hidden states, layer by layer, and list rows that it knows but does not say.',
    )
    .option(
      '--target <name>',
      `print only this fact: ${ALL_TARGETS.join(', ')}; repeatable`,
      repeated(oneOf(ALL_TARGETS)),
      [],
    )
    .option('--arrays', 'also write the hidden states as arrays: activations.safetensors')
    .addHelpText(
      'after',
      `
answer: which of the two commonest reference answers is right. side: whether the first object that the question names
stands left or right of the second. nearer: which of the two is nearer. own side: on which of its own sides the first
has the second. graph: whether the graph that the model wrote in an earlier stage leads to the right answer. Numbers:
column and row of the first named object, its depth, and the count that is asked for. Positions and depths come from the
rows' scene graphs.

Examples:
  chirality probe spatial --target side
  chirality probe spatial --target side --views original,mirror,polarity,rotate:180
  chirality probe spatial --json > probe.json

A probe is a logistic regression, for numbers a ridge regression, from the hidden state of one token after one layer
(numbered from 0), tested on pictures that it was not trained on. Beside it are chance, the same with shuffled labels,
and the same for the model without the picture.
After an interruption, the same command continues where it stopped (docs/insight.md).`,
    )
    .action(run);
}

async function run(model: string, flags: Flags): Promise<void> {
  const target = await openTarget('probe', model, flags, flags.views, { facts: ALL_TARGETS });
  const all = await withTarget(target, (onProgress) =>
    probeSet(target.open, target.rows, { ...target, arrays: flags.arrays ?? false }, onProgress, () =>
      note('fitting probes'),
    ),
  );
  const results = flags.target.length === 0 ? all : all.filter((one) => flags.target.includes(one.target));
  if (flags.json) printJson({ ...target.manifest, folder: target.dir, results });
  else print(results.map((one) => (one.labels ? describeProbe(one) : describeNumber(one))).join('\n\n\n'));
  const missing = flags.target.filter((name) => !all.some((one) => one.target === name));
  if (missing.length > 0 || all.length === 0)
    throw new JobError(
      `There are too few rows with different labels for ${missing.join(', ') || 'any target'}.`,
      {
        fix: 'A probe needs two different labels with a dozen rows each, or three dozen rows with a number. Name more rows with --set.',
      },
    );
}

function describeProbe(result: ProbeResult): string {
  const { target, labels, figures, said, best, knows, says } = result;
  const lines = groupBy(figures, ({ position, layer }) => JSON.stringify([position, layer]));
  const views = [...new Set(figures.map(({ test }) => test))];
  const transfers = transfersOf(figures);
  const table = formatTable(
    [
      'place',
      'after layer',
      ...views,
      ...transfers.map((test) => `on originals: ${test}`),
      'shuffled',
      'blind',
    ],
    [...lines.values()].flatMap((of) => {
      const { position, layer } = of[0]!;
      const line = (after: string, say: (figure: ProbeFigure) => string): string[] => {
        const cell = (test: string, train = 'all views', control: string | null = null): string =>
          of
            .filter((one) => one.test === test && one.train === train && one.control === control)
            .map(say)
            .join('');
        return [
          position,
          after,
          ...views.map((test) => cell(test)),
          ...transfers.map((test) => cell(test, 'originals')),
          cell('all views', 'all views', 'shuffled'),
          cell('all views', 'all views', 'blind'),
        ];
      };
      const chance = line('by chance', (one) => percent(one.chance));
      return [...(layer === 0 ? [chance] : []), line(layerText({ layer }), share)];
    }),
  );
  const found = figures.find(
    (one) =>
      one.position === best.position &&
      one.layer === best.layer &&
      one.train === 'all views' &&
      one.test === 'all views' &&
      one.control === null,
  );
  const answered = said.map((one) => `${one.view} ${share(one)} of ${one.n}`).join(', ');
  const list = (title: string, rows: typeof knows) =>
    [
      `${title}: ${rows.length}`,
      ...rows
        .slice(0, LISTED)
        .map(
          ({ id, view, answer, read, certainty }) =>
            `  ${id}, ${view}: read ${JSON.stringify(read)} (${certainty}), said ${JSON.stringify(answer)}`,
        ),
      ...(rows.length > LISTED ? ['  … all in results.json'] : []),
    ].join('\n');
  return [
    [
      `${target}: ${labels.join(' or ')}, ${figures[0]!.n} examples`,
      `Read best at: ${placeText(best)}, right in ${found ? share(found) : '–'} %, by chance ${percent(figures[0]!.chance)} %`,
      `The model's own answers, right in %: ${answered || 'none of them depends on it'}`,
      ...[balanceText(result)].filter(Boolean),
    ].join('\n'),
    table,
    list('Knows but does not say', knows),
    list('Says but is not read', says),
  ].join('\n\n');
}

function describeNumber({ target, figures, best }: NumberResult): string {
  const lines = groupBy(figures, ({ position, layer }) => JSON.stringify([position, layer]));
  const views = [...new Set(figures.map(({ test }) => test))];
  const controls = [...new Set(figures.flatMap(({ control }) => control ?? []))];
  const transfers = transfersOf(figures);
  const table = formatTable(
    ['place', 'after layer', ...views, ...transfers.map((test) => `on originals: ${test}`), ...controls],
    [...lines.values()].map((of) => {
      const cell = (one: Pick<NumberFigure, 'test' | 'train' | 'control'>): string =>
        of
          .filter(
            ({ test, train, control }) => test === one.test && train === one.train && control === one.control,
          )
          .map(explained)
          .join('');
      const all = { test: 'all views', train: 'all views', control: null } as const;
      return [
        of[0]!.position,
        layerText(of[0]!),
        ...views.map((test) => cell({ ...all, test })),
        ...transfers.map((test) => cell({ ...all, test, train: 'originals' })),
        ...controls.map((control) => cell({ ...all, control })),
      ];
    }),
  );
  return [
    [
      `${target}: R², ${figures[0]!.n} examples${target === 'count' ? '; then right when rounded, %' : ''}`,
      `Read best at: ${placeText(best)}`,
    ].join('\n'),
    table,
  ].join('\n\n');
}

/** The other views on which probes that were trained on originals are tested. */
const transfersOf = (figures: readonly Pick<NumberFigure, 'train' | 'test'>[]): ViewId[] => [
  ...new Set(
    figures.flatMap(({ train, test }) =>
      train === 'originals' && test !== 'all views' && test !== ORIGINAL ? [test] : [],
    ),
  ),
];

const explained = (figure: NumberFigure): string =>
  `${withInterval(figure, (value) => fixed(value, 2))}${figure.rounded === null ? '' : ` ${percent(figure.rounded)}`}`;

/** How many rows of a list to print. */
const LISTED = 8;

const share = (figure: { value: number | null; interval?: [number, number] }): string =>
  withInterval(figure, percent);

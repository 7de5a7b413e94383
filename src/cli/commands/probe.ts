import type { Command } from 'commander';
import { TARGETS, type ProbeResult, type Target } from '../../core/insight/probe.ts';
import { groupBy } from '../../core/metrics/scored-row.ts';
import { MIRROR, PAIR } from '../../core/spatial/views/list.ts';
import { probeSet } from '../../lab/insight/probe.ts';
import { JobError } from '../errors.ts';
import {
  oneOf,
  openTarget,
  STRATEGY,
  withInsight,
  withTarget,
  type InsightFlags,
} from '../insight/target.ts';
import { formatTable, note, print, printJson } from '../print.ts';

interface Flags extends InsightFlags {
  target: Target[];
}

/** `chirality probe`: what a model's hidden states know, whatever it answers. */
export function addProbeCommand(program: Command): void {
  withInsight(program.command('probe'))
    .option(...STRATEGY)
    .description(
      'Read facts off a model’s hidden states, layer by layer, and list rows that it knows but does not say.',
    )
    .option(
      '--target <name>',
      `print only this fact: ${TARGETS.join(', ')}; repeatable`,
      (value: string, all: Target[]) => [...all, oneOf(TARGETS, value)],
      [],
    )
    .addHelpText(
      'after',
      `
answer: which of the two commonest reference answers is right. side: whether the first object that the question names
stands left or right of the second. nearer: which of the two is nearer. Sides and depths come from the rows' scene graphs.

Examples:
  chirality probe spatial --data val/data.qa.jsonl --target side
  chirality probe spatial --data val/data.qa.jsonl --json > probe.json

A probe is a logistic regression from the hidden state of one token after one layer, tested on pictures that it was not
trained on. Beside it stand chance, the same with shuffled labels, and the same of the model without the picture.
After an interruption, the same command goes on where it stopped (docs/insight.md).`,
    )
    .action(run);
}

async function run(model: string, flags: Flags): Promise<void> {
  const target = await openTarget('probe', model, flags, PAIR, {});
  const all = await withTarget(target, (onProgress) =>
    probeSet(target.open, target.rows, target, onProgress, () => note('fitting probes')),
  );
  const results = flags.target.length === 0 ? all : all.filter((one) => flags.target.includes(one.target));
  if (flags.json) printJson({ ...target.manifest, folder: target.dir, results });
  else print(results.map(describeProbe).join('\n\n\n'));
  const missing = flags.target.filter((name) => !all.some((one) => one.target === name));
  if (missing.length > 0 || all.length === 0)
    throw new JobError(`There is nothing to tell apart for ${missing.join(', ') || 'any target'}.`, {
      fix: 'A probe needs rows with two different labels, a dozen of each.',
    });
}

function describeProbe({ target, labels, figures, said, best, knows, says }: ProbeResult): string {
  const lines = groupBy(figures, ({ position, layer }) => JSON.stringify([position, layer]));
  const views = [...new Set(figures.map(({ test }) => test))];
  const trained = figures.some(({ train }) => train === 'originals')
    ? [['on originals', MIRROR] as const]
    : [];
  const table = formatTable(
    [
      'place',
      'layers',
      ...views,
      ...trained.map(([name, test]) => `${name}: ${test}`),
      'chance',
      'shuffled',
      'blind',
    ],
    [...lines.values()].map((of) => {
      const cell = (test: string, train = 'all views', control: string | null = null): string =>
        of
          .filter((one) => one.test === test && one.train === train && one.control === control)
          .map(share)
          .join('');
      return [
        ...[of[0]!.position, `${of[0]!.layer}`, ...views.map((test) => cell(test))],
        ...trained.map(([, test]) => cell(test, 'originals')),
        ...[
          percent(of[0]!.chance),
          cell('all views', 'all views', 'shuffled'),
          cell('all views', 'all views', 'blind'),
        ],
      ];
    }),
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
    `${target}: ${labels.join(' or ')}, ${figures[0]!.n} examples\n${table}`,
    `The model's own answers, right: ${answered || 'none of them depends on it'}`,
    `Read best at: ${best.position}, after ${best.layer} layers`,
    list('Knows but does not say', knows),
    list('Says but is not read', says),
  ].join('\n\n');
}

/** How many rows of a list to print. */
const LISTED = 8;

const percent = (value: number): string => (100 * value).toFixed(1);

const share = ({ value, interval }: { value: number | null; interval?: [number, number] }): string =>
  value === null ? '–' : `${percent(value)}${interval ? ` [${interval.map(percent).join(', ')}]` : ''}`;

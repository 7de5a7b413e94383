import type { OptionsOf } from '../command-options.ts';
import type { asBenchmark } from './benchmark.command.ts';
import type { Target } from '../evaluation/target.ts';
import { UsageError } from '../errors.ts';
import { ORIGINAL, REVERSE, viewLabel, type ViewId } from '../../rows/view-list.ts';
import { several } from '../../base/format.ts';
import { controlLabel } from '../../base/labels.ts';
import { BENCHMARK_VIEWS, type Card } from '../../core/metrics/card.ts';
import { FRAME_CONTROLS, type FrameControl } from '../../core/prompts/frame-controls.ts';
import { withClips } from '../../core/prompts/strategy.ts';
import { namedTarget } from '../evaluation/open-evaluator.ts';
import { runTargetEvaluation, reportMissing, tellSkipped } from '../evaluation/run-evaluation.ts';
import { tell, printJson, print, pathHere, note } from '../print.ts';
import { cardOf, type SetCensus, censusOf } from '../../lab/evaluation/make-card.ts';
import { resolve, join } from 'node:path';
import { cardText } from '../../core/reports/figures-text.ts';
import { Progress } from '../progress.ts';
import { cardsDocument } from '../../core/reports/cards.ts';
import type { ReportDocument } from '../../core/reports/document.ts';
import { reportFile } from '../../core/reports/report-file.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';

type Flags = OptionsOf<typeof asBenchmark>;

interface Protocol {
  /** Title of the report, without the model's name. */
  title: string;
  views: readonly ViewId[];
  /** Frame controls, which repeat questions with fewer frames of a clip; undefined for benchmarks on images. */
  controls?: readonly FrameControl[];
}

export const measure = (model: string | undefined, flags: Flags): Promise<void> =>
  measureBy({ title: 'Consistency benchmark:', views: BENCHMARK_VIEWS.consistency }, model, flags);

export const measureMotion = (model: string | undefined, flags: Flags): Promise<void> =>
  measureBy(
    { title: 'Motion benchmark:', views: BENCHMARK_VIEWS.motion, controls: FRAME_CONTROLS },
    model,
    flags,
  );

async function measureBy(protocol: Protocol, model: string | undefined, given: Flags): Promise<void> {
  if (model !== undefined && given.model !== undefined)
    throw new UsageError(`The model is set twice. Remove ${model} or --model.`);
  const flags = { ...given, model: given.model ?? model };
  if (flags.model === undefined && flags.endpoint !== 'host')
    throw new UsageError('No model is set. Pass a model, or --endpoint with --model.');
  const needed = protocol.controls ? [ORIGINAL, REVERSE] : [ORIGINAL];
  const views = [...new Set([...needed, ...(flags.views ?? protocol.views)])];
  const { target, name, engine } = await namedTarget({
    ...flags,
    views,
    n: 1,
    temperature: 0,
    topP: 1,
    seed: 0,
  });
  const about = { name: flags.name ?? name, engine };
  const strategy = protocol.controls ? withClips(target.strategy, 'all') : target.strategy;
  try {
    const census = await count({ ...target, strategy });
    const shown = views.filter((view) =>
      census.some((set) => set.views.some((counted) => counted.view === view && counted.rows > 0)),
    );
    if (protocol.controls) requireReversed(census, target.sets);
    const plan = { ...target, strategy, views: shown, asTrained: false };
    const evaluation = await runTargetEvaluation(plan);
    const told = new Set(census.flatMap(({ unasked }) => Object.keys(unasked)));
    const skipped = Object.entries(evaluation.skipped).filter(
      ([reason]) => !reason.startsWith('no ') && !told.has(reason),
    );
    tellSkipped(Object.fromEntries(skipped));
    const controls = [];
    for (const control of protocol.controls ?? []) {
      note(`Running the control: ${controlLabel(control)}`);
      const again = await runTargetEvaluation({ ...plan, strategy: withClips(target.strategy, control) });
      controls.push({ control, ...again });
    }
    const used = target.used?.();
    if (used !== undefined) tell(used);
    for (const evaluated of [evaluation, ...controls]) reportMissing(evaluated);
    const card = await cardOf(evaluation, about, plan, census, new Date(), controls);
    const out = resolve(flags.output ?? evaluation.out);
    const document = cardsDocument([card], `${protocol.title} ${card.model.name}`);
    await writeCard(card, document, out);
    if (flags.json) printJson(card);
    else print(`${cardText(card, document)}\n\n${pathHere(join(out, 'card.html'))}`);
  } finally {
    await target.close();
  }
}

/** @throws UsageError if an evaluation set lacks rows with the reverse view, which motion metrics need */
function requireReversed(census: readonly SetCensus[], sets: Readonly<Record<string, string>>): void {
  for (const { name, views } of census)
    if (!views.some(({ view, rows }) => view === REVERSE && rows > 0))
      throw new UsageError(
        `${sets[name]!} has no rows with a known answer to the reversed clip, so motion cannot be measured.`,
      );
}

/** Counts the rows of every view, and prints the counts before asking any question. */
async function count(target: Target): Promise<SetCensus[]> {
  let progress: Progress | undefined;
  let label = '';
  const census = await censusOf(target, (set, done, total) => {
    if (label !== set) {
      progress?.end();
      progress = new Progress(`${(label = set)}: view`, total);
    }
    progress!.update(done);
  }).finally(() => progress?.end());
  for (const { name, rows, views, unasked } of census) {
    if (rows === 0)
      throw new UsageError(
        `${target.sets[name]!} has no ${target.strategy.frames ? 'clips of two frames or more. Create them from videos with `chirality convert`, or draw them with `chirality worlds --motion`' : 'usable rows'}.`,
      );
    const parts = views
      .filter(({ view }) => view !== ORIGINAL)
      .map((view) => `${view.rows} ${viewLabel(view.view)}`);
    note(`${name}: ${rows} rows; ${parts.join(', ')}.`);
    for (const [why, n] of Object.entries(unasked)) note(`Excluded ${several(n, 'row')}: ${why}.`);
    const absent = views.filter((view) => view.rows === 0);
    if (absent.length > 0) note(whyAbsent(absent, target.sets[name]!));
  }
  return census;
}

/** Returns a text on the views that no row has: the most frequent reason, and a command that lists all reasons. */
function whyAbsent(absent: SetCensus['views'], file: string): string {
  const mostFrequent = (lacking: Record<string, number>) =>
    Object.entries(lacking).reduce((most, lack) => (lack[1] > most[1] ? lack : most))[0];
  const listed = absent.map(({ view, lacking }) => `${view} (${mostFrequent(lacking)})`);
  return `The rows have no ${listed.join(', ')}. To list the reasons by row, run \`chirality view add ${file} --view ${absent[0]!.view} --explain > /dev/null\`.`;
}

async function writeCard(card: Card, document: ReportDocument, folder: string): Promise<void> {
  const files = {
    'card.json': `${JSON.stringify(card, null, 1)}\n`,
    'card.md': reportFile(document, 'markdown'),
    'card.html': reportFile(document, 'html'),
  };
  await makeFolder(folder);
  for (const [name, text] of Object.entries(files))
    await writeAtomically(join(folder, name), text, { follow: false });
}

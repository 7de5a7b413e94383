import type { EvalFlags, Target } from '../evaluation/target.ts';
import { UsageError } from '../errors.ts';
import { ORIGINAL, viewLabel } from '../../core/view-list.ts';
import { CONSISTENCY_VIEWS, type Card } from '../../core/metrics/card.ts';
import { namedTarget } from '../evaluation/open-evaluator.ts';
import { runTargetEvaluation, reportMissing, tellSkipped } from '../evaluation/run.ts';
import { tell, printJson, print, pathHere, note } from '../print.ts';
import { cardOf, type SetCensus, censusOf } from '../../lab/evaluation/card.ts';
import { resolve, join } from 'node:path';
import { formatMatrices } from '../evaluation/text.ts';
import { Progress } from '../progress.ts';
import { cardsDocument } from '../../core/reports/cards.ts';
import { reportMarkdown } from '../../core/reports/table-text.ts';
import { reportHtml } from '../../core/reports/html.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';

interface Flags extends EvalFlags {
  name?: string;
  output?: string;
}

export async function measure(model: string | undefined, given: Flags): Promise<void> {
  if (model !== undefined && given.model !== undefined)
    throw new UsageError(`Name the model once: ${model}, or --model.`);
  const flags = { ...given, model: given.model ?? model };
  if (flags.model === undefined && flags.endpoint !== 'host') throw new UsageError('Name a model.');
  const views = [...new Set([ORIGINAL, ...(flags.views ?? CONSISTENCY_VIEWS)])];
  const { target, name, engine } = await namedTarget({
    ...flags,
    views,
    n: 1,
    temperature: 0,
    topP: 1,
    seed: 0,
  });
  const about = { name: flags.name ?? name, engine };
  try {
    const census = await count(target);
    const shown = views.filter((view) =>
      census.some((set) => set.views.some((one) => one.view === view && one.rows > 0)),
    );
    const plan = { ...target, views: shown, asTrained: false };
    const evaluation = await runTargetEvaluation(plan);
    const skipped = Object.entries(evaluation.skipped).filter(([reason]) => !reason.startsWith('no '));
    tellSkipped(Object.fromEntries(skipped));
    const used = target.used?.();
    if (used !== undefined) tell(used);
    reportMissing(evaluation);
    const card = await cardOf(evaluation.out, about, plan, census, evaluation.results, new Date());
    const out = resolve(flags.output ?? evaluation.out);
    await writeCard(card, out);
    if (flags.json) printJson(card);
    else
      print(
        `${formatMatrices(card.sets.flatMap(({ figures }) => figures)).join('\n')}\n\n${pathHere(join(out, 'card.html'))}`,
      );
  } finally {
    await target.close();
  }
}

/** Counts the rows of every view, and says so before anything is asked. */
async function count(target: Target): Promise<SetCensus[]> {
  let progress: Progress | undefined;
  let label = '';
  const census = await censusOf(target, (set, done, total) => {
    if (label !== set) {
      progress?.end();
      progress = new Progress(`views of ${(label = set)}`, total);
    }
    progress!.update(done);
  }).finally(() => progress?.end());
  for (const { name, rows, views } of census) {
    if (rows === 0)
      throw new UsageError(`${target.sets[name]!}: None of the rows of this file can be asked.`);
    const parts = views
      .filter(({ view }) => view !== ORIGINAL)
      .map((view) => `${view.rows} ${viewLabel(view.view)}`);
    note(`${name}: ${rows} rows; ${parts.join(', ')}.`);
    const absent = views.filter((view) => view.rows === 0);
    if (absent.length > 0) note(whyAbsent(absent, target.sets[name]!));
  }
  return census;
}

/** Names the views that no row has, each with its most frequent reason, and the command that explains them. */
function whyAbsent(absent: SetCensus['views'], file: string): string {
  const mostFrequent = (lacking: Record<string, number>) =>
    Object.entries(lacking).reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  const listed = absent.map(({ view, lacking }) => `${view} (${mostFrequent(lacking)})`);
  return (
    `No row has ${listed.join(', ')}. ` +
    `\`chirality view add ${file} --view ${absent[0]!.view} --explain > /dev/null\` says why, row by row.`
  );
}

async function writeCard(card: Card, folder: string): Promise<void> {
  const document = cardsDocument([card], `Consistency of ${card.model.name}`);
  const files = {
    'card.json': `${JSON.stringify(card, null, 1)}\n`,
    'card.md': reportMarkdown(document),
    'card.html': reportHtml(document),
  };
  await makeFolder(folder);
  for (const [name, text] of Object.entries(files))
    await writeAtomically(join(folder, name), (file) => file.writeFile(text), { follow: false });
}

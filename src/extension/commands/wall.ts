import * as vscode from 'vscode';
import { thousands } from '../../base/format.ts';
import { runName } from '../../core/run-data/run-name.ts';
import type { EvaluationPlace } from '../../panels/trace/trace.contract.ts';
import { quoted } from '../../core/query/filter-tokens.ts';
import { DIFFERING } from '../../panels/trace/trace.host.ts';
import type { App } from '../app.ts';
import { chooseRun, frontRuns } from '../launch/choose-run.ts';
import { offer, reportErrors } from '../../panels/host/report-errors.host.ts';
import { isPanel, runFolders } from '../command-arguments.ts';

/** Maximum number of rows in a filter, so that people can still read the filter. */
const MOST_ROWS = 1000;

/**
 * Opens the difference grid of a run's newest evaluation, or else of its traces. The run is the argument, the run of
 * the panel in front, or picked by the user. For two runs, the grid shows the pairs whose evaluations differ.
 */
export const openWall = (app: App, ...args: unknown[]): Promise<void> =>
  reportErrors('Cannot show the grid', async () => {
    const given = isPanel(args[0]) ? [] : [...new Set(args.flatMap(runFolders))];
    const [first, second] = given.length > 0 ? given : frontRuns(app);
    const run = first ?? (await chooseRun(app, [], { title: 'Open Difference Grid' }));
    if (run === undefined) return;
    const source = await newestEvaluation(app, run);
    if (second === undefined)
      return void (await app.panels.traces.open({ run, source, id: null, wall: true }));
    const other = await newestEvaluation(app, second);
    if (source === undefined || other === undefined)
      throw new Error(
        `${runName(source === undefined ? run : second)} has no evaluation. Evaluate a checkpoint first.`,
      );
    await show(app, { run, source }, { run: second, source: other });
  });

/**
 * Compares two evaluations pair by pair, in the difference grid. Each evaluation is an argument (`{run, evaluation}`),
 * or the user picks it.
 */
export const compareEvaluations = (app: App, ...args: unknown[]): Promise<void> =>
  reportErrors('Cannot compare the evaluations', async () => {
    const first = placeOf(args[0]) ?? (await pickEvaluation(app, 'Compare Evaluations: A', null));
    const second =
      first && (placeOf(args[1]) ?? (await pickEvaluation(app, 'Compare Evaluations: B', first)));
    if (second) await show(app, first, second);
  });

const show = ({ panels }: App, { run, source }: EvaluationPlace, against: EvaluationPlace) =>
  panels.traces.open({ run, source, against, id: null, wall: true, filter: DIFFERING });

/** Opens the selected rows of a data file in the annotation editor. @param args `{path, ids}` or `{path, filter}` */
export const annotateRows = ({ annotation }: App, ...args: unknown[]): Promise<void> =>
  reportErrors('Cannot annotate the rows', async () => {
    const { path, ids, filter: given } = (args[0] ?? {}) as Record<'path' | 'ids' | 'filter', unknown>;
    if (typeof path !== 'string') return;
    if (typeof given === 'string') return annotation.open(vscode.Uri.file(path), given);
    if (!Array.isArray(ids)) return;
    if (ids.length > MOST_ROWS)
      throw new Error(`Select at most ${thousands(MOST_ROWS)} rows, or save the rows as a dataset.`);
    const filter = `id in (${ids.map((id) => quoted(String(id))).join(', ')})`;
    await annotation.open(vscode.Uri.file(path), filter);
  });

function placeOf(argument: unknown): EvaluationPlace | undefined {
  const { run, evaluation } = (argument ?? {}) as { run?: unknown; evaluation?: unknown };
  return typeof run === 'string' && typeof evaluation === 'string' ? { run, source: evaluation } : undefined;
}

/** Returns the evaluation behind the run's pair metrics, or the newest evaluation of the run. */
async function newestEvaluation({ runs, service }: App, run: string): Promise<string | undefined> {
  const evaluation = runs.runs().find(({ dir }) => dir === run)?.meter?.evaluation;
  if (evaluation) return evaluation;
  return (await service.call('traceSources', { run })).at(-1)?.source;
}

async function pickEvaluation(
  { runs, service }: App,
  title: string,
  but: EvaluationPlace | null,
): Promise<EvaluationPlace | undefined> {
  const listed = runs.isRead ? runs.runs() : await runs.refresh();
  const items = await Promise.all(
    listed.map(async ({ dir, name }) =>
      (await service.call('traceSources', { run: dir })).flatMap(({ source }) =>
        source === undefined || (dir === but?.run && source === but.source)
          ? []
          : { label: name, description: source, place: { run: dir, source } },
      ),
    ),
  );
  const all = items.flat();
  if (all.length === 0) {
    void offer(
      vscode.window.showInformationMessage,
      `No ${but ? 'second ' : ''}evaluation in this workspace. Evaluate a checkpoint first.`,
      { 'Evaluate Checkpoint': () => vscode.commands.executeCommand('chirality.evaluateRun') },
    );
    return undefined;
  }
  const placeHolder = but
    ? `Select an evaluation to compare with ${runName(but.run)}`
    : 'Select an evaluation';
  const options = { title, placeHolder, matchOnDescription: true };
  return (await vscode.window.showQuickPick(all, options))?.place;
}

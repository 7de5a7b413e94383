import { join } from 'node:path';
import { duration } from '../../base/format.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { workFolder } from '../launch/new-data-set.ts';
import type { App } from '../app.ts';
import { offer, reportErrors } from '../../panels/host/report-errors.host.ts';
import { followRuns } from './follow-runs.ts';
import { programTask } from '../launch/tasks.ts';
import { DEMO_ARMS } from '../../panels/playground/choose-model.host.ts';
import { isActiveRun } from '../../panels/host/run-list.host.ts';
import * as vscode from 'vscode';

/** Name of the task, which is also the end of its terminal's name. */
const TASK = 'Demo';
const DURATION = 'one to three minutes on two cores';

/** Variant of the demo: images and mirrors (full or shortened), or clips and reversed clips. */
type Size = 'full' | 'motion' | 'fast';

const OPTIONS: Record<Size, string[]> = { full: [], motion: ['--motion'], fast: ['--fast'] };

const SIZES: (vscode.QuickPickItem & { size: Size })[] = [
  {
    label: 'Images and their mirrors',
    description: DURATION,
    detail: 'A tiny model trains with SFT, then with GRPO, with and without mirrored views.',
    size: 'full',
  },
  {
    label: 'Clips and their reverses',
    description: DURATION,
    detail: 'A tiny model trains on motion questions, with and without reversed clips.',
    size: 'motion',
  },
  {
    label: 'Quick check',
    detail: 'A few steps of each phase check the installation. The model learns little.',
    size: 'fast',
  },
];

/**
 * Runs the demo in a terminal, in a workspace folder. One panel shows the demo's runs, and finally the two runs that
 * the demo compares. Other panels open only from a message, so that they do not interrupt the user.
 * @param args variant ('full', 'motion' or 'fast'), if the caller already chose it
 */
export async function runDemo(app: App, ...args: unknown[]): Promise<void> {
  const { runs, panels, program, starts } = app;
  await reportErrors('Cannot start the demo', async () => {
    const folder = await chooseFolder();
    if (!folder) return;
    const [given] = args;
    const size =
      SIZES.find(({ size }) => size === given)?.size ??
      (await vscode.window.showQuickPick(SIZES, { title: 'Run Demo', placeHolder: 'Select training data' }))
        ?.size;
    if (size === undefined) return;
    const task = await programTask(program, ['demo', ...OPTIONS[size]], TASK, folder);
    const before = new Set((await runs.refresh()).map(({ dir }) => dir));
    const madeRuns = () =>
      runs
        .runs()
        .filter(({ dir }) => dir.startsWith(join(folder.uri.fsPath, 'chirality-demo')) && !before.has(dir));
    const made = () => madeRuns().map(({ dir }) => dir);
    const wanted = () => {
      const dirs = madeRuns()
        .filter((run) => run.state && (run.state.step > 0 || !isActiveRun(run)))
        .map(({ dir }) => dir);
      const arms = armsOf(dirs);
      return arms.length > 0 ? arms : dirs.slice(0, 1);
    };
    const started = Date.now();
    const execution = await vscode.tasks.executeTask(task);
    const about = size === 'fast' ? 'The demo starts.' : `The demo trains six models in ${DURATION}.`;
    const following = followRuns(runs, panels.runs, wanted, `${about} The Run panel shows its progress.`);
    sayThatItRuns(true);
    const remove = starts.add({
      name: TASK,
      phase: 'generating data and training models',
      stop: async () => {
        execution.terminate();
        const active = (await runs.refresh()).filter(isActiveRun).map(({ dir }) => dir);
        return made().filter((dir) => active.includes(dir));
      },
    });
    let exitCode: number | undefined;
    const listening = vscode.Disposable.from(
      vscode.tasks.onDidEndTaskProcess((process) => {
        if (process.execution === execution) exitCode = process.exitCode;
      }),
      vscode.tasks.onDidEndTask(async (task) => {
        if (task.execution !== execution) return;
        listening.dispose();
        remove();
        sayThatItRuns(false);
        await runs.refresh();
        following.dispose();
        await tellEnd(app, made(), { size, exitCode, seconds: (Date.now() - started) / 1000 });
      }),
    );
  });
}

/** Sets a context key while the demo renders scenes and has no runs. The key hides the demo offer in the Runs view. */
function sayThatItRuns(value: boolean): void {
  void vscode.commands.executeCommand('setContext', 'chirality.demoIsRunning', value);
}

const armsOf = (dirs: readonly string[]): string[] =>
  DEMO_ARMS.flatMap((arm) => dirs.filter((dir) => runName(dir) === arm));

interface End {
  size: Size;
  exitCode: number | undefined;
  seconds: number;
}

async function tellEnd(app: App, made: readonly string[], { size, exitCode, seconds }: End): Promise<void> {
  const [given, spatial] = armsOf(made);
  if (exitCode === 0 && given !== undefined && spatial !== undefined) {
    // Complete the walkthrough's step at this point, not when the user opens the choices.
    void vscode.commands.executeCommand('setContext', 'chirality.demoHasRun', true);
    const took = duration(Math.round(seconds));
    const openReport = () => vscode.commands.executeCommand('chirality.openReport', made);
    if (size === 'fast')
      return offer(
        vscode.window.showInformationMessage,
        `The quick check passed in ${took}. With so few steps, the model learns almost nothing. Run the full demo to see the effect of mirrors.`,
        {
          'Run Full Demo': () => vscode.commands.executeCommand('chirality.runDemo', 'full'),
          'Open Report': openReport,
        },
      );
    const { finding, ask } = await pairOf(app, [given, spatial]);
    const openTraces = () => vscode.commands.executeCommand('chirality.openTraces', { dir: spatial });
    if (size === 'motion') {
      // Offer the pairs instead of the Playground, because the Playground evaluates mirrors but no reversed clips.
      const openPairs = () => vscode.commands.executeCommand('chirality.openDivergingPairs', { dir: given });
      return offer(
        vscode.window.showInformationMessage,
        `The demo finished in ${took}. ${finding ?? 'The run "given" was trained on original clips, "spatial" also on their reverses.'}`,
        { 'Open Pairs': openPairs, 'Open Report': openReport, 'Open Traces': openTraces },
      );
    }
    await offer(
      vscode.window.showInformationMessage,
      `The demo finished in ${took}. ${finding ?? 'The run "given" was trained on originals only, "spatial" on both views.'}`,
      { 'Open Playground': ask, 'Open Report': openReport, 'Open Traces': openTraces },
    );
  } else if (exitCode === 1 || exitCode === 2)
    // A failed run has already reported the reason.
    void vscode.window.showErrorMessage('The demo failed. See the terminal of the demo for the reason.');
}

/** Returns a sentence about the difference between two runs, and a function that opens a pair as an example. */
async function pairOf(
  { runs, playground, service }: App,
  dirs: [string, string],
): Promise<{ finding: string | null; ask: () => Promise<void> }> {
  const arms = dirs.flatMap((dir) => runs.runs().filter((run) => run.dir === dir));
  const [, path] = arms[0]?.data ?? [];
  if (path === undefined) return { finding: null, ask: () => playground.open() };
  const apart = service.call('apart', { dirs, path });
  // After an error, use no difference and the first row.
  const { finding, line } = await apart.catch(() => ({ finding: null, line: null }));
  const ask = () =>
    reportErrors('Cannot show the pair', () =>
      playground.openWith(arms, vscode.Uri.file(path), line ?? 1, finding),
    );
  return { finding, ask };
}

async function chooseFolder(): Promise<vscode.WorkspaceFolder | undefined> {
  const placeHolder = 'Select a folder for the data and runs of the demo';
  return (vscode.workspace.workspaceFolders ?? []).length > 1
    ? vscode.window.showWorkspaceFolderPick({ placeHolder })
    : workFolder('The demo stores its data and runs in the open folder.');
}

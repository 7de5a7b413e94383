import * as vscode from 'vscode';
import type { RunSummary } from '../panels/runs/runs.contract.ts';
import { withDistinctNames } from '../core/run-data/run-name.ts';
import type { App } from './app.ts';
import { chooseRun, openRun } from './launch/choose-run.ts';
import { meterText, outcome, progressText } from './run-text.ts';
import { type RunList, isActiveRun, relativePath } from '../panels/host/run-list.host.ts';
import type { Service } from '../panels/service.host.ts';

/** Maximum length of a run's text, in characters. VS Code cuts longer texts in a window of 700 px. */
const MOST = 42;

/** Status bar item for active runs: the progress of a single run, or the number of runs. */
export class RunStatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem(
    'chirality.activeRuns',
    vscode.StatusBarAlignment.Left,
    10,
  );
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly list: RunList,
    private readonly service: Service,
  ) {
    this.item.name = 'Chirality Runs';
    this.item.command = 'chirality.showActiveRuns';
    this.subscription = list.onDidChange(() => void this.show());
  }

  dispose(): void {
    this.subscription.dispose();
    this.item.dispose();
  }

  private async show(): Promise<void> {
    const active = this.list.runs().filter(isActiveRun);
    const [run] = active;
    void vscode.commands.executeCommand('setContext', 'chirality.hasActiveRuns', run !== undefined);
    if (!run) {
      this.item.hide();
      return;
    }
    if (active.length > 1) {
      const names = new vscode.MarkdownString().appendText(
        withDistinctNames(active, relativePath)
          .map(({ name }) => name)
          .join(', '),
      );
      this.tell(`${active.length} runs`, names, active.some(hasDiverging));
      return;
    }
    const pace = await this.service.call('runPace', { dir: run.dir }).catch(() => null);
    // A run might have ended while its files were read.
    const now = this.list.runs().filter(isActiveRun);
    if (now.length === 1 && now[0]!.dir === run.dir)
      this.tell(progressText(run, pace, MOST), aboutRun(run), false);
  }

  /** @param diverging whether to append a note on a view gap. The text of a single run already contains this note. */
  private tell(text: string, about: vscode.MarkdownString, diverging: boolean): void {
    this.item.text = `$(sync~spin) ${text}${diverging ? ' · view gap' : ''}`;
    this.item.tooltip = about;
    this.item.accessibilityInformation = { label: `Active runs: ${text}`, role: 'button' };
    this.item.show();
  }
}

const hasDiverging = ({ meter }: RunSummary): boolean => meter?.diverges === true;

/**
 * Returns the run's pair metrics and folder, with a link to the pairs with only one correct view, if the run has any.
 * Never treats a run's text as Markdown.
 */
function aboutRun(run: RunSummary): vscode.MarkdownString {
  const { dir, meter } = run;
  const about = new vscode.MarkdownString();
  if (outcome(run)) about.appendText(outcome(run)).appendMarkdown('  \n');
  if (meter) about.appendText(meterText(meter)).appendMarkdown('  \n');
  about.appendText(dir);
  if (meter?.diverges) {
    about.isTrusted = { enabledCommands: ['chirality.openDivergingPairs'] };
    const argument = encodeURIComponent(JSON.stringify([{ dir }]));
    about.appendMarkdown(
      `\n\n[Show pairs with one correct view](command:chirality.openDivergingPairs?${argument})`,
    );
  }
  return about;
}

/** Opens the active run. Lets the user choose between several active runs. Without an active run, shows all runs. */
export async function showActiveRuns(app: App): Promise<void> {
  const active = app.runs.runs().filter(isActiveRun);
  if (active.length === 0) await vscode.commands.executeCommand('chirality.runs.focus');
  const choice = { title: 'Active Runs', fits: isActiveRun, none: 'No active runs.', asks: true };
  const dir = active.length < 2 ? active[0]?.dir : await chooseRun(app, [], choice);
  if (dir !== undefined) await openRun(dir);
}

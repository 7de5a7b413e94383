import { join, resolve } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { ACUITY_AXES, AXIS_WORDS, type AcuityAxis } from '../../core/worlds/acuity/words.ts';
import type { App } from '../app.ts';
import { pickRuns } from './choose-run.ts';
import type { Program } from './program.ts';
import { reportErrors, withProgress } from './report.ts';

/** The folder for measurements, in the first folder of the workspace. @throws Error if no folder is open */
function outputFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error('Open a folder first: measurements are kept in its folder acuity.');
  return join(folder.uri.fsPath, 'acuity');
}

/** Lets the user choose runs and axes, measures their last checkpoints, and shows the panel meanwhile. */
export async function measureAcuity({ runs, program, panels }: App): Promise<void> {
  await reportErrors('The measurement failed', async () => {
    const output = outputFolder();
    const chosen = await pickRuns(runs, 'Measure Acuity (1 of 2)');
    if (chosen.length === 0) return;
    const items = ACUITY_AXES.map((axis) => ({
      label: axis,
      description: `${AXIS_WORDS[axis].positive} or ${AXIS_WORDS[axis].negative}`,
      picked: axis === 'side',
    }));
    const axes = await vscode.window.showQuickPick(items, {
      title: 'Measure Acuity (2 of 2)',
      placeHolder: 'What differs? Models of the embedded engine know side and nearer.',
      canPickMany: true,
    });
    if (!axes || axes.length === 0) return;
    await panels.acuity.open({});
    const args = [
      'acuity',
      ...chosen,
      '--axis',
      axes.map(({ label }) => label).join(','),
      '-o',
      output,
      '--json',
    ];
    await withProgress('Measuring acuity', (signal, progress) =>
      program.run(args, {
        cwd: resolve(output, '..'),
        signal,
        onLine: (message) => progress.report({ message }),
      }),
    );
  });
}

const drawn = z.array(z.object({ rows: z.string() }));

/** Draws the stimuli of an axis for a person: one scene a level, in English. @returns the file of rows */
export async function drawStimuli(program: Program, axis: AcuityAxis): Promise<string> {
  const output = outputFolder();
  const args = ['acuity', '--axis', axis, '--rows-only', '--blocks', '1', '-o', output, '--json'];
  const [one] = await program.answer(drawn, args, { cwd: resolve(output, '..') });
  return one!.rows;
}

import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { basename } from 'node:path';
import { lackText, ofRows, percentsText, percentText } from '../../base/format.ts';
import { endsOf } from '../../core/metrics/metric.ts';
import type { App } from '../app.ts';
import { allowedRoot, chooseCheckpoints, setItems, chooseStrategies } from '../launch/choose-asking.ts';
import { evaluationItems, unknownText } from '../launch/choose-sets.ts';
import { inTurn, pickItems, type Asking } from '../launch/wizard-steps.ts';
import { runFolders } from '../command-arguments.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { chooseRun, runInFront } from '../launch/choose-run.ts';
import { offer, reportErrors, withProgress } from '../../panels/host/report-errors.host.ts';
import { usableFiles } from '../../panels/host/usable-files.host.ts';
import type { Checkpoints } from '../../panels/runs/runs.reads.ts';
import { tinkerKey } from '../../panels/host/endpoint-keys.host.ts';

/** Metrics in the output of `chirality eval --json` that the message displays. */
const resultsSchema = z.array(
  z.object({
    set: z.string(),
    view: z.nullable(z.string()),
    task: z.string(),
    metric: z.string(),
    slice: z.optional(z.unknown()),
    value: z.nullable(z.number()),
    bounds: z.optional(z.tuple([z.number(), z.number()])),
    n: z.number(),
    not_judged: z.optional(z.number()),
    unparsed: z.optional(z.number()),
    chance: z.optional(z.number()),
    chance_n: z.optional(z.number()),
  }),
);

const TITLE = 'Evaluate Checkpoint';
const titleOf = (dir: string) => `${TITLE}: ${runName(dir)}`;

interface Answers {
  dir: string;
  checkpoint: { saved: Checkpoints; step: number; title: string };
  /** Files by name; empty for exactly the config's own sets. */
  sets: Record<string, string>;
  strategy: { strategy: string | null };
}

/** Matches the program's output line that contains the folder of the answers, in the run's `eval/`. */
const FOLDER = /^Rows and results: .*[/\\]([^/\\]+)$/;

/** Evaluates a run's checkpoint. After a cancelled evaluation, the next call continues it. */
export async function evaluateRun(app: App, ...args: unknown[]): Promise<void> {
  const { program, service, roots, secrets } = app;
  await reportErrors('Cannot evaluate the checkpoint', async () => {
    const given = runFolders(args)[0] ?? (await runInFront(app, { title: TITLE, saved: service }));
    const answers = await inTurn<Answers>(
      {
        dir: (_, place) => chooseRun(app, [], { title: TITLE, saved: service, step: place }),
        checkpoint: async ({ dir }, place) => {
          const saved = await service.call('checkpoints', { dir });
          const [step] = (await chooseCheckpoints(saved, { title: titleOf(dir), step: place })) ?? [];
          return step === undefined ? undefined : { saved, title: `${titleOf(dir)}, step ${step}`, step };
        },
        sets: ({ checkpoint: { saved, step, title } }, place) =>
          chooseSets(service, saved, step, { title, step: place }),
        strategy: async ({ dir, checkpoint: { title } }, place) => {
          const asking = { title, step: place };
          return (await chooseStrategies(program, dir, asking))?.[0];
        },
      },
      { given: given === undefined ? {} : { dir: given } },
    );
    if (!answers) return;
    const { dir, sets, strategy } = answers;
    const { saved, step } = answers.checkpoint;
    const named = Object.entries(Object.keys(sets).length > 0 ? sets : saved.sets);
    const paths = named.map(([, path]) => vscode.Uri.file(path));
    const usable = await usableFiles({ service }, paths, { root: saved.root });
    if (!usable) return;
    const chosen = usable.map(({ fsPath }, i) => [named[i]![0], fsPath] as const);
    const asChosen = chosen.every(([, path], i) => path === named[i]![1]) ? sets : Object.fromEntries(chosen);
    const options = Object.entries(asChosen).flatMap(([name, path]) => ['--set', `${name}=${path}`]);
    const root = await allowedRoot(roots, dir, saved);
    if (root === undefined) return;
    options.push('--data-root', root);
    if (strategy.strategy !== null) options.push('--strategy', strategy.strategy);
    let evaluation: string | undefined;
    const env = await tinkerKey(secrets);
    const results = await withProgress(`Evaluating ${runName(dir)}, step ${step}`, ({ signal, onLine }) =>
      program.answer(resultsSchema, ['eval', dir, '--step', `${step}`, '--json', ...options], {
        cwd: dir,
        env,
        signal,
        onLine: (message) => {
          evaluation = FOLDER.exec(message)?.[1] ?? evaluation;
          onLine(message);
        },
      }),
    );
    const outcome = `${runName(dir)}, step ${step}: ${summary(results)}.`;
    await offer(vscode.window.showInformationMessage, outcome, {
      'Open Report': () => vscode.commands.executeCommand('chirality.openReport', { dir }),
      'Show Answers': () => vscode.commands.executeCommand('chirality.openTraces', { run: dir, evaluation }),
    });
  });
}

/**
 * Lets the user choose evaluation sets by name. An empty result selects exactly the config's own sets, whose results
 * then appear next to the results from training.
 */
async function chooseSets(
  service: App['service'],
  saved: Checkpoints,
  checkpoint: number,
  asking: Asking,
): Promise<Record<string, string> | undefined> {
  const sets = await setItems(saved);
  const files = sets.map(({ path }) => vscode.Uri.file(path));
  const train = existsSync(saved.train) ? vscode.Uri.file(saved.train) : null;
  const model = saved.folders[saved.steps.indexOf(checkpoint)]!;
  const listed = evaluationItems({ service }, train, files).then((items) =>
    Promise.all(
      items.map(async (item) => {
        const { label: name, path, isOwn } = sets[files.indexOf(item.uri)]!;
        const unknown = await unknownText({ service }, { model, path });
        const remarks = [unknown, isOwn && `evaluation set ${name}`, item.description];
        const description = remarks.filter(Boolean).join(' · ');
        return { ...item, description, name, path, isOwn, unknown, picked: isOwn && !unknown };
      }),
    ),
  );
  const picked = await pickItems(listed, {
    ...asking,
    placeHolder: 'Select evaluation sets',
    many: true,
    refuse: (items) => {
      if (items.length === 0) return 'No set is selected. Select at least one evaluation set';
      const refused = items.find(({ unknown }) => unknown);
      return refused && `Clear ${basename(refused.path)}: the model does not know all of its words`;
    },
  });
  if (!picked) return undefined;
  const asConfigured = (await listed).every((item) => item.isOwn === picked.includes(item));
  return asConfigured ? {} : Object.fromEntries(picked.map(({ name, path }) => [name, path]));
}

/** Returns pair accuracies, then accuracies, with context: "val original 92.2% (chance 50%, 3 of 48 unparsed)". */
function summary(results: z.infer<typeof resultsSchema>): string {
  const shown = ['consistent', 'accuracy'].flatMap((name) =>
    results.filter(({ slice, task, metric }) => !slice && task === 'all' && metric === name),
  );
  const figures = shown.map(({ set, view, n, unparsed, not_judged: lacks, chance, chance_n, ...told }) => {
    const notes = [
      ...(chance === undefined ? [] : [`chance ${ofRows(percentText(chance), chance_n)}`]),
      ...(unparsed ? [`${unparsed} of ${n} unparsed`] : []),
      ...(lacks ? [lackText(lacks, n)] : []),
    ];
    const figure = `${set} ${view ?? 'pair accuracy'} ${percentsText(endsOf(told))}`;
    return notes.length > 0 ? `${figure} (${notes.join(', ')})` : figure;
  });
  return figures.length > 0 ? figures.join('; ') : 'done';
}

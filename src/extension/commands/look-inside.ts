import type { Insight } from '../../panels/inside/inside.contract.ts';
import type { Checkpoints } from '../../panels/runs/runs.reads.ts';
import type { App } from '../app.ts';
import { askForGpu } from '../../panels/host/quick-picks.host.ts';
import { type Asking, inTurn, pickItem } from '../launch/wizard-steps.ts';
import { allowedRoot, chooseCheckpoints, setItems, chooseStrategies } from '../launch/choose-asking.ts';
import { runName } from '../../core/run-data/run-name.ts';
import { chooseRun } from '../launch/choose-run.ts';
import { reportErrors, withProgress } from '../../panels/host/report-errors.host.ts';

/** Analyses of a model, each with its command of `chirality inspect` and the command's options. */
const QUESTIONS: Record<
  Insight['kind'],
  { label: string; detail: string; command: string; options: string[] }
> = {
  set: {
    label: 'Attention analysis',
    detail: 'Attention by layer, and changes of answers without the image or scene graph',
    command: 'attention',
    options: ['--hide', 'picture', '--hide', 'graph'],
  },
  probe: {
    label: 'Probes',
    detail: 'Facts that probes decode, and rows where probe and answer differ',
    command: 'probe',
    options: [],
  },
  patch: {
    label: 'Activation patching',
    detail: 'Answers with hidden states of the mirrored image, layer by layer',
    command: 'patch',
    options: [],
  },
};

const TITLE = 'Analyse Model';
/** Folders of runs whose models are being analysed. */
const analysed = new Set<string>();

interface Choice {
  question: (typeof QUESTIONS)[Insight['kind']];
  steps: number[];
  /** Name of a set of the run, or a file. */
  set: string;
  /** Prompting strategies; null stands for the strategy of the training. */
  ways: (string | null)[];
}

/**
 * Analyses a run's model. By default, records the attention of its last checkpoint on the first evaluation set, with
 * the training's strategy. If `asks` is true, the user chooses all three. The next call continues a cancelled analysis.
 */
export async function lookInside(app: App, ...args: unknown[]): Promise<void> {
  const { program, service, roots, panels } = app;
  await reportErrors('Cannot analyse the model', async () => {
    const dir = await chooseRun(app, args, { title: TITLE, saved: service });
    if (dir === undefined) return;
    const saved = await service.call('checkpoints', { dir });
    const { asks } = (args[0] ?? {}) as { asks?: unknown };
    const choice = (asks === true ? null : usual(saved)) ?? (await chosen(program, dir, saved));
    if (!choice) return;
    const { question, steps, set, ways } = choice;
    const root = await allowedRoot(roots, dir, saved);
    const label = `${steps.length === 1 ? 'step' : 'steps'} ${steps.join(', ')}`;
    if (root === undefined || !(await askForGpu(app, dir, `${label} of ${runName(dir)}`))) return;
    const line = [
      'inspect',
      question.command,
      dir,
      '--set',
      set,
      '--data-root',
      root,
      '--json',
      ...question.options,
      ...steps.flatMap((step) => ['--step', `${step}`]),
      ...ways.flatMap((strategy) => ['--strategy', strategy ?? 'trained']),
    ];
    // A double press starts one analysis.
    if (analysed.has(dir)) return;
    analysed.add(dir);
    try {
      await withProgress(`${question.label} ${runName(dir)}, ${label}`, (shown) =>
        program.run(line, { cwd: dir, ...shown }),
      );
    } finally {
      analysed.delete(dir);
    }
    const shown = panels.inside.all.filter(({ dirs }) => dirs.includes(dir));
    if (shown.length === 0) await panels.inside.open({ dirs: [dir] });
    for (const panel of shown) {
      panel.panel.reveal();
      panel.tell();
    }
    for (const panel of panels.runs.all) if (panel.dirs.includes(dir)) panel.tell();
  });
}

/** Returns the default choice; null if the run lacks a checkpoint or an evaluation set. */
function usual({ steps, sets }: Checkpoints): Choice | null {
  const [step, set] = [steps.at(-1), Object.keys(sets)[0]];
  return step === undefined || set === undefined
    ? null
    : { question: QUESTIONS.set, steps: [step], set, ways: [null] };
}

/** Asks for all choices of an analysis. Returns undefined if cancelled. @throws AbortError on Escape */
const chosen = (program: App['program'], dir: string, saved: Checkpoints): Promise<Choice | undefined> => {
  const title = TITLE;
  const isMany = ({ command }: Choice['question']) => command === 'attention';
  return inTurn<Choice>({
    question: (_, step) =>
      pickItem(Object.values(QUESTIONS), { title, placeHolder: 'Select an analysis', step }),
    steps: ({ question }, step) => chooseCheckpoints(saved, { title, step }, isMany(question)),
    set: (_, step) => chooseSet(saved, { title, step }),
    ways: async ({ question }, step) =>
      (await chooseStrategies(program, dir, { title, step }, isMany(question)))?.map(
        ({ strategy }) => strategy,
      ),
  });
};

/** Asks for one of the run's evaluation sets by name, or for another file of the workspace. */
async function chooseSet(saved: Checkpoints, asking: Asking): Promise<string | undefined> {
  const items = await setItems(saved);
  if (items.length === 0)
    throw new Error(
      'The run has no evaluation set, and the workspace has no *.qa.jsonl file. Add a dataset to the workspace.',
    );
  const picked = await pickItem(items, { ...asking, placeHolder: 'Select rows' });
  return picked?.isOwn ? picked.label : picked?.path;
}

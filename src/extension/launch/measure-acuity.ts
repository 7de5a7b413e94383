import { resolve, sep } from 'node:path';
import { thousands } from '../../base/format.ts';
import type { ModelSource } from '../../panels/playground/playground.contract.ts';
import { refusedQuestions } from '../../core/psychophysics/many-questions.ts';
import { aboutAxis, MAP_AXES, SCENE_AXES, type SceneAxis } from '../../core/worlds/acuity/acuity-axes.ts';
import type { App } from '../app.ts';
import { endpointCommand } from '../../panels/host/endpoint-keys.host.ts';
import { listedEndpoints } from '../../panels/host/listed-endpoints.host.ts';
import { chooseModels } from '../../panels/playground/choose-model.host.ts';
import { askForGpu } from '../../panels/host/quick-picks.host.ts';
import { pickItems } from './wizard-steps.ts';
import { outputFolder } from './measurements.ts';
import { ProgramError } from '../../panels/host/cli-program.host.ts';
import { confirm, reportErrors } from '../../panels/host/report-errors.host.ts';

/** Axes with questions in the compact style of the embedded engine. */
const EMBEDDED: readonly SceneAxis[] = ['side', 'nearer', 'motion', 'speed', 'order', 'metres'];

/** Axes and maps that the user can measure, with their program options. */
const SUBJECTS = [
  ...SCENE_AXES.map((axis) => ({
    label: axis,
    description: `${aboutAxis(axis)}${EMBEDDED.includes(axis) ? '' : ' (not with the embedded engine)'}`,
    args: ['--axis', axis],
  })),
  ...MAP_AXES.map((axis) => ({
    label: `map of ${axis}`,
    description: 'accuracy by position in the image',
    args: ['--map', axis],
  })),
];

/** Lets the user choose models and axes, and measures each model in turn. The panel shows the progress. */
export async function measureAcuity(app: App): Promise<void> {
  await reportErrors('Cannot measure acuity', async () => {
    const output = outputFolder();
    const models = await chooseModels(app, [], 'Measure Model Acuity');
    if (!models || models.length === 0) return;
    const items = SUBJECTS.map((subject) => ({ ...subject, picked: subject.label === 'side' }));
    const subjects = await pickItems(items, {
      title: 'Measure Model Acuity',
      placeHolder: 'Select stimuli',
      many: true,
      refuse: (picked) => picked.length === 0 && 'Select at least one stimulus',
    });
    if (!subjects) return;
    await app.panels.acuity.open({});
    for (const model of models) {
      const command = await commandOf(model, app);
      if (!command) continue;
      const args = ['acuity', ...command.args, ...joined(subjects), '-o', output, '--json'];
      await askAsMany(app, { ...command, args }, model, resolve(output, '..'));
    }
  });
}

/** Merges the options of all measured subjects: each option once, with all its values separated by commas. */
function joined(subjects: readonly { args: readonly string[] }[]): string[] {
  const values = (option: string) => subjects.flatMap(({ args }) => (args[0] === option ? [args[1]!] : []));
  return ['--axis', '--map'].flatMap((option) =>
    values(option).length > 0 ? [option, values(option).join(',')] : [],
  );
}

/** Returns the options and the API key for a model; null if the user does not want to load a model on a busy GPU. */
async function commandOf(
  model: ModelSource,
  app: App,
): Promise<{ args: string[]; env?: Environment } | null> {
  // The list of models excludes language models of VS Code.
  if (model.kind === 'vscode') return null;
  // Endpoints can cost money. The limit 1 makes the program report the number of questions first.
  if (model.kind === 'endpoint') {
    const { args, env } = await endpointCommand(model, app.secrets);
    const price = priceOf(model);
    return { args: [...args, ...(price ? ['--price', price.join(',')] : []), '--limit', '1'], env };
  }
  if (!(await askForGpu(app, model.path, model.label))) return null;
  // A checkpoint gets the prompts of its run.
  const run = app.runs.runs().find(({ dir }) => model.path.startsWith(dir + sep));
  const [, step] = /step-0*(\d+)$/.exec(model.path) ?? [];
  return { args: run && step !== undefined ? [run.dir, '--step', step] : [model.path] };
}

/** Returns the prices per million prompt and completion tokens from the settings; undefined if the user set none. */
function priceOf({ url, model }: { url: string; model: string }): readonly [number, number] | undefined {
  const { prices = {} } = listedEndpoints().find((endpoint) => endpoint.url === url) ?? {};
  return Object.hasOwn(prices, model) ? prices[model] : undefined;
}

type Environment = Record<string, string>;

/** Runs a measurement. If the measurement requires more questions than the limit, asks the user first. */
async function askAsMany(
  { program, measurements }: App,
  { args, env }: { args: string[]; env?: Environment },
  model: ModelSource,
  cwd: string,
): Promise<void> {
  const measure = (more: readonly string[]) =>
    measurements.run(model.label, (shown) =>
      program.run([...args, ...more], { cwd, ...(env && { env }), ...shown }),
    );
  try {
    await measure([]);
  } catch (error) {
    const refused = error instanceof ProgramError ? refusedQuestions(error.message) : null;
    if (refused === null) throw error;
    const { questions, cost } = refused;
    const message = `Send up to ${thousands(questions)} questions to ${model.label}?`;
    const detail =
      model.kind === 'endpoint'
        ? `Chirality sends each question with an image to ${model.url}. The service might charge a fee for each question. ${cost ?? unknownCost(model.model)} Chirality reuses stored answers.`
        : 'The measurement can take hours. Chirality reuses stored answers.';
    if (await confirm(message, detail, 'Send Questions')) await measure(['--limit', String(questions)]);
  }
}

const unknownCost = (model: string): string =>
  `The cost is unknown. To estimate the cost, add the prices per million prompt and completion tokens to the setting chirality.endpoints: "prices": { ${JSON.stringify(model)}: [2.5, 10] }.`;

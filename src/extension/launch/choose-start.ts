import { posix } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { duration } from '../../base/format.ts';
import type { RunSummary } from '../../panels/runs/runs.contract.ts';
import type { Service } from '../../panels/service.host.ts';
import { unknownText } from './choose-sets.ts';
import { age, outcome } from '../run-text.ts';
import type { RunList } from '../../panels/host/run-list.host.ts';
import { pickFolder } from '../../panels/host/quick-picks.host.ts';
import type { ModelStart } from './propose.ts';
import { inTurn, pickItem, type Step, typeText } from './wizard-steps.ts';

/** Schema of a preset in the output of `chirality presets --json`. */
export const presetsSchema = z.array(
  z.object({
    name: z.string(),
    about: z.string(),
    recipe: z.string(),
    engine: z.string(),
    /** Id of the model on the Hugging Face Hub; null for the tiny model. */
    model: z.nullable(z.string()),
    /** Whether the engine is set up. */
    ready: z.boolean(),
    /** Forecast of the training time; null without a similar run on this machine. */
    seconds: z.nullable(z.number()),
  }),
);
export type Preset = z.infer<typeof presetsSchema>[number];

/** Preset for the second run of a two-run plan. */
export const PLANNED: Preset = {
  name: 'demo',
  about: '',
  recipe: 'grpo',
  engine: 'embedded',
  model: null,
  ready: true,
  seconds: null,
};

export const isTiny = ({ engine }: Preset): boolean => engine === 'embedded';

/** Returns a list item for a preset, with its training method next to the name and its requirements below. */
export function presetItem({ name, about, engine, ready, seconds }: Preset): vscode.QuickPickItem {
  const [what, ...needs] = about.split(' · ');
  const lack = ready ? [] : [`${engine} not set up`];
  // A forecast for this machine replaces the time that the preset took elsewhere.
  const facts =
    seconds === null ? needs : [...needs.filter((need) => !need.startsWith('about ')), timeText(seconds)];
  return { label: name, description: what!, detail: [...facts, ...lack].join(' · ') };
}

/** Returns a forecast of the CLI as text, in the same words for configs and plans. */
export const timeText = (seconds: number): string => `about ${duration(Math.round(seconds))} of training`;

interface Item extends vscode.QuickPickItem {
  /** Remark on words of the training rows that the checkpoint does not know. */
  unknown?: string | null;
  choose: (title: string, step: Step) => Promise<ModelStart | undefined>;
}

const item = (label: string, detail: string, choose: Item['choose']): Item => ({ label, detail, choose });
const decided = (label: string, detail: string, start: ModelStart): Item =>
  item(label, detail, () => Promise.resolve(start));

/** Number of newest runs in which to search for checkpoints. */
const MOST_RUNS = 20;

/**
 * Asks for the initial model of a run. For GRPO of tiny models, first lists a start from a checkpoint or after SFT.
 * @param train training rows, all of whose words an initial model must know
 * @returns undefined if cancelled
 */
export async function chooseStart(
  tools: { service: Service; runs: RunList },
  title: string,
  { preset, train }: { preset: Preset; train: vscode.Uri },
  step: Step,
): Promise<ModelStart | undefined> {
  const checkpoints = await checkpointItems(tools, preset, train);
  const items = [
    ...(isTiny(preset) ? tinyItems(preset, checkpoints) : largeItems(preset, checkpoints)),
    folderItem(preset),
  ];
  const answers = await inTurn<{ picked: Item; start: ModelStart }>(
    {
      picked: () =>
        pickItem(items, {
          title,
          placeHolder: 'Select the initial model',
          step,
          refuse: ([picked]) =>
            picked?.unknown &&
            `Select another model: this model does not know all words of ${posix.basename(train.path)}`,
        }),
      start: ({ picked }, inner) => picked.choose(title, { ...inner, place: step.place }),
    },
    { outer: step },
  );
  return answers?.start;
}

function tinyItems({ recipe }: Preset, checkpoints: readonly Item[]): Item[] {
  const plan = decided(
    '$(list-ordered) Create Tiny Model: SFT First, Then GRPO',
    'A sweep of two runs: SFT, then GRPO from the checkpoint of the SFT run.',
    { kind: 'plan' },
  );
  if (recipe === 'grpo') return [...checkpoints, plan];
  const fresh = decided('$(add) Create Tiny Model', 'Learns from scratch, which takes about 4,000 rows.', {
    kind: 'preset',
  });
  return [fresh, plan, ...checkpoints];
}

const largeItems = ({ model }: Preset, checkpoints: readonly Item[]): Item[] => [
  decided(`$(cloud-download) ${model}`, 'Hugging Face model, downloaded or cached.', { kind: 'preset' }),
  ...checkpoints,
  item(
    '$(edit) Enter Other Model Id…',
    'A vision-language model supported by transformers.',
    async (title, step) => {
      const typed = await typeText({
        title,
        step,
        prompt: 'Enter a Hugging Face Hub id, for example Qwen/Qwen2.5-VL-3B-Instruct',
        value: model ?? '',
        flaw: (text) => (/^[\w.-]+\/[\w.-]+$/.test(text) ? null : 'The id must have the form owner/name.'),
      });
      return typed === undefined ? undefined : { kind: 'model', model: typed };
    },
  ),
];

function folderItem(preset: Preset): Item {
  const what = isTiny(preset) ? 'Select Checkpoint Folder…' : 'Select Model Folder…';
  return item(`$(folder-opened) ${what}`, 'Folder on this machine.', async () => {
    const folder = await pickFolder(what.replace('…', ''), { openLabel: 'Start from Folder' });
    if (!folder) return undefined;
    return isTiny(preset) ? { kind: 'checkpoint', path: folder.path } : { kind: 'model', model: folder.path };
  });
}

/** Returns an item for the newest or best checkpoint of each run with the same kind of model as the preset. */
async function checkpointItems(
  { service, runs }: { service: Service; runs: RunList },
  { engine, model }: Preset,
  train: vscode.Uri,
): Promise<Item[]> {
  const kind = [engine, model].filter(Boolean).join(' ');
  const fits = (run: RunSummary) =>
    run.model === kind && !run.origin && run.state !== null && !run.state.unrewarded;
  const candidates = (await runs.refresh()).filter(fits).slice(0, MOST_RUNS);
  const items = candidates.map(async (run) => {
    const { steps, folders, best } = await service.call('checkpoints', { dir: run.dir });
    const i = best === null ? steps.length - 1 : steps.indexOf(best);
    const path = folders[i];
    if (path === undefined) return [];
    const unknown = await unknownText({ service }, { model: path, path: train.fsPath });
    const which = best === null ? 'last checkpoint' : 'best checkpoint';
    return [
      {
        ...decided(
          `$(archive) ${run.name}, step ${steps[i]}`,
          `${which}: ${vscode.workspace.asRelativePath(path)}`,
          { kind: 'checkpoint', path: vscode.Uri.file(path).path },
        ),
        unknown,
        description: [unknown, run.recipe!.toUpperCase(), outcome(run), age(run.state!.heartbeat, Date.now())]
          .filter(Boolean)
          .join(' · '),
      },
    ];
  });
  // Skip runs with unreadable files.
  return (await Promise.all(items.map((each) => each.catch(() => [])))).flat();
}

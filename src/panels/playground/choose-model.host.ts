import { endsOf } from '../../core/metrics/metric.ts';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { ModelSource } from './playground.contract.ts';
import type { RunSummary } from '../runs/runs.contract.ts';
import { askModelName, chooseKey } from '../host/endpoint-keys.host.ts';
import { pickFolder } from '../host/quick-picks.host.ts';
import { kindOf, type RunList } from '../host/run-list.host.ts';
import type { Service } from '../service.host.ts';
import {
  ADD_ENDPOINT,
  addEndpoint,
  checkEndpoint,
  listedEndpoints,
  type Endpoint,
} from '../host/listed-endpoints.host.ts';

const TITLE = 'Add Model';

interface Tools {
  runs: RunList;
  service: Service;
  secrets: vscode.SecretStorage;
}

/** List item that selects a model: immediately if `source` is known, otherwise after further questions. */
type Item = vscode.QuickPickItem & { source?: ModelSource; take?: () => Promise<ModelSource | undefined> };

/**
 * Lets the user choose a model: a checkpoint of a run, a model folder, a model behind an endpoint, or a model of VS
 * Code.
 */
export async function chooseModel(tools: Tools): Promise<ModelSource | undefined> {
  const picked = await vscode.window.showQuickPick(await itemsOf(tools), {
    title: TITLE,
    placeHolder: 'Select a model',
    matchOnDescription: true,
  });
  return picked && modelOf(picked);
}

/**
 * Lets the user select several models. Preselects the chosen models. Items with further questions act immediately. If
 * no selection has changed, Enter selects the item in focus or the first item that matches the typed words.
 * @param title title of a list with only models that accept images; by default, the list adds models to the Playground
 * @returns null if cancelled
 */
export async function chooseModels(
  tools: Tools,
  chosen: readonly ModelSource[],
  title?: string,
): Promise<ModelSource[] | null> {
  const items = await itemsOf(tools, title === undefined);
  const others = chosen
    .filter(({ id }) => !items.some(({ source }) => source?.id === id))
    .map((source): Item => ({ label: source.label, description: source.detail, source }));
  const pick = vscode.window.createQuickPick<Item>();
  pick.title = title ?? TITLE;
  pick.matchOnDescription = true;
  pick.items = [...others, ...items];
  // Without models to tick, Enter runs the item in focus: a list with checkboxes has no item in focus at first.
  pick.canSelectMany = pick.items.some(({ source }) => source);
  pick.placeholder = pick.canSelectMany ? 'Select models' : 'Select a model';
  pick.selectedItems = pick.items.filter(({ source }) => chosen.some(({ id }) => id === source?.id));
  let isTouched = false;
  const picked = await new Promise<readonly Item[] | null>((resolve) => {
    pick.onDidChangeSelection((ticked) => {
      isTouched = ticked.length !== chosen.length || ticked.some(({ source }) => !has(chosen, source));
      if (ticked.some(({ take }) => take)) resolve(ticked);
    });
    pick.onDidAccept(() => {
      // In a list with checkboxes, no item is in focus until the user presses an arrow key.
      const words = pick.value.trim().toLowerCase();
      const named =
        words &&
        pick.items.find(({ label, description = '' }) =>
          `${label} ${description}`.toLowerCase().includes(words),
        );
      const meant = isTouched ? undefined : (pick.activeItems[0] ?? (named || undefined));
      const all = [...pick.selectedItems, ...(meant ? [meant] : [])];
      // A command needs a model, but a user can remove all models from the Playground.
      if (all.length === 0 && title !== undefined) pick.placeholder = 'Select at least one model';
      else resolve(all);
    });
    pick.onDidHide(() => resolve(null));
    pick.show();
  });
  pick.dispose();
  if (!picked) return null;
  const models: ModelSource[] = [];
  for (const item of picked) {
    const model = await modelOf(item);
    if (model && !has(models, model)) models.push(model);
  }
  return models;
}

const has = (models: readonly ModelSource[], model: ModelSource | undefined): boolean =>
  models.some(({ id }) => id === model?.id);

const modelOf = async ({ source, take }: Item): Promise<ModelSource | undefined> => source ?? take?.();

async function itemsOf({ runs, service, secrets }: Tools, hasBlind = true): Promise<Item[]> {
  const checkpoints = await Promise.all((await runs.refresh()).map((run) => checkpointItems(run, service)));
  const chats = hasBlind ? await vscode.lm.selectChatModels() : [];
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  return [
    ...(checkpoints.flat().length > 0 ? [separator('checkpoints of runs'), ...checkpoints.flat()] : []),
    separator('other models'),
    {
      label: '$(folder) Select Model Folder…',
      detail: 'Folder in transformers format or exported by a run',
      take: askFolder,
    },
    ...listedEndpoints().map((endpoint): Item => ({
      label: `$(server) ${endpoint.name}…`,
      description: endpoint.url,
      take: () => askEndpoint(endpoint, secrets),
    })),
    { label: ADD_ENDPOINT, take: addEndpoint },
    ...(chats.length > 0 ? [separator('VS Code language models (text only)'), ...chats.map(chatItem)] : []),
  ];
}

/**
 * Returns a run's checkpoints as list items, newest first. The label of the last checkpoint is only the run's name, so
 * that this item is the first match of a search for the name.
 */
async function checkpointItems(run: RunSummary, service: Service): Promise<Item[]> {
  return (await checkpointsOf(run, service)).map(({ source, step, isLast, isBest }): Item => ({
    label: `$(circuit-board) ${isLast ? run.name : source.label}`,
    description: [
      ...(isLast ? [`step ${step}`, 'last'] : []),
      ...(isBest ? ['best'] : []),
      source.detail,
    ].join(' · '),
    source,
  }));
}

interface Checkpoint {
  source: ModelSource;
  step: number;
  isLast: boolean;
  isBest: boolean;
}

/** Returns the saved models of a run, newest first. */
async function checkpointsOf({ dir, name }: RunSummary, service: Service): Promise<Checkpoint[]> {
  const saved = await service.call('checkpoints', { dir }).catch(() => null);
  const detail = vscode.workspace.asRelativePath(dir, true);
  const steps = saved?.steps.map((step, i): Checkpoint => {
    const path = saved.folders[i]!;
    const source: ModelSource = { id: path, kind: 'local', label: `${name}, step ${step}`, detail, path };
    return { source, step, isLast: step === saved.steps.at(-1), isBest: step === saved.best };
  });
  return steps?.reverse() ?? [];
}

/** Number of runs whose last checkpoints the Playground selects when it opens. */
const NEWEST = 2;

export interface LastModel {
  run: RunSummary;
  source: ModelSource;
}

/** Names of the runs that the demo compares: trained without and with mirrors. */
export const DEMO_ARMS = ['given', 'spatial'];
/** Pattern of the folder that contains the demo's runs. */
const DEMO_RUNS = /[\\/]chirality-demo(?:-\d+)?[\\/]runs$/;

/**
 * Returns the last checkpoint of the run with the best pair accuracy, if any, and of the newest remaining runs. Runs that
 * finished come first, because an unfinished run can be an abandoned stage of a sweep.
 */
export async function newestModels({ runs, service }: Pick<Tools, 'runs' | 'service'>): Promise<LastModel[]> {
  const activity = ({ state, origin }: RunSummary): string => state?.heartbeat ?? origin?.written ?? '';
  const isUnfinished = (run: RunSummary) => Number(kindOf(run) !== 'finished');
  const byActivity = [...(await runs.refresh())].sort((a, b) => (activity(a) < activity(b) ? 1 : -1));
  // For the demo, use the two runs that it compares, not the controls, which end later.
  const [newest] = byActivity;
  const runsOf = newest && dirname(newest.dir);
  const arms =
    runsOf !== undefined && DEMO_RUNS.test(runsOf)
      ? DEMO_ARMS.flatMap((arm) => byActivity.filter(({ dir }) => dir === join(runsOf, arm)))
      : [];
  const pairAccuracy = ({ meter }: RunSummary) => (meter && endsOf(meter.both)?.[0]) ?? -1;
  const finishedFirst = [...byActivity].sort((a, b) => isUnfinished(a) - isUnfinished(b));
  const [best] = [...finishedFirst].sort(
    (a, b) => isUnfinished(a) - isUnfinished(b) || pairAccuracy(b) - pairAccuracy(a),
  );
  return lastModels(
    arms.length === DEMO_ARMS.length ? arms : [...new Set([...(best ? [best] : []), ...finishedFirst])],
    service,
    NEWEST,
  );
}

/** Returns the last checkpoint of each of the first runs that have a checkpoint. @param most maximum number of runs */
export async function lastModels(
  runs: readonly RunSummary[],
  service: Service,
  most: number,
): Promise<LastModel[]> {
  const models: LastModel[] = [];
  for (const run of runs) {
    if (models.length === most) break;
    const [last] = await checkpointsOf(run, service);
    if (last) models.push({ run, source: last.source });
  }
  return models;
}

/** Returns a list item for a model of VS Code. The model accepts no images: VS Code passes only text to models. */
function chatItem({ name, vendor, id: model }: vscode.LanguageModelChat): Item {
  const id = JSON.stringify(['vscode', vendor, model]);
  const detail = `${vendor}, VS Code`;
  return {
    label: `$(sparkle) ${name}`,
    description: vendor,
    source: { id, kind: 'vscode', label: name, detail, vendor, model },
  };
}

async function askFolder(): Promise<ModelSource | undefined> {
  const folder = await pickFolder(TITLE, { openLabel: 'Add Model' });
  if (!folder) return undefined;
  const path = folder.fsPath;
  return { id: path, kind: 'local', label: basename(path), detail: path, path };
}

async function askEndpoint(
  { name, url }: Endpoint,
  secrets: vscode.SecretStorage,
): Promise<ModelSource | undefined> {
  const offered = (await checkEndpoint({ name, url })).filter(({ state }) => state === 'good');
  const other = '$(edit) Enter Another Model…';
  const picked =
    offered.length === 0
      ? other
      : await vscode.window.showQuickPick([...offered.map(({ label }) => label), other], {
          title: TITLE,
          placeHolder: `Select a model of ${name}`,
        });
  const model = picked !== other ? picked : await askModelName(TITLE, name, 'Qwen/Qwen2.5-VL-7B-Instruct');
  if (!model) return undefined;
  const key = await chooseKey(TITLE, url, secrets);
  if (!key) return undefined;
  const id = JSON.stringify([url, model]);
  return {
    id,
    kind: 'endpoint',
    label: model,
    detail: name,
    url,
    model,
    key: Boolean(key.CHIRALITY_API_KEY),
  };
}

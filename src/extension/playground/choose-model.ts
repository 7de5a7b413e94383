import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { ModelSource } from '../../core/protocol/playground.ts';
import type { RunSummary } from '../../core/protocol/runs.ts';
import { askModelName, chooseKey } from '../endpoint-key.ts';
import type { RunList } from '../run-list/run-list.ts';
import type { Service } from '../service-client.ts';
import { checkEndpoint, endpointsOf, type Endpoint } from '../views/endpoint.ts';

const TITLE = 'Add Model';

interface Tools {
  runs: RunList;
  service: Service;
  secrets: vscode.SecretStorage;
}

type Item = vscode.QuickPickItem & { take?: () => Promise<ModelSource | undefined> };

/**
 * Lets the user choose a model: a checkpoint of a run, a model's folder, a model behind an endpoint, or one of VS
 * Code's.
 */
export async function chooseModel({ runs, service, secrets }: Tools): Promise<ModelSource | undefined> {
  const endpoints = endpointsOf(vscode.workspace.getConfiguration('chirality').get('endpoints'));
  const checkpoints = await Promise.all((await runs.refresh()).map((run) => checkpointItems(run, service)));
  const chats = await vscode.lm.selectChatModels();
  const separator = (label: string): Item => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const items: Item[] = [
    ...(checkpoints.flat().length > 0 ? [separator('checkpoints of runs'), ...checkpoints.flat()] : []),
    separator('other models'),
    {
      label: '$(folder) Model Folder…',
      detail: 'In the form of transformers, or exported by a run',
      take: askFolder,
    },
    ...endpoints.map((endpoint): Item => ({
      label: `$(server) ${endpoint.name}…`,
      description: endpoint.url,
      take: () => askEndpoint(endpoint, secrets),
    })),
    {
      label: '$(add) Add Endpoint…',
      take: async () => {
        await vscode.commands.executeCommand('chirality.engines.addEndpoint');
        return undefined;
      },
    },
    ...(chats.length > 0 ? [separator('language models of VS Code: text only'), ...chats.map(chatItem)] : []),
  ];
  const picked = await vscode.window.showQuickPick(items, {
    title: TITLE,
    placeHolder: 'Which model do you want to ask?',
    matchOnDescription: true,
  });
  return picked?.take?.();
}

/**
 * A run's checkpoints as items, the newest first. The last has the run's name alone, so that it is the first of all that
 * a search for the name finds.
 */
async function checkpointItems({ dir, name }: RunSummary, service: Service): Promise<Item[]> {
  const saved = await service.call('checkpoints', { dir }).catch(() => null);
  if (!saved) return [];
  const last = saved.steps.at(-1);
  const items = saved.steps.map((step, i): Item => {
    const marks = [...(step === last ? ['last'] : []), ...(step === saved.best ? ['best'] : [])];
    const path = saved.folders[i]!;
    const detail = vscode.workspace.asRelativePath(dir, true);
    const source: ModelSource = { id: path, kind: 'local', label: `${name}, step ${step}`, detail, path };
    return {
      label: `$(circuit-board) ${step === last ? name : source.label}`,
      description: [...(step === last ? [`step ${step}`] : []), ...marks, detail].join(' · '),
      take: () => Promise.resolve(source),
    };
  });
  return items.reverse();
}

/** Not for pictures: the VS Code version that the extension is built for passes none to its models. */
function chatItem({ name, vendor, id: model }: vscode.LanguageModelChat): Item {
  const id = JSON.stringify(['vscode', vendor, model]);
  const detail = `${vendor}, by VS Code`;
  return {
    label: `$(sparkle) ${name}`,
    description: vendor,
    take: () => Promise.resolve({ id, kind: 'vscode', label: name, detail, vendor, model }),
  };
}

async function askFolder(): Promise<ModelSource | undefined> {
  const [folder] =
    (await vscode.window.showOpenDialog({
      title: TITLE,
      openLabel: 'Add Model',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!folder) return undefined;
  const path = folder.fsPath;
  return { id: path, kind: 'local', label: basename(path), detail: path, path };
}

async function askEndpoint(
  { name, url }: Endpoint,
  secrets: vscode.SecretStorage,
): Promise<ModelSource | undefined> {
  const offered = (await checkEndpoint({ name, url })).filter(({ state }) => state === 'good');
  const other = '$(edit) Another Model…';
  const picked =
    offered.length === 0
      ? other
      : await vscode.window.showQuickPick([...offered.map(({ label }) => label), other], {
          title: TITLE,
          placeHolder: `Which model of ${name}?`,
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

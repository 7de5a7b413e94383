import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { several } from '../../base/format.ts';
import type { App } from '../app.ts';
import { usePictures, useTable } from '../commands/use-as-data-set.ts';
import { conflictsWith, freePath, frozenState } from '../../panels/host/data-files.host.ts';
import { pickFolder } from '../../panels/host/quick-picks.host.ts';
import { distinctPaths } from './propose.ts';
import { rowCheck, usableInStep } from './usable-step.ts';
import { inTurn, pickItem, type Step, typeText } from './wizard-steps.ts';
import { offer, reportErrors, withProgress } from '../../panels/host/report-errors.host.ts';
import type { Faulty } from '../../panels/host/usable-files.host.ts';
import { isOutput, NOT_DATA } from '../views/data-sets.ts';
import * as vscode from 'vscode';

/** Sources of rows for datasets that are not in the workspace yet. */
type DataSource = 'scenes' | 'convert' | 'pictures' | 'browse';

interface SourceItem extends vscode.QuickPickItem {
  source: DataSource;
}

const SOURCES: SourceItem[] = [
  {
    label: '$(add) Generate Synthetic Scenes…',
    detail: 'Images of objects with questions, exact answers, boxes and scene graphs.',
    source: 'scenes',
  },
  {
    label: '$(arrow-swap) Use a Table…',
    detail: 'CSV, TSV, XLSX, JSON or Parquet, or labels such as COCO, CVAT, labelme or YOLO.',
    source: 'convert',
  },
  {
    label: '$(file-media) Use Images…',
    detail: 'A folder of images. You write the question and answer of each image.',
    source: 'pictures',
  },
  { label: '$(folder-opened) Browse…', detail: 'A *.qa.jsonl file outside this folder.', source: 'browse' },
];

const isDataSource = (value: unknown): value is DataSource => SOURCES.some(({ source }) => source === value);

const ROWS = '.qa.jsonl';
const TABLES = ['parquet', 'json', 'jsonl', 'csv', 'tsv', 'xlsx', 'xml', 'yaml'];

interface Asking {
  title: string;
  placeHolder: string;
  /** Items to list above the data files. */
  first?: RowItem[];
  /** Position among the questions of a wizard, which checks the rows of the file before its next question. */
  step?: Step;
}

type RowItem = vscode.QuickPickItem & { uri?: vscode.Uri; source?: DataSource };

/**
 * Lets the user choose or create a data file of the workspace.
 * @returns the URI of the file, or the label of an item in `first`; undefined if cancelled
 */
export async function chooseRows(
  tools: App,
  { title, placeHolder, first = [], step }: Asking,
  files: readonly vscode.Uri[],
): Promise<vscode.Uri | string | undefined> {
  const separator = { label: '', kind: vscode.QuickPickItemKind.Separator };
  let looked: readonly Faulty[] = [];
  const work = step && rowCheck<RowItem>(tools, (faulty) => (looked = faulty));
  const answers = await inTurn<{ picked: RowItem; rows: vscode.Uri | string }>(
    {
      picked: () =>
        pickItem<RowItem>(
          rowItems(tools, files).then((known) => [...first, ...known, separator, ...SOURCES]),
          { title, placeHolder, ...(step && { step }), ...(work && { work }) },
        ),
      rows: async ({ picked: { uri, source, label } }, inner) => {
        const file = uri ?? (source ? await newDataSet(tools, source, inner) : label);
        if (!step || !(file instanceof vscode.Uri)) return file;
        return (await usableInStep(tools, [file], { title, place: step.place, ...(uri && { looked }) }))?.[0];
      },
    },
    { ...(step && { outer: step }) },
  );
  if (step && answers?.rows instanceof vscode.Uri)
    step.kept = { scope: '', values: [answers.rows.toString()] };
  return answers?.rows;
}

/** Maximum number of files whose rows a list counts, so that the list opens without delay. */
export const MAX_COUNTED = 40;

/** Returns list items for data files, grouped by folder, with the number of rows and the frozen version. */
export function rowItems(
  { service }: Pick<App, 'service'>,
  files: readonly vscode.Uri[],
): Promise<(vscode.QuickPickItem & { uri: vscode.Uri })[]> {
  const names = distinctPaths(files.map((uri) => vscode.workspace.asRelativePath(uri)));
  return Promise.all(
    files.map(async (uri, i) => {
      const label = names[i]!;
      const count =
        i < MAX_COUNTED ? await service.call('countRows', { path: uri.fsPath }).catch(() => null) : null;
      const frozen = await frozenState(uri);
      const facts = [
        count?.rows != null && several(count.rows, 'row'),
        frozen === 'changed' ? 'changed after freezing' : frozen && 'frozen',
        vscode.workspace.asRelativePath(uri).slice(0, -label.length).replace(/\/$/, ''),
      ];
      return { label, description: facts.filter(Boolean).join(' · '), uri };
    }),
  );
}

/** Returns the user's data files in the workspace. Excludes conflict files and the output of measurements and runs. */
export const dataFiles = async (): Promise<vscode.Uri[]> =>
  (await vscode.workspace.findFiles(`**/*${ROWS}`, NOT_DATA)).filter(
    (uri) => !isOutput(uri) && conflictsWith(uri) === null,
  );

/** Returns the first folder of the workspace. Without an open folder, shows a message that explains its purpose. */
export async function workFolder(what: string): Promise<vscode.WorkspaceFolder | undefined> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder) return folder;
  await offer(vscode.window.showInformationMessage, `Open a folder first. ${what}`, {
    'Open Folder': () => vscode.commands.executeCommand('workbench.action.files.openFolder'),
  });
  return undefined;
}

/** Creates or finds a dataset, and shows it. @param source source of the rows, if the caller already chose it */
export const makeDataSet = (app: App, source?: unknown): Promise<void> =>
  reportErrors('Cannot create the dataset', async () => {
    const uri = await newDataSet(app, isDataSource(source) ? source : undefined);
    if (!uri) return;
    app.views.dataSets.refresh();
    await app.panels.dataSets.open({ uri: uri.toString() });
  });

/**
 * Creates a data file, or finds one outside the workspace.
 * @param given source of the rows, if already chosen
 * @param outer question of a wizard that the file answers
 */
export async function newDataSet(
  tools: App,
  given?: DataSource,
  outer?: Step,
): Promise<vscode.Uri | undefined> {
  const folder = (await workFolder('The open folder stores rows and images.'))?.uri;
  if (!folder) return undefined;
  if (given) return rowsFrom(given, tools, folder, outer);
  const prompt = { title: 'New Dataset', placeHolder: 'Select a source' };
  const answers = await inTurn<{ picked: SourceItem; rows: vscode.Uri }>({
    picked: () => pickItem(SOURCES, prompt),
    rows: ({ picked }, step) => rowsFrom(picked.source, tools, folder, step),
  });
  return answers?.rows;
}

async function rowsFrom(
  source: DataSource,
  tools: App,
  folder: vscode.Uri,
  outer?: Step,
): Promise<vscode.Uri | undefined> {
  if (source === 'scenes') return makeScenes(tools.program, folder, outer);
  if (source === 'pictures') return choosePictures(tools, folder);
  const tables = source === 'convert';
  const picked = await vscode.window.showOpenDialog({
    title: tables ? 'Select Tables' : 'Select a Dataset',
    canSelectMany: tables,
    filters: { Datasets: TABLES },
    defaultUri: folder,
  });
  if (!picked?.[0]) return undefined;
  if (picked[0].path.endsWith(ROWS)) return picked[0];
  const made = await useTable(tools, picked);
  if (!made?.isUnasked) return made?.uri;
  // No other step follows until the user has written the questions, as for images.
  await tools.annotation.open(made.uri);
  return undefined;
}

/** Opens the rows of an image folder in the annotation editor. Returns undefined, because no other step follows. */
async function choosePictures(tools: App, folder: vscode.Uri): Promise<undefined> {
  const pictures = await pickFolder('Select a Folder of Images', { defaultUri: folder });
  if (pictures) await usePictures(tools, pictures);
}

const STYLES = [
  {
    label: 'Compact',
    detail: 'Small images and short questions for tiny models on the CPU.',
    style: 'compact',
    // As in the demo. A constant distance is within the tolerance in all rows, and the mirror of a yes/no question keeps
    // its answer, so that both raise the image-free bound.
    words: ['--families', 'side.where,nearer'],
  },
  {
    label: 'English',
    detail: 'Images of 448 pixels and whole sentences for full-size models.',
    style: 'english',
    words: [],
  },
];

async function makeScenes(
  program: App['program'],
  folder: vscode.Uri,
  outer?: Step,
): Promise<vscode.Uri | undefined> {
  const title = 'Generate Synthetic Scenes';
  const answers = await inTurn<{ style: (typeof STYLES)[number]; count: string; name: string }>(
    {
      style: (_, step) => pickItem(STYLES, { title, step, placeHolder: 'Select a style' }),
      // Compact scenes train a model from scratch, as in the demo; a tenth of the rows is held out.
      count: ({ style }, step) =>
        typeText({
          title,
          step,
          prompt: `Enter the number of rows. Each row has its own image.${style.style === 'compact' ? ' A tiny model needs about 4,000 rows to learn, besides the tenth that is held out.' : ''}`,
          value: style.style === 'compact' ? '4500' : '1000',
          flaw: (text) =>
            /^[1-9]\d{0,6}$/.test(text) ? null : 'The number must be a whole number of at least 1.',
        }),
      name: (_, step) =>
        typeText({
          title,
          step,
          prompt:
            'Enter a name for the new folder. The folder name is also the random seed, so each folder contains different scenes.',
          value: basename(freePath((number) => join(folder.fsPath, `scenes${number}`))),
          flaw: (text) => folderFlaw(folder, text),
        }),
    },
    { ...(outer && { outer }) },
  );
  if (!answers) return undefined;
  const { count, name } = answers;
  const words = [
    '--count',
    count,
    '-o',
    name,
    '--seed',
    name,
    '--style',
    answers.style.style,
    ...answers.style.words,
  ];
  await withProgress('Drawing scenes', ({ signal, onLine }) =>
    program.run(['worlds', ...words, '--json'], { cwd: folder.fsPath, signal, onLine }),
  );
  return vscode.Uri.joinPath(folder, name, 'data.qa.jsonl');
}

function folderFlaw(folder: vscode.Uri, name: string): string | null {
  if (
    name === '' ||
    name.startsWith('-') ||
    !vscode.Uri.joinPath(folder, name).path.startsWith(`${folder.path}/`)
  )
    return 'The name must be a folder name inside the open folder.';
  return existsSync(join(folder.fsPath, name)) ? `${name} already exists.` : null;
}

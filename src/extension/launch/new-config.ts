import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { Program } from './program.ts';
import { offer } from './report.ts';

const DATA = '**/*.qa.jsonl';

/** Makes a config and shows it: what it says should be read before it is run. */
export async function newConfig(program: Program): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) {
    await offer(
      vscode.window.showInformationMessage,
      'Open a folder first: the config and its runs are kept there.',
      {
        'Open Folder': () => vscode.commands.executeCommand('workbench.action.files.openFolder'),
      },
    );
    return;
  }
  const cwd = folder.uri.fsPath;
  const presets = JSON.parse(await program.run(['presets', '--json'], { cwd })) as Preset[];
  const preset = await vscode.window.showQuickPick(
    presets.map((each) => ({ label: each.name, description: each.about, detail: tradeOff(each) })),
    { title: 'New Run Config (1 of 3)', placeHolder: 'Which preset?', matchOnDescription: true },
  );
  if (!preset) return;
  const files = (await vscode.workspace.findFiles(DATA, '**/{node_modules,runs}/**')).map((uri) => ({
    label: posix.basename(uri.path),
    description: vscode.workspace.asRelativePath(uri),
    uri,
  }));
  const train = await vscode.window.showQuickPick(files, {
    title: 'New Run Config (2 of 3)',
    placeHolder: files.length > 0 ? 'Which rows to train on?' : 'This folder holds no *.qa.jsonl file yet.',
    matchOnDescription: true,
  });
  if (!train) return;
  const others = files.filter((file) => file !== train);
  const options = { title: 'New Run Config (3 of 3)', matchOnDescription: true, canPickMany: true } as const;
  const placeHolder = 'Which sets to evaluate on? None is fine.';
  const sets =
    others.length > 0 ? await vscode.window.showQuickPick(others, { ...options, placeHolder }) : [];
  if (!sets) return;
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(folder.uri, `${preset.label}.run.yaml`),
    filters: { 'Run config': ['yaml'] },
    title: 'Save the run config',
  });
  if (!target) return;
  const from = posix.dirname(target.path);
  const text = configText(await program.run(['presets', preset.label], { cwd }), {
    train: posix.relative(from, train.uri.path),
    eval: Object.fromEntries(sets.map(({ uri }) => [setName(uri.path), posix.relative(from, uri.path)])),
  });
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  await vscode.window.showTextDocument(target);
  await offer(
    vscode.window.showInformationMessage,
    `${posix.basename(target.path)} is ready: read it, then start it.`,
    {
      'Start Run': () => vscode.commands.executeCommand('chirality.startRun', target),
    },
  );
}

/** What a new run config reads: paths relative to it. */
interface ConfigData {
  train: string;
  /** Sets to evaluate on, by name. */
  eval: Record<string, string>;
}

/** A preset as `chirality presets --json` lists it. */
interface Preset {
  name: string;
  about: string;
  recipe: string;
  /** Of its adapter; null where all weights train. */
  rank: number | null;
}

/** A config of one's own: the preset's text, every value in it there to be changed, with the data after its heading. */
export function configText(preset: string, data: ConfigData): string {
  const lines = preset.split('\n');
  const heading = lines.findIndex((line) => !line.startsWith('#'));
  const sets = Object.entries(data.eval).map(([name, path]) => `    ${quoted(name)}: ${quoted(path)}`);
  const section = [
    'data:',
    `  train: ${quoted(data.train)}`,
    ...(sets.length > 0 ? ['  eval:', ...sets] : []),
  ];
  return [...lines.slice(0, heading), ...section, ...lines.slice(heading)].join('\n');
}

/** Plain where YAML reads it as the same text. */
const quoted = (text: string): string => (/^[A-Za-z_][\w./-]*$/.test(text) ? text : JSON.stringify(text));

/** The name of an evaluation set: its file's, or that of its folder where the file is called as the generators call it. */
export function setName(path: string): string {
  const parts = path.replace(/\.qa\.jsonl$/, '').split('/');
  return (parts.at(-1) === 'data' && parts.at(-2)) || parts.at(-1)!;
}

/** When to choose it, and what it costs. */
export function tradeOff({ recipe, rank }: Preset): string {
  const why =
    recipe === 'sft'
      ? 'SFT: for coverage, and where data are scarce'
      : 'GRPO: for precision, and answers that survive another wording';
  return rank === null
    ? why
    : `${why} · LoRA of rank ${rank}: weights to train, memory and time grow with the rank`;
}

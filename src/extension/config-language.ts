import { dirname, join, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import { diagnosticAt } from './problems.ts';
import type { Service } from '../panels/service.host.ts';
import type { ConfigMistake } from '../core/config/editor/config-mistakes.ts';
import type { Completion } from '../core/config/editor/complete-config.ts';
import { kindOf } from '../core/config/editor/config-context.ts';

/** Pattern of run configs and sweeps. Their language ID remains YAML, so that VS Code's YAML support works. */
export const CONFIGS: vscode.DocumentFilter = { pattern: '**/*.{run,sweep}.yaml' };
/** Pattern of resolved configs in run folders, with every default. They get hovers, but no completion. */
const RESOLVED: vscode.DocumentFilter = { pattern: '**/runs/*/run.yaml' };
/** Delay between an edit and the check of a config, in ms. */
const REST_MS = 250;
const YAML_EXTENSION = 'redhat.vscode-yaml';

/**
 * Returns whether the YAML extension is installed. That extension uses Chirality's schema for completion, hovers and
 * checks, so this extension does not repeat them.
 */
const stepBack = (): boolean => vscode.extensions.getExtension(YAML_EXTENSION) !== undefined;

/** Completion, hovers, problems and fixes for run configs and sweeps. */
export class ConfigLanguage
  implements vscode.CompletionItemProvider, vscode.HoverProvider, vscode.CodeActionProvider, vscode.Disposable
{
  private readonly presets: string;
  private readonly shown = vscode.languages.createDiagnosticCollection('chirality.config');
  private readonly found = new Map<string, ConfigMistake[]>();
  private readonly due = new Map<string, NodeJS.Timeout>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    extensionPath: string,
    private readonly service: Service,
  ) {
    this.presets = join(extensionPath, 'library/presets');
    const { workspace, languages } = vscode;
    // A config names data files, which can come and go while the config is open.
    const rowFiles = workspace.createFileSystemWatcher('**/*.qa.jsonl', false, true);
    const again = () => this.checkAll(REST_MS);
    this.subscriptions = [
      rowFiles,
      rowFiles.onDidCreate(again),
      rowFiles.onDidDelete(again),
      this.shown,
      languages.registerCompletionItemProvider(CONFIGS, this, ' '),
      languages.registerHoverProvider([CONFIGS, RESOLVED], this),
      languages.registerCodeActionsProvider(CONFIGS, this, {
        providedCodeActionKinds: [vscode.CodeActionKind.QuickFix],
      }),
      workspace.onDidOpenTextDocument((document) => this.checkSoon(document, 0)),
      workspace.onDidChangeTextDocument(({ document }) => this.checkSoon(document, REST_MS)),
      workspace.onDidSaveTextDocument((document) => this.checkSoon(document, 0)),
      workspace.onDidCloseTextDocument(({ uri }) => this.forget(uri)),
      vscode.extensions.onDidChange(() => this.checkAll()),
    ];
    this.checkAll();
  }

  dispose(): void {
    for (const timer of this.due.values()) clearTimeout(timer);
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    _token: vscode.CancellationToken,
    { triggerCharacter }: vscode.CompletionContext,
  ): Promise<vscode.CompletionItem[] | null> {
    if (stepBack()) return null;
    // A typed space triggers completion only after a colon.
    if (triggerCharacter === ' ' && !/:\s$/.test(document.lineAt(position).text.slice(0, position.character)))
      return null;
    const completions = await this.service.call('completeConfig', this.placeIn(document, position));
    if (!completions) return null;
    const range = rangeOf(document, completions);
    const items = completions.items.map((item, i) => completionItem(item, i, range));
    return completions.dataFiles ? [...items, ...(await dataFiles(document.uri, range))] : items;
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | null> {
    if (stepBack()) return null;
    const hover = await this.service.call('hoverConfig', this.placeIn(document, position));
    return hover && new vscode.Hover(new vscode.MarkdownString(hover.text), rangeOf(document, hover));
  }

  provideCodeActions(document: vscode.TextDocument, range: vscode.Range): vscode.CodeAction[] {
    return (this.found.get(document.uri.toString()) ?? []).flatMap((mistake) => {
      const { line, from, to, meant } = mistake;
      const place = new vscode.Range(line, from, line, to);
      if (meant === undefined || !place.intersection(range)) return [];
      const action = new vscode.CodeAction(`Change to “${meant}”`, vscode.CodeActionKind.QuickFix);
      action.edit = new vscode.WorkspaceEdit();
      action.edit.replace(document.uri, place, meant);
      action.diagnostics = [diagnosticOf(mistake)];
      action.isPreferred = true;
      return [action];
    });
  }

  /** Returns the mistakes that would prevent the start of a run, and shows them among the problems. */
  async errors(document: vscode.TextDocument): Promise<ConfigMistake[]> {
    const { version } = document;
    const mistakes = await this.mistakesOf(document); // a file of the config can have gone since the last check
    this.show(document, version, mistakes);
    return mistakes.filter(({ severity }) => severity === 'error');
  }

  /** Returns the arguments of a service call about a position in a document. */
  private placeIn(document: vscode.TextDocument, position: vscode.Position) {
    return {
      kind: kindOf(document.uri.path),
      text: document.getText(),
      offset: document.offsetAt(position),
      presets: this.presets,
    };
  }

  private checkAll(rest = 0): void {
    for (const document of vscode.workspace.textDocuments) this.checkSoon(document, rest);
  }

  private checkSoon(document: vscode.TextDocument, rest: number): void {
    if (vscode.languages.match(CONFIGS, document) === 0) return;
    const key = document.uri.toString();
    clearTimeout(this.due.get(key));
    this.due.set(
      key,
      setTimeout(() => void this.check(document), rest),
    );
  }

  private async check(document: vscode.TextDocument): Promise<void> {
    const { version } = document;
    this.show(document, version, await this.mistakesOf(document).catch(unchecked));
  }

  /** Shows the mistakes in a version of a document, except those that another extension shows. */
  private show(document: vscode.TextDocument, version: number, all: readonly ConfigMistake[]): void {
    const { uri } = document;
    if (document.isClosed || document.version !== version) return;
    const mistakes = stepBack() ? all.filter(({ bySchema }) => !bySchema) : [...all];
    this.found.set(uri.toString(), mistakes);
    this.shown.set(uri, mistakes.map(diagnosticOf));
  }

  private mistakesOf(document: vscode.TextDocument): Promise<ConfigMistake[]> {
    const { uri } = document;
    const path = uri.scheme === 'file' ? uri.fsPath : null;
    const { presets } = this;
    const text = document.getText();
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath;
    const root = folder ?? (path === null ? null : dirname(path));
    return this.service.call('checkConfig', { kind: kindOf(uri.path), text, path, root, presets });
  }

  private forget(uri: vscode.Uri): void {
    clearTimeout(this.due.get(uri.toString()));
    this.due.delete(uri.toString());
    this.found.delete(uri.toString());
    this.shown.delete(uri);
  }
}

/** Returns a warning at the top of a config that could not be checked, such as a sweep without its base config. */
const unchecked = ({ message }: Error): ConfigMistake[] => [
  { severity: 'warning', code: 'not-checked', message: `Not checked: ${message}`, line: 0, from: 0, to: 1 },
];

const rangeOf = (document: vscode.TextDocument, { from, to }: { from: number; to: number }): vscode.Range =>
  new vscode.Range(document.positionAt(from), document.positionAt(to));

const KINDS = {
  field: vscode.CompletionItemKind.Property,
  section: vscode.CompletionItemKind.Module,
  value: vscode.CompletionItemKind.EnumMember,
};

function completionItem(completion: Completion, place: number, range: vscode.Range): vscode.CompletionItem {
  const { label, kind, snippet, detail, about, next } = completion;
  const item = new vscode.CompletionItem({ label, description: detail }, KINDS[kind]);
  item.insertText = new vscode.SnippetString(snippet);
  item.documentation = new vscode.MarkdownString(about);
  item.range = range;
  // Sort in the order of the schema, which the documentation also uses.
  item.sortText = String(place).padStart(3, '0');
  if (next) item.command = { command: 'editor.action.triggerSuggest', title: 'Suggest' };
  return item;
}

/** Returns completion items for the data files of the workspace, as paths relative to the config. */
async function dataFiles(config: vscode.Uri, range: vscode.Range): Promise<vscode.CompletionItem[]> {
  if (config.scheme !== 'file') return [];
  const files = await vscode.workspace.findFiles('**/*.qa.jsonl', '**/{node_modules,runs,.*}/**', 200);
  return files.map(({ fsPath }) => {
    const path = relative(dirname(config.fsPath), fsPath).split(sep).join('/');
    const item = new vscode.CompletionItem(path, vscode.CompletionItemKind.File);
    item.range = range;
    item.sortText = `~${path}`;
    return item;
  });
}

const diagnosticOf = (mistake: ConfigMistake): vscode.Diagnostic => {
  const { line, from, to, message } = mistake;
  return diagnosticAt(new vscode.Range(line, from, line, to), mistake, message);
};

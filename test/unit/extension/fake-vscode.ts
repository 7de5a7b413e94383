// Stands in for the module `vscode` in unit tests: as much of it as the extension uses, with what it did on record.

import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { beforeEach } from 'vitest';

export class Uri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
    readonly query = '',
  ) {}
  static from = ({ scheme, path, query }: { scheme: string; path: string; query?: string }) =>
    new Uri(scheme, path, query);
  static file = (path: string) => new Uri('file', path);
  static parse = (text: string) => new Uri(text.split(':')[0]!, text.slice(text.indexOf(':') + 1));
  static joinPath = (base: Uri, ...parts: string[]) => new Uri(base.scheme, posix.join(base.path, ...parts));
  get fsPath() {
    return this.path;
  }
  toString() {
    return `${this.scheme}:${this.path}`;
  }
}

export class EventEmitter<T> {
  private readonly listeners = new Set<(event: T) => unknown>();
  readonly event = (listener: (event: T) => unknown) => {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  };
  fire(event: T) {
    for (const listener of this.listeners) listener(event);
  }
  dispose() {
    this.listeners.clear();
  }
  get size() {
    return this.listeners.size;
  }
}

export const FileType = { File: 1, Directory: 2 };

export class CancellationTokenSource {
  private readonly emitter = new EventEmitter<undefined>();
  readonly token = { isCancellationRequested: false, onCancellationRequested: this.emitter.event };
  cancel() {
    this.token.isCancellationRequested = true;
    this.emitter.fire(undefined);
  }
}

export class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}
export class Range {
  constructor(
    readonly line: number,
    readonly from: number,
    readonly endLine: number,
    readonly to: number,
  ) {}
  /** Enough for ranges within a line. */
  intersection(other: Range) {
    return other.line === this.line && other.from <= this.to && this.from <= other.to ? this : undefined;
  }
}
export const CodeActionKind = { QuickFix: 'quickfix' };
export class CodeAction {
  edit?: WorkspaceEdit;
  constructor(
    readonly title: string,
    readonly kind: string,
  ) {}
}
export class WorkspaceEdit {
  readonly replaced: [Uri, Range, string][] = [];
  replace(uri: Uri, range: Range, text: string) {
    this.replaced.push([uri, range, text]);
  }
}
export class RelativePattern {
  constructor(
    readonly base: Uri,
    readonly pattern: string,
  ) {}
}
export class Diagnostic {
  source?: string;
  code?: string;
  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: number,
  ) {}
}
export class ThemeColor {
  constructor(readonly id: string) {}
}
export class ThemeIcon {
  static File = new ThemeIcon('file');
  constructor(
    readonly id: string,
    readonly color?: ThemeColor,
  ) {}
}
export class TreeItem {
  constructor(
    readonly label: string,
    readonly collapsibleState = 0,
  ) {}
}
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const StatusBarAlignment = { Left: 1 };
export class MarkdownString {
  value = '';
  appendMarkdown(text: string) {
    this.value += text;
    return this;
  }
  /** As VS Code does: nothing in it means anything to Markdown. */
  appendText(text: string) {
    return this.appendMarkdown(text.replace(/[\\`*_{}[\]()#+\-!~<>|]/g, '\\$&'));
  }
}
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const DiagnosticSeverity = { Error: 0, Warning: 1 };
export const ViewColumn = { One: 1, Active: -1, Beside: -2 };
export const TextEditorSelectionChangeKind = { Keyboard: 1, Mouse: 2, Command: 3 };
export const TextEditorRevealType = { InCenterIfOutsideViewport: 2 };
export class Selection {
  readonly active: Position;
  constructor(
    readonly anchor: Position,
    active: Position,
  ) {
    this.active = active;
  }
}
export const ProgressLocation = { Notification: 15 };
export const QuickInputButtons = { Back: { tooltip: 'Back' } };
export const TaskRevealKind = { Silent: 2 };
export const TabInputText = Object;
export const TabInputCustom = Object;
export class TabInputWebview {
  constructor(readonly viewType: string) {}
}

export class LanguageModelChatMessage {
  private constructor(
    readonly role: 'user' | 'assistant',
    readonly content: string,
  ) {}
  static User = (content: string) => new LanguageModelChatMessage('user', content);
  static Assistant = (content: string) => new LanguageModelChatMessage('assistant', content);
}
/** Language models that VS Code offers; tests put theirs in. */
export const lm = {
  models: [] as unknown[],
  selectChatModels: () => Promise.resolve(lm.models),
  provider: null as McpProvider | null,
  registerMcpServerDefinitionProvider(_id: string, provider: McpProvider) {
    lm.provider = provider;
    return { dispose: () => (lm.provider = null) };
  },
};
interface McpProvider {
  provideMcpServerDefinitions(): McpStdioServerDefinition[];
  resolveMcpServerDefinition(server: McpStdioServerDefinition): Promise<McpStdioServerDefinition>;
}
export class McpStdioServerDefinition {
  env: Record<string, string> = {};
  constructor(
    readonly label: string,
    public command: string,
    public args: string[],
  ) {}
}

/** What the extension registered and asked for. */
export const record = {
  commands: new Map<string, (...args: unknown[]) => unknown>(),
  serializers: [] as string[],
  customEditors: [] as string[],
  /** Documents that were shown. */
  statusBarItem: null as unknown,
  shown: [] as Uri[],
  /** Patterns that are watched. */
  watched: [] as unknown[],
  diagnostics: new Map<string, Diagnostic[]>(),
  treeViews: new Map<string, { badge?: unknown; message?: string }>(),
  /** What the status bar shows; null while the item is hidden. */
  statusBar: null as string | null,
  /** Temporary messages in the status bar. */
  statusBarMessages: [] as string[],
  context: {} as Record<string, unknown>,
  executed: [] as unknown[][],
  /** Messages that were shown, with their buttons. */
  messages: [] as { kind: string; text: string; buttons: string[] }[],
};

/** Answer to a list or a text that presses Back; without an answer, a person presses Escape. */
export const BACK = 'Back';

const escapes = {
  /** Labels in lines, where several may be picked. */
  pick: (() => undefined) as (
    placeHolder: string,
    labels: string[],
  ) => string | undefined | Promise<string | undefined>,
  type: (() => undefined) as (prompt: string, value?: string) => string | undefined,
  save: (suggested: Uri): Uri | undefined => suggested,
  open: (() => undefined) as (title: string) => Uri[] | undefined,
  press: (() => undefined) as (message: string, buttons: string[]) => string | undefined,
};
/** How tests answer what a person is asked, by its words and what can be chosen. */
export const person = { ...escapes };

export const env: { remoteName: string | undefined } = { remoteName: undefined };

export const commands = {
  registerCommand(id: string, run: (...args: unknown[]) => unknown) {
    record.commands.set(id, run);
    return { dispose: () => record.commands.delete(id) };
  },
  executeCommand(id: string, ...args: unknown[]) {
    record.executed.push([id, ...args]);
    if (id === 'setContext') record.context[args[0] as string] = args[1];
    return Promise.resolve();
  },
};

export const CompletionItemKind = { Module: 8, Property: 9, File: 16, EnumMember: 19 };
export const extensions = { getExtension: () => undefined, onDidChange: new EventEmitter<void>().event };

const registered = () => ({ dispose: () => undefined });

export const languages = {
  registerCompletionItemProvider: registered,
  registerHoverProvider: registered,
  registerCodeLensProvider: registered,
  registerCodeActionsProvider: registered,
  match: (_selector: unknown, { uri }: Document) => (uri.path.endsWith('.run.yaml') ? 10 : 0),
  createDiagnosticCollection: () => ({
    set: (uri: Uri, list: Diagnostic[]) => void record.diagnostics.set(uri.toString(), list),
    delete: (uri: Uri) => void record.diagnostics.delete(uri.toString()),
    dispose: () => record.diagnostics.clear(),
  }),
};

/** Events that tests fire. */
export const events = {
  opened: new EventEmitter<Document>(),
  changed: new EventEmitter<{ document: Document; contentChanges: unknown[] }>(),
  closed: new EventEmitter<Document>(),
  fileCreated: new EventEmitter<Uri>(),
  fileChanged: new EventEmitter<Uri>(),
  fileDeleted: new EventEmitter<Uri>(),
  trusted: new EventEmitter<unknown>(),
  selected: new EventEmitter<{ textEditor: unknown; kind: number | undefined }>(),
  activeEditor: new EventEmitter<unknown>(),
  folders: new EventEmitter<undefined>(),
  configured: new EventEmitter<{ affectsConfiguration(section: string): boolean }>(),
  tabs: new EventEmitter<{ closed: unknown[] }>(),
};

export interface Document {
  uri: Uri;
  languageId: string;
  lineCount?: number;
  getText(): string;
}

const never = new EventEmitter<unknown>();

export const TaskScope = { Workspace: 2 };
export const TaskPanelKind = { Dedicated: 2 };
export class ProcessExecution {
  constructor(readonly process: string) {}
}
export class Task {
  presentationOptions: { reveal?: number } = {};
  constructor(
    readonly definition: unknown,
    readonly scope: unknown,
    readonly name: string,
  ) {}
}
/** Tasks run until a test ends them. */
export const tasks = {
  ended: new EventEmitter<{ execution: unknown }>(),
  processEnded: new EventEmitter<{ execution: unknown; exitCode: number }>(),
  registerTaskProvider: () => ({ dispose: () => undefined }),
  executeTask: (task: Task) => Promise.resolve(task),
  get onDidEndTask() {
    return tasks.ended.event;
  },
  get onDidEndTaskProcess() {
    return tasks.processEnded.event;
  },
  end(execution: unknown, exitCode: number) {
    tasks.processEnded.fire({ execution, exitCode });
    tasks.ended.fire({ execution });
  },
};

export const Disposable = {
  from: (...all: { dispose(): unknown }[]) => ({ dispose: () => all.forEach((each) => each.dispose()) }),
};

export const workspace = {
  save: () => Promise.resolve(undefined),
  openTextDocument: (): Promise<Document> => Promise.reject(new Error('no such file')),
  textDocuments: [] as Document[],
  getWorkspaceFolder: () => undefined,
  onDidOpenTextDocument: events.opened.event,
  onDidChangeTextDocument: events.changed.event,
  onDidSaveTextDocument: never.event,
  onDidCloseTextDocument: events.closed.event,
  workspaceFolders: undefined as { uri: Uri }[] | undefined,
  onDidChangeWorkspaceFolders: events.folders.event,
  isTrusted: true,
  files: [] as Uri[],
  /** Of a glob, only the endings count. */
  findFiles: (glob: string | { pattern: string }) => {
    const [, list, one] =
      /\*\.?(?:\{(.*)\}|([^*/]*))$/.exec(typeof glob === 'string' ? glob : glob.pattern) ?? [];
    const endings = (list ?? one ?? '').split(',');
    return Promise.resolve(workspace.files.filter(({ path }) => endings.some((each) => path.endsWith(each))));
  },
  asRelativePath: (place: Uri | string) => {
    const path = typeof place === 'string' ? place : place.path;
    const folder = workspace.workspaceFolders?.find(({ uri }) => path.startsWith(`${uri.path}/`));
    return folder ? path.slice(folder.uri.path.length + 1) : path;
  },
  onDidGrantWorkspaceTrust: events.trusted.event,
  onDidChangeConfiguration: events.configured.event,
  /** Values of a person's settings by their full name. */
  settings: {} as Record<string, unknown>,
  /** Those of the folder, which go before. */
  folderSettings: {} as Record<string, unknown>,
  getConfiguration: (section: string) => ({
    get: <T>(name: string, fallback: T) =>
      (workspace.folderSettings[`${section}.${name}`] ??
        workspace.settings[`${section}.${name}`] ??
        fallback) as T,
    inspect: (name: string) => ({ globalValue: workspace.settings[`${section}.${name}`] }),
  }),
  fs: {
    isWritableFileSystem: () => true,
    stat: async ({ fsPath }: Uri) => {
      const isFolder = (await stat(fsPath)).isDirectory();
      return { type: isFolder ? FileType.Directory : FileType.File };
    },
    writeFile: ({ fsPath }: Uri, bytes: Uint8Array) => writeFile(fsPath, bytes),
    rename: (from: Uri, to: Uri) => rename(from.fsPath, to.fsPath),
    delete: ({ fsPath }: Uri, options: { recursive: boolean }) => rm(fsPath, options),
  },
  registerTextDocumentContentProvider: registered,
  createFileSystemWatcher: (pattern: unknown) => {
    record.watched.push(pattern);
    const glob = typeof pattern === 'string' ? pattern : (pattern as { pattern: string }).pattern;
    const isOfRuns = glob.includes('/runs/');
    return {
      // Only what lies in a folder of runs is created where a pattern names it.
      onDidCreate: (listener: (uri: Uri) => unknown) =>
        events.fileCreated.event((uri) => (!isOfRuns || uri.path.includes('/runs/')) && listener(uri)),
      onDidChange: events.fileChanged.event,
      onDidDelete: events.fileDeleted.event,
      dispose: () => record.watched.splice(record.watched.indexOf(pattern), 1),
    };
  },
};

const shows =
  (kind: string) =>
  (text: string, ...buttons: string[]) => {
    record.messages.push({ kind, text, buttons });
    return Promise.resolve(person.press(text, buttons));
  };

/** What VS Code keeps over reloads of the window. */
export function fakeContext(stored: Record<string, unknown> = {}) {
  const workspaceState = {
    get: (key: string, fallback: unknown) => stored[key] ?? fallback,
    update: (key: string, value: unknown) => Promise.resolve(void (stored[key] = structuredClone(value))),
  };
  return { extensionUri: Uri.file('/ext'), workspaceState, stored };
}

/** What notifications with progress said; tests cancel by the token. */
export const notification = { title: '', messages: [] as string[], token: new CancellationTokenSource() };

export const window = {
  showInformationMessage: shows('information'),
  showWarningMessage: shows('warning'),
  showErrorMessage: shows('error'),
  async showQuickPick<T extends { label: string }>(
    from: T[] | Promise<T[]>,
    { placeHolder, canPickMany }: { placeHolder: string; canPickMany?: boolean },
  ) {
    const items = await from;
    const label = await person.pick(
      placeHolder,
      items.map((item) => item.label),
    );
    if (label === BACK) return { label } as T;
    if (canPickMany) return label && items.filter((item) => label.split('\n').includes(item.label));
    return items.find((item) => item.label === label);
  },
  /** A list that answers as `showQuickPick`. */
  createQuickPick<T extends { label: string; picked?: boolean }>() {
    const on = { accept: [] as (() => void)[], button: [] as (() => void)[], hide: [] as (() => void)[] };
    let asked = false;
    const pick = {
      placeholder: '',
      canSelectMany: false,
      activeItems: [] as readonly T[],
      selectedItems: [] as readonly T[],
      all: [] as readonly T[],
      get items() {
        return pick.all;
      },
      set items(items: readonly T[]) {
        pick.all = items;
        if (asked) return;
        asked = true;
        // The preselection follows the items.
        setTimeout(() => void answer());
      },
      onDidAccept: (listener: () => void) => on.accept.push(listener),
      onDidTriggerButton: (listener: () => void) => on.button.push(listener),
      onDidHide: (listener: () => void) => on.hide.push(listener),
      show: () => undefined,
      dispose: () => undefined,
    };
    const answer = async () => {
      const { placeholder: placeHolder, canSelectMany: canPickMany, selectedItems, activeItems } = pick;
      const preselected = [...selectedItems, ...activeItems];
      const items = pick.all.map((item) => ({ ...item, picked: preselected.includes(item) }));
      const picked = await window.showQuickPick(items, { placeHolder, canPickMany });
      if (picked === undefined || picked === '') return on.hide.forEach((listener) => listener());
      const labels = [picked].flat().map(({ label }) => label);
      if (labels[0] === BACK) return on.button.forEach((listener) => listener());
      pick.selectedItems = pick.activeItems = pick.all.filter(({ label }) => labels.includes(label));
      on.accept.forEach((listener) => listener());
      // A list that stays open with a message asks again.
      if (pick.placeholder !== placeHolder) void answer();
    };
    return pick;
  },
  createInputBox() {
    const on = { accept: [] as (() => void)[], button: [] as (() => void)[], hide: [] as (() => void)[] };
    const box = {
      prompt: '',
      value: '',
      validationMessage: '',
      onDidChangeValue: () => undefined,
      onDidAccept: (listener: () => void) => on.accept.push(listener),
      onDidTriggerButton: (listener: () => void) => on.button.push(listener),
      onDidHide: (listener: () => void) => on.hide.push(listener),
      show() {
        const text = person.type(box.prompt, box.value);
        const event = text === undefined ? 'hide' : text === BACK ? 'button' : 'accept';
        box.value = text ?? '';
        on[event].forEach((listener) => listener());
      },
      dispose: () => undefined,
    };
    return box;
  },
  showTextDocument: (shown: Uri | Document) =>
    Promise.resolve(void record.shown.push('uri' in shown ? shown.uri : shown)),
  showInputBox: ({ prompt }: { prompt: string }) => Promise.resolve(person.type(prompt)),
  showSaveDialog: ({ defaultUri }: { defaultUri: Uri }) => Promise.resolve(person.save(defaultUri)),
  showOpenDialog: ({ title }: { title: string }) => Promise.resolve(person.open(title)),
  withProgress<T>({ title }: { title: string }, work: (progress: object, token: object) => T) {
    notification.title = title;
    const report = ({ message }: { message: string }) => void notification.messages.push(message);
    return work({ report }, notification.token.token);
  },
  tabGroups: {
    activeTabGroup: { activeTab: undefined as unknown, tabs: [] as unknown[] },
    all: [] as { tabs: unknown[] }[],
    onDidChangeTabs: events.tabs.event,
    close(tab: unknown) {
      for (const group of window.tabGroups.all) group.tabs = group.tabs.filter((other) => other !== tab);
      events.tabs.fire({ closed: [tab] });
      return Promise.resolve(true);
    },
  },
  createTreeView(id: string) {
    const view: { badge?: unknown; dispose(): void } & Record<string, unknown> = {
      onDidChangeVisibility: never.event,
      dispose: () => void record.treeViews.delete(id),
    };
    record.treeViews.set(id, view);
    return view;
  },
  registerFileDecorationProvider: () => registered(),
  setStatusBarMessage(text: string) {
    record.statusBarMessages.push(text);
    return registered();
  },
  createStatusBarItem() {
    const item = {
      text: '',
      show: () => (record.statusBar = item.text),
      hide: () => (record.statusBar = null),
      dispose: () => (record.statusBar = null),
    };
    record.statusBarItem = item;
    return item;
  },
  onDidChangeTextEditorSelection: events.selected.event,
  visibleTextEditors: [] as { document: { uri: Uri } }[],
  activeTextEditor: undefined as unknown,
  createWebviewPanel: (...where: unknown[]) => ({
    where,
    visible: true,
    title: '',
    reveal: () => undefined,
    webview: { asWebviewUri: (uri: Uri) => uri, onDidReceiveMessage: never.event },
    onDidChangeViewState: never.event,
    onDidDispose: never.event,
  }),
  onDidChangeActiveTextEditor: events.activeEditor.event,
  registerWebviewPanelSerializer(type: string) {
    record.serializers.push(type);
    return { dispose: () => undefined };
  },
  registerCustomEditorProvider(type: string) {
    record.customEditors.push(type);
    return { dispose: () => undefined };
  },
};

const { openTextDocument } = workspace;
/** Each test begins with an empty window, in which nobody presses, types or picks. */
beforeEach(() => {
  Object.assign(person, escapes);
  Object.assign(record, { shown: [], executed: [], messages: [] });
  Object.assign(notification, { title: '', messages: [], token: new CancellationTokenSource() });
  Object.assign(window, { visibleTextEditors: [], activeTextEditor: undefined });
  Object.assign(workspace, {
    openTextDocument,
    textDocuments: [],
    files: [],
    settings: {},
    folderSettings: {},
  });
  Object.assign(workspace, { workspaceFolders: undefined, isTrusted: true });
  lm.models = [];
});

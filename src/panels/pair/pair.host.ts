import * as vscode from 'vscode';
import {
  pairCalls,
  pairMemory,
  type PairCommand,
  type PairHost,
  type PairMemory,
  type PairPage,
  type PairState,
} from './pair.contract.ts';
import { Turns } from '../../base/turns.ts';
import {
  atLine,
  imageFolders,
  isDataFile,
  nameOf,
  pictureOf,
  titleOf,
  openDocument,
  visibleEditor,
} from '../host/data-files.host.ts';
import { openKeybindings } from '../page.host.ts';
import { HostedPanel, PanelSet, type PanelContext, type KeyedPanel, type Seat } from '../panel-set.host.ts';
import type { Looking } from '../playground/loaded-models.host.ts';
import type { FoundRow } from '../data-rows.reads.ts';
import type { Service } from '../service.host.ts';

/** Row to show, identified by its file and line (from 1). */
interface Subject {
  uri: vscode.Uri;
  line: number;
}

type RowAddress = Pick<PairMemory, 'uri' | 'line'>;

/** Returns the only Pair panel. */
export const pairPanels = (context: PanelContext, service: Service, looking: Looking) =>
  new PanelSet<PairPanel, RowAddress, PairMemory>(context, {
    viewType: 'chirality.pair',
    memory: pairMemory,
    make: (seat, where) => new PairPanel(seat, service, looking, where),
    column: () => ({ viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }),
    blank: { uri: null, line: 1 },
  });

export type PairPanels = ReturnType<typeof pairPanels>;

/**
 * Pair panel: the row under the cursor and its mirror, side by side. The panel follows the cursor through all data
 * files. VS Code discards the hidden page; when shown again, the page restarts with the latest state.
 */
export class PairPanel extends HostedPanel<PairPage> implements KeyedPanel<RowAddress> {
  private subject: Subject | null = null;
  private state: PairState | null = null;
  private readonly moves = new Turns();
  /** Lines to which `move` sent a cursor and that the editor has not reported yet. */
  private sent: number[] = [];
  private loading = false;
  private outdated = false;
  /** Whether the panel had the focus at the last report of its state. */
  private active: boolean;

  constructor(
    seat: Seat<PairMemory>,
    private readonly service: Service,
    private readonly looking: Looking,
    where: RowAddress,
  ) {
    super(seat, 'pair', pairCalls);
    const { panel } = seat;
    this.active = panel.active;
    this.owned.push(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor, kind }) => {
        if (!this.isEcho(textEditor, kind)) this.follow(textEditor);
      }),
      // While the panel has the focus, an editor can become active only because the window is being restored.
      vscode.window.onDidChangeActiveTextEditor((editor) => editor && !panel.active && this.follow(editor)),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const shown = this.subject?.uri.toString() === document.uri.toString();
        if (shown && contentChanges.length > 0) void this.load();
      }),
      panel.onDidChangeViewState(() => {
        const editor = vscode.window.activeTextEditor;
        if (this.active && !panel.active && editor) this.follow(editor);
        this.active = panel.active;
        if (panel.visible) void this.load(); // Apply changes that were ignored while the panel was hidden.
      }),
    );
    void this.show(where);
  }

  /** Data file that contains the displayed row. */
  get file(): vscode.Uri | undefined {
    return this.subject?.uri;
  }

  /** Displayed row, if the panel has the focus; otherwise null. */
  get row(): Subject | null {
    return this.panel.active ? this.subject : null;
  }

  show({ uri, line }: RowAddress): Promise<void> {
    this.subject = uri === null ? null : { uri: vscode.Uri.parse(uri), line };
    return this.load();
  }

  /** Moves the panel by `by` rows, together with the cursor if the file is open in an editor. */
  move(by: number): Promise<void> {
    // Run steps in sequence, so that the second of two quick steps starts where the first step ended.
    return this.moves.run(() => this.step(by));
  }

  private async step(by: number): Promise<void> {
    if (!this.subject) return;
    const { uri } = this.subject;
    const row = await this.find(this.subject, by).catch(() => null); // `load` reports the reason for the failure.
    if (row) this.subject = { uri, line: row.line };
    const editor = visibleEditor(uri);
    if (row && editor) {
      const start = new vscode.Position(row.line - 1, 0);
      this.sent.push(row.line);
      editor.selection = new vscode.Selection(start, start);
      editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    }
    await this.load();
  }

  async openRow(): Promise<void> {
    if (!this.subject) return;
    const { uri, line } = this.subject;
    const column = visibleEditor(uri)?.viewColumn ?? vscode.ViewColumn.One;
    // `vscode.open` also opens files that are too large for documents of extensions.
    await vscode.commands.executeCommand('vscode.open', uri, atLine(line, column));
  }

  command(name: PairCommand): void {
    this.page.notify('command', { name });
  }

  protected readonly host: PairHost = {
    ready: () => this.state && this.page.notify('show', this.state),
    move: ({ by }) => void this.move(by),
    openRow: () => void this.openRow(),
    openKeybindings: () => openKeybindings('pair'),
    image: ({ uri, ref }) => {
      const shown = this.subject?.uri;
      if (shown?.toString() !== uri) throw new Error('The panel shows a different file now. Try again.');
      return pictureOf(this.service, shown, ref);
    },
    look: ({ uri, line, queries, choose }, call) => {
      const { state } = this;
      const place =
        state?.kind === 'row' && state.uri === uri && state.line === line
          ? imageFolders(vscode.Uri.parse(uri))
          : null;
      if (state?.kind !== 'row' || !place || !state.row.sample)
        throw new Error('The panel shows a different row now. Try again.');
      const { sample, mirror } = state.row;
      return this.looking.look({ sample, mirror, place, queries, strategy: null }, choose, call);
    },
  };

  /**
   * Returns whether a cursor event only confirms a `move`. The event can arrive after the next move, so following it
   * would move back. The user's own key press or click ends the wait for confirming events.
   */
  private isEcho(editor: vscode.TextEditor, kind: vscode.TextEditorSelectionChangeKind | undefined): boolean {
    const { Keyboard, Mouse } = vscode.TextEditorSelectionChangeKind;
    if (kind === Keyboard || kind === Mouse) {
      this.sent = [];
      return false;
    }
    const at = this.sent.indexOf(editor.selection.active.line + 1);
    this.sent.splice(0, at + 1); // One event can confirm several moves.
    return at >= 0;
  }

  private follow(editor: vscode.TextEditor): void {
    const { document, selection } = editor;
    // VS Code can report an editor as active although the panel has the focus, so this test alone does not decide which
    // one is followed.
    if (!isDataFile(document) || editor !== vscode.window.activeTextEditor) return;
    const line = selection.active.line + 1;
    if (this.subject?.line === line && this.subject.uri.toString() === document.uri.toString()) return;
    this.subject = { uri: document.uri, line };
    void this.load();
  }

  /** Shows the current row. Combines requests that arrive during a load into one. */
  private async load(): Promise<void> {
    this.outdated = true;
    if (this.loading) return;
    this.loading = true;
    while (this.outdated) {
      this.outdated = false;
      const { subject } = this;
      const state = await this.describe(subject);
      if (this.closed) return;
      if (subject !== this.subject) continue;
      this.state = state;
      this.panel.title = subject ? `Pair: ${titleOf(subject.uri)}` : 'Pair';
      this.page.notify('show', state);
    }
    this.loading = false;
  }

  private async describe(subject: Subject | null): Promise<PairState> {
    if (!subject) {
      const detail = 'Open a *.qa.jsonl file and place the cursor on a row.';
      return { kind: 'message', uri: null, title: 'No row', detail };
    }
    const uri = subject.uri.toString();
    const name = nameOf(subject.uri);
    try {
      const place = await this.find(subject, 0);
      if (!place) return { kind: 'message', uri, title: 'No rows', detail: `${name} is empty.` };
      const { text, line, lines } = place;
      const row = await this.service.call('readRow', { text, place: imageFolders(subject.uri) });
      return { kind: 'row', uri, name, line, lines, row };
    } catch (error) {
      return { kind: 'message', uri, title: `Cannot read ${name}`, detail: (error as Error).message };
    }
  }

  private async find({ uri, line }: Subject, by: number): Promise<FoundRow | null> {
    const document =
      openDocument(uri) ?? (uri.scheme === 'file' ? undefined : await vscode.workspace.openTextDocument(uri));
    return document
      ? findInDocument(document, line, by)
      : this.service.call('findRow', { path: uri.fsPath, line, by });
  }
}

/** Properties of a text document that the search uses. */
interface Lines {
  lineCount: number;
  lineAt(line: number): { text: string; isEmptyOrWhitespace: boolean };
}

/**
 * Returns the row at a line (from 1), or the next row below, moved by up to `by` rows; null in an empty document. The
 * service's `findRow` does the same for files.
 */
export function findInDocument(document: Lines, line: number, by: number): FoundRow | null {
  const isRow = (n: number) => !document.lineAt(n - 1).isEmptyOrWhitespace;
  /** Returns the first row from `start` on, in steps of 1 or -1; null if there is no row. */
  const seek = (start: number, step: number): number | null => {
    for (let n = start; n >= 1 && n <= document.lineCount; n += step) if (isRow(n)) return n;
    return null;
  };
  const last = seek(document.lineCount, -1);
  if (last === null) return null;
  let at = Math.min(seek(Math.max(line, 1), 1) ?? last, last);
  for (let left = Math.abs(by); left > 0; left--) at = seek(at + Math.sign(by), Math.sign(by)) ?? at;
  return { line: at, lines: last, text: document.lineAt(at - 1).text };
}

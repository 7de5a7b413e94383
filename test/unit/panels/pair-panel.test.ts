import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type PairPanel, pairPanels, type PairPanels } from '../../../src/panels/pair/pair.host.ts';
import { fakePanel } from './fake-panel.ts';
import {
  events,
  fakeContext,
  Position,
  TextEditorSelectionChangeKind,
  Uri,
  window,
  workspace,
} from '../extension/fake-vscode.ts';

const { Keyboard, Command } = TextEditorSelectionChangeKind;
const LINES = 9;

/** An editor of a data file with rows 1 to 9. VS Code reports its cursor when the test says so. */
function openEditor() {
  const document = {
    uri: Uri.file('/rows.qa.jsonl'),
    languageId: 'qa-jsonl',
    lineCount: LINES,
    getText: () => '',
    lineAt: (line: number) => ({ text: `row ${line + 1}`, isEmptyOrWhitespace: false }),
  };
  const sent: number[] = [];
  const editor = {
    document,
    set selection(selection: { active: Position }) {
      sent.push(selection.active.line + 1);
    },
    revealRange: () => undefined,
  };
  const editorAt = (line: number): unknown =>
    Object.create(editor, { selection: { value: { active: new Position(line - 1, 0) } } });
  /** As VS Code does when the panel got the focus a moment ago: it still calls the editor active. */
  const report = (line: number, kind: number | undefined) => {
    const textEditor = editorAt(line);
    window.activeTextEditor = textEditor;
    events.selected.fire({ textEditor, kind });
  };
  /** The cursor's line, of the editor that VS Code calls active from now on. */
  const activate = (line: number) => {
    window.activeTextEditor = editorAt(line);
    events.activeEditor.fire(window.activeTextEditor);
  };
  return { document, editor, sent, report, activate };
}

describe('row of the Pair panel', () => {
  let panels: PairPanels;
  let panel: PairPanel;
  let shown: string[];
  let opened: ReturnType<typeof openEditor>;
  let fake: ReturnType<typeof fakePanel>;

  beforeEach(async () => {
    shown = [];
    const service = {
      call: (name: string, { text }: { text: string }) => {
        if (name === 'readRow') shown.push(text);
        return Promise.resolve({});
      },
    };
    opened = openEditor();
    workspace.textDocuments = [opened.document];
    window.visibleTextEditors = [opened.editor];
    vi.spyOn(window, 'createWebviewPanel').mockReturnValue((fake = fakePanel()).panel as never);
    panels = pairPanels(
      fakeContext() as never,
      service as never,
      { look: () => Promise.resolve(null) } as never,
    );
    panel = await panels.open({ uri: opened.document.uri.toString(), line: 2 });
    await expect.poll(() => shown).toEqual(['row 2']);
  });
  afterEach(() => {
    panels.dispose();
    vi.restoreAllMocks();
  });

  const report: typeof opened.report = (...args) => opened.report(...args);

  test('the Pair panel follows the last step, even if the editor reports steps late', async () => {
    await panel.move(1);
    await panel.move(1);
    report(3, Command);
    await panel.move(1);
    report(4, Command);
    await panel.move(-1);
    for (const line of [5, 4]) report(line, Command);
    await panel.move(0);
    expect(opened.sent).toEqual([3, 4, 5, 4, 4]);
    expect(shown.at(-1)).toBe('row 4');
  });

  test('follows the cursor of the user, and of commands that move the cursor, at once', async () => {
    await panel.move(1);
    report(3, Command);
    report(7, Keyboard);
    await panel.move(0);
    expect(shown.at(-1)).toBe('row 7');
    report(9, Command); // Go to Line
    await panel.move(0);
    expect(shown.at(-1)).toBe('row 9');
  });

  test('follows the user even if the report of a step never arrives', async () => {
    await panel.move(1);
    report(5, Keyboard);
    report(3, Command);
    await panel.move(0);
    expect(shown.at(-1)).toBe('row 3');
  });

  test('stays while an editor is restored, and follows the cursor of a focused editor', async () => {
    opened.activate(6);
    await panel.move(0);
    expect(shown.at(-1)).toBe('row 2');
    fake.focus(false);
    await expect.poll(() => shown.at(-1)).toBe('row 6');
    opened.activate(8); // another editor, while the focus is not in the panel
    await expect.poll(() => shown.at(-1)).toBe('row 8');
  });
});

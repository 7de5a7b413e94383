import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
  mkdirSync,
  utimesSync,
} from 'node:fs';
import { resolve, join } from 'node:path';
import fc from 'fast-check';
import { expect, afterAll, beforeEach, test, vi } from 'vitest';
import { AnnotationEditor } from '../../../src/panels/annotate/annotate.host.ts';
import type { AnnotatedDocument, Change } from '../../../src/panels/annotate/annotate-document.host.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { fakePanel } from './fake-panel.ts';
import { Uri, events, record } from '../extension/fake-vscode.ts';
import { isSlow } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';
import { forAllAsync } from '../../support/property.ts';

/**
 * A custom document as VS Code has it (`MainThreadCustomEditorModel`): what can be undone decides whether it is saved,
 * unless the editor said that the content is another.
 */
class VsCodeDocument {
  private edits: Change[] = [];
  private current = -1;
  private saved = -1;
  private contentChanged = false;

  private constructor(
    private readonly editor: AnnotationEditor,
    readonly document: AnnotatedDocument,
    private fromBackup: boolean,
  ) {}

  static async open(service: Service, path: string, backup?: string): Promise<VsCodeDocument> {
    const editor = new AnnotationEditor(Uri.file('/ext') as never, service);
    const document = await editor.openCustomDocument(Uri.file(path) as never, {
      backupId: backup === undefined ? undefined : Uri.file(backup).toString(),
      untitledDocumentData: undefined,
    });
    const model = new VsCodeDocument(editor, document, backup !== undefined);
    editor.onDidChangeCustomDocument((event) => model.change(event as unknown as Partial<Change>));
    editor.resolveCustomEditor(document, fakePanel().panel as never);
    return model;
  }

  get dirty(): boolean {
    if (this.contentChanged) return true;
    return this.edits.length > 0 ? this.saved !== this.current : this.fromBackup;
  }

  async undo(): Promise<void> {
    if (this.current >= 0) await this.edits[this.current--]?.undo();
  }

  async redo(): Promise<void> {
    if (this.current < this.edits.length - 1) await this.edits[++this.current]!.redo();
  }

  async save(): Promise<void> {
    await this.editor.saveCustomDocument(this.document);
    this.contentChanged = this.fromBackup = false;
    this.saved = this.current;
  }

  async revert(): Promise<void> {
    if (!this.dirty) return;
    await this.editor.revertCustomDocument(this.document);
    this.contentChanged = this.fromBackup = false;
    this.current = this.saved;
    this.edits.length = this.current + 1;
  }

  private change(event: Partial<Change>): void {
    if (!event.undo) this.contentChanged = true;
    else this.edits.splice(++this.current, Infinity, event as Change);
  }
}

const action = fc.record({
  do: fc.constantFrom(
    ...(['edit', 'edit', 'type', 'undo', 'undo', 'redo', 'save', 'revert', 'hot exit'] as const),
    ...(['append', 'append', 'rewrite', 'delete', 'look', 'look'] as const),
  ),
  at: fc.nat({ max: 3 }),
});

/** Whatever a person, VS Code and other programs do: rows that are not those of the file never count as saved. */
async function checkDirty(folder: string, runs: number): Promise<void> {
  const service = new Service(resolve('dist/service.cjs'));
  const path = `${folder}/data.qa.jsonl`;
  const backup = `${folder}/backup.json`;
  let serial = 0;
  const row = (id: string) =>
    JSON.stringify({ id, question: `Question ${serial++}?`, answer: 'Yes', images: [] });
  await forAllAsync([fc.array(action, { maxLength: 14 })], { numRuns: runs }, async (actions) => {
    writeFileSync(path, ['a', 'b', 'c'].map((id) => `${row(id)}\n`).join(''));
    let model = await VsCodeDocument.open(service, path);
    for (const { do: what, at } of actions) {
      const { document } = model;
      const disk = existsSync(path) ? readFileSync(path, 'utf8') : null;
      if (what === 'edit') {
        await document.merge();
        const { rows } = document.state();
        await document.splice(Math.min(at, rows), rows > at ? 1 : 0, [row(`new${serial}`)], 'Edit');
      } else if (what === 'type') {
        await document.merge();
        const typed = Math.min(at, document.state().rows - 1);
        if (typed < 0) continue;
        const { id } = JSON.parse((await document.row(typed)).text) as { id: string };
        const put = (value: string) =>
          document.change({
            row: typed,
            id,
            changes: [{ path: ['answer'], value }],
            label: 'Type',
            typing: true,
          });
        // One key before the save, one while it is being written.
        await put(`${serial++}`);
        const saving = model.save();
        await Promise.all([put(`${serial++}`).catch(() => undefined), saving]);
      } else if (what === 'hot exit') {
        if (disk === null && !model.dirty) continue; // there is nothing to open
        await document.backup(backup);
        document.dispose();
        model = await VsCodeDocument.open(service, path, model.dirty ? backup : undefined);
      } else if (what === 'append' && disk !== null) appendFileSync(path, `${row(`theirs${serial}`)}\n`);
      else if (what === 'rewrite' && disk !== null) {
        rmSync(path);
        const lines = disk.split('\n').slice(0, -1);
        lines[at % (lines.length + 1)] = row(`theirs${serial}`);
        writeFileSync(path, `${lines.join('\n')}\n`);
      } else if (what === 'delete') rmSync(path, { force: true });
      else if (what === 'look') await document.merge();
      else if (what === 'undo' || what === 'redo' || what === 'save' || what === 'revert')
        await model[what]();
      if (model.dirty || !existsSync(path)) continue;
      if (await service.call('changedOutside', model.document.opened)) continue;
      await model.document.copy(`${folder}/copy.jsonl`);
      expect(readFileSync(`${folder}/copy.jsonl`, 'utf8')).toBe(readFileSync(path, 'utf8'));
    }
    model.document.dispose();
  });
  await service.dispose();
}

const folder = folderOfTests('chirality-editor-');
const path = join(folder, 'data.qa.jsonl');
const service = new Service(resolve('dist/service.cjs'));
afterAll(() => service.dispose());

const row = (id: string, answer = 'Yes') => JSON.stringify({ id, question: 'Q?', answer, images: [] });
const write = (...rows: string[]) => writeFileSync(path, rows.map((text) => `${text}\n`).join(''));
beforeEach(() => {
  record.messages.length = 0;
  write(row('a'), row('b'));
});
const edit = ({ document }: VsCodeDocument, at: number, text: string) =>
  document.splice(at, 1, [text], 'Edit');

test('property: annotation editor: marks a document unlike its file as dirty', () => {
  const own = join(folder, 'law');
  mkdirSync(own);
  return checkDirty(own, isSlow ? 2000 : 10);
}, 900_000);

test('annotation editor: stays dirty after a merge with external rows, despite any undo', async () => {
  const model = await VsCodeDocument.open(service, path);
  await edit(model, 0, row('a', 'No'));
  appendFileSync(path, `${row('c')}\n`);
  await model.document.merge();
  await model.undo();
  expect(model.dirty).toBe(true);
  await model.save();
  expect(model.dirty).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(`${[row('a', 'No'), row('b'), row('c')].join('\n')}\n`);
  model.document.dispose();
});

test('annotation editor: stays dirty with edits restored from a backup, despite any undo', async () => {
  const before = await VsCodeDocument.open(service, path);
  await edit(before, 0, row('a', 'No'));
  await before.document.backup(join(folder, 'kept.json'));
  before.document.dispose();
  const model = await VsCodeDocument.open(service, path, join(folder, 'kept.json'));
  expect(model.dirty).toBe(true);
  await edit(model, 1, row('b', 'No'));
  await model.undo();
  expect(model.dirty).toBe(true);
  model.document.dispose();
});

test('annotation editor: reports a frozen file, unless it has later changes', async () => {
  const editor = new AnnotationEditor(Uri.file('/ext') as never, service);
  const context = { backupId: undefined, untitledDocumentData: undefined };
  const document = await editor.openCustomDocument(Uri.file(path) as never, context);
  const { panel, sent, ready } = fakePanel<boolean>();
  editor.resolveCustomEditor(document, panel as never);
  const told = () => sent.flatMap(({ name, args }) => (name === 'frozen' ? args : []));
  ready();
  await vi.waitFor(() => expect(told()).toEqual([false]));
  const manifest = join(folder, 'data.frozen.json');
  writeFileSync(manifest, '');
  utimesSync(path, 100, 100);
  events.fileChanged.fire(Uri.file(manifest));
  await vi.waitFor(() => expect(told().at(-1)).toBe(true));
  await document.splice(0, 1, [row('a', 'No')], 'Edit');
  await vi.waitFor(() => expect(told().at(-1)).toBe(false));
  utimesSync(manifest, 50, 50);
  await editor.revertCustomDocument(document);
  await vi.waitFor(() => expect(told().length).toBeGreaterThan(3));
  expect(told().at(-1)).toBe(false);
  rmSync(manifest);
  document.dispose();
});

test('annotation editor: recreates a deleted file on save', async () => {
  const model = await VsCodeDocument.open(service, path);
  await edit(model, 0, row('a', 'No'));
  rmSync(path);
  await model.document.merge();
  await edit(model, 1, row('b', 'No'));
  await model.save();
  expect(readFileSync(path, 'utf8')).toBe(`${[row('a', 'No'), row('b', 'No')].join('\n')}\n`);
  model.document.dispose();
});

test('annotation editor: stores conflicting edits in a .conflict file, even after closing', async () => {
  const beside = join(folder, 'data.conflict.qa.jsonl');
  const model = await VsCodeDocument.open(service, path);
  await edit(model, 0, row('a', 'mine'));
  write(row('a', 'theirs'), row('b'));
  await model.save();
  expect(readFileSync(beside, 'utf8')).toBe(`${row('a', 'mine')}\n`);
  await edit(model, 1, row('b', 'mine'));
  await model.document.backup(join(folder, 'kept.json'));
  model.document.dispose();
  rmSync(path);
  const again = await VsCodeDocument.open(service, path, join(folder, 'kept.json'));
  expect(readFileSync(beside, 'utf8')).toBe(`${row('a', 'mine')}\n${row('b', 'mine')}\n`);
  expect(record.messages.map(({ text, buttons }) => [text, buttons])).toEqual(
    Array(2).fill([
      'Another program changed the same rows of data.qa.jsonl. One of your edits was not applied, but saved to data.conflict.qa.jsonl.',
      ['Open Edits'],
    ]),
  );
  expect(existsSync(path)).toBe(false);
  again.document.dispose();
});

test.each([
  ['{"version":1,"edits":[{"at":', /kept\.json cannot be read: it is not JSON/],
  ['{"version":1,"edits":"none"}', /"edits" must be a list/],
  [null, /does not exist. VS Code saved the edits when the window closed, or the edits are lost/],
])('annotation editor: opens despite the broken backup %j, and preserves the backup', async (text, why) => {
  const backup = join(folder, 'kept.json');
  rmSync(backup, { force: true });
  rmSync(`${backup}.broken`, { force: true });
  if (text !== null) writeFileSync(backup, text);
  const model = await VsCodeDocument.open(service, path, backup);
  expect(model.document.state()).toMatchObject({ rows: 2 });
  expect(record.messages.map(({ kind, text }) => [kind, text])).toEqual([
    ['warning', expect.stringMatching(why)],
  ]);
  if (text !== null) expect(readFileSync(`${backup}.broken`, 'utf8')).toBe(text);
  model.document.dispose();
});

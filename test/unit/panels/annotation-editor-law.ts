import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { AnnotationEditor } from '../../../src/panels/annotate/annotate.host.ts';
import type { AnnotatedDocument, Change } from '../../../src/panels/annotate/annotate-document.host.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { fakePanel } from './fake-panel.ts';
import { Uri } from '../extension/fake-vscode.ts';

/**
 * A custom document as VS Code has it (`MainThreadCustomEditorModel`): what can be undone decides whether it is saved,
 * unless the editor said that the content is another.
 */
export class VsCodeDocument {
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
export async function checkDirty(folder: string, runs: number): Promise<void> {
  const service = new Service(resolve('dist/service.cjs'));
  const path = `${folder}/data.qa.jsonl`;
  const backup = `${folder}/backup.json`;
  let serial = 0;
  const row = (id: string) =>
    JSON.stringify({ id, question: `Question ${serial++}?`, answer: 'Yes', images: [] });
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 14 }), async (actions) => {
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
    }),
    { numRuns: runs },
  );
  await service.dispose();
}

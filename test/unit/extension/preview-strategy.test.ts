import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { Previews, previewStrategy } from '../../../src/extension/commands/preview-strategy.ts';
import { Program } from '../../../src/panels/host/cli-program.host.ts';
import { openStrategy } from '../../../src/lab/strategies.ts';
import { ASKED_ROW } from '../../support/asked-row.ts';
import { chirality, CLI } from '../lab/recipes/cli.ts';
import { person, record, Uri, window, workspace } from './fake-vscode.ts';
import { rowLines } from '../../support/rows.ts';
import { slowly } from '../../support/slow.ts';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as {
  contributes: { languages: { id: string; filenamePatterns: string[] }[] };
};
const { filenamePatterns } = manifest.contributes.languages.find(({ id }) => id === 'chirality-prompts')!;
const PROMPTS = new RegExp(`/${filenamePatterns[0]!.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`);

describe('Preview Strategy', () => {
  let folder: string;
  let program: Program;
  let names: string[];
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chirality preview '));
    const rows = [ASKED_ROW, { ...ASKED_ROW, id: 'two', images: ['a.png', 'b.png'] }];
    writeFileSync(join(folder, 'data.qa.jsonl'), rowLines(rows));
    writeFileSync(join(folder, 'own.strategy.yaml'), 'about: Own.\nstages:\n  only: { user: question }\n');
    program = new Program(CLI);
    const { stdout } = await chirality(folder, 'strategies', '--json');
    names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  });
  beforeEach(() => {
    workspace.settings = { 'chirality.nodePath': process.execPath };
    workspace.files = [Uri.file(join(folder, 'own.strategy.yaml'))];
    record.shown = [];
    record.messages = [];
  });
  afterAll(() => {
    program.dispose();
    workspace.files = [];
    window.visibleTextEditors = [];
    rmSync(folder, { recursive: true });
  });

  /** What is shown of a row, from 1. */
  async function preview(strategy: string, line: number): Promise<string> {
    const uri = Uri.file(join(folder, 'data.qa.jsonl'));
    window.visibleTextEditors = [{ document: { uri }, selection: { active: { line: line - 1 } } } as never];
    person.pick = () => strategy;
    await previewStrategy({ program, panels: { pair: {} } } as unknown as App, uri);
    const shown = record.shown.pop() as Uri;
    expect(shown.path).not.toMatch(/\.jsonl$/); // or its text would be coloured and checked as rows
    expect(shown.path).toMatch(PROMPTS); // or its lines would not be wrapped
    return new Previews(program).provideTextDocumentContent(shown as never);
  }

  test('Preview Strategy shows the prompt of each stage', async () => {
    // One of each shape: a stage or two, without the image, with two images, with exemplars, with a given graph.
    const shapes =
      'blind description-only four-shot given-graph optical-flow scene-graph scene-graph-confidence';
    for (const name of shapes.split(' ')) {
      expect(names).toContain(name);
      const text = await preview(name, name === 'optical-flow' ? 2 : 1);
      const heads = text.split('\n').filter((line) => line.startsWith('── '));
      expect([name, ...heads]).toEqual([
        name,
        ...openStrategy(name).stages.map((stage) => `── ${stage.name}`),
      ]);
      expect(text, name).toContain('Is the cup left of the jug?');
      expect(text.includes('[image a.png]'), name).toBe(!['blind', 'description-only'].includes(name));
    }
    expect(record.messages).toEqual([]);
  });

  test('Preview Strategy shows why a strategy skips a row', async () => {
    expect(await preview('optical-flow', 1)).toBe(
      'optical-flow skips this row: it does not have 2 pictures.\n',
    );
  });

  slowly('Preview Strategy previews strategies of the folder', async () => {
    expect(await preview(join(folder, 'own.strategy.yaml'), 1)).toContain('── only');
  });

  test('Preview Strategy rejects a preview without a row', async () => {
    await previewStrategy({ program, panels: { pair: {} } } as unknown as App);
    expect(record.messages.map(({ text }) => text)).toEqual([
      'Place the cursor on a row of a *.qa.jsonl file first.',
    ]);
  });
});

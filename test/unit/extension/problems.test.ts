import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Problems } from '../../../src/extension/problems.ts';
import type { CheckResult } from '../../../src/panels/problems.reads.ts';
import type { Service } from '../../../src/panels/service.host.ts';
import { DiagnosticSeverity, events, record, Uri, workspace, type Document } from './fake-vscode.ts';

const uri = Uri.file('/data/a.qa.jsonl');
const shown = () => record.diagnostics.get(uri.toString())?.map(({ message }) => message);

/** A document with some text; VS Code knows it from now on. */
function open(text: string): Document {
  const document = { uri, languageId: 'qa-jsonl', lineCount: 1012, getText: () => text };
  workspace.textDocuments.push(document);
  events.opened.fire(document);
  return document;
}

function close(document: Document): void {
  workspace.textDocuments.splice(workspace.textDocuments.indexOf(document), 1);
  events.closed.fire(document);
}

describe('Problems panel', () => {
  let problems: Problems;
  /** What the service was asked, and what it answers: one problem whose message is the text. */
  const asked: string[] = [];
  const service = {
    call: (name: string, { text, path }: { text?: string; path?: string }) => {
      asked.push(name);
      const message = text ?? `disk: ${path}`;
      const problem = { severity: 'warning', code: 'c', message, fix: 'Mend it.', line: 3, from: 1, to: 4 };
      return Promise.resolve({ problems: [problem] } as unknown as CheckResult);
    },
  } as unknown as Service;

  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    problems = new Problems(service);
  });
  afterEach(() => {
    problems.dispose();
    workspace.textDocuments.length = 0;
    vi.useRealTimers();
  });
  const rest = () => vi.advanceTimersByTimeAsync(1000);

  test('shows position, message and fix of each problem in an open document', async () => {
    open('one');
    await rest();
    expect(shown()).toEqual(['one Mend it.']);
    const [diagnostic] = record.diagnostics.get(uri.toString())!;
    expect(diagnostic).toMatchObject({
      code: 'c',
      source: 'chirality',
      severity: DiagnosticSeverity.Warning,
    });
    expect(diagnostic!.range).toMatchObject({ line: 2, from: 1, endLine: 2, to: 4 });
  });

  test('checks a file again after typing stops', async () => {
    const document = open('one');
    await rest();
    for (let i = 0; i < 5; i++) {
      events.changed.fire({ document, contentChanges: [1] });
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(asked).toEqual(['checkText']);
    await rest();
    expect(asked).toEqual(['checkText', 'checkText']);
  });

  test('removes the problems of a closed document', async () => {
    const document = open('one');
    await rest();
    close(document);
    await rest();
    expect(shown()).toBeUndefined();
  });

  test('keeps the problems of a file checked by command until the file is deleted', async () => {
    const document = open('unsaved');
    await problems.check(uri as never, {});
    expect(shown()).toEqual(['unsaved Mend it.']);
    close(document);
    await rest();
    expect(shown()).toEqual(['disk: /data/a.qa.jsonl Mend it.']);
    events.fileChanged.fire(uri);
    await rest();
    expect(asked.at(-1)).toBe('checkFile');
    events.fileDeleted.fire(uri);
    expect(shown()).toBeUndefined();
  });

  test('ignores other languages and older versions', async () => {
    events.opened.fire({ uri, languageId: 'json', getText: () => '{}' });
    events.opened.fire({
      uri: Uri.parse('git:/data/a.qa.jsonl'),
      languageId: 'qa-jsonl',
      getText: () => '{}',
    });
    await rest();
    expect(asked).toEqual([]);
  });

  test('unregisters its listeners on disposal', () => {
    const before = events.opened.size;
    const another = new Problems(service);
    expect(events.opened.size).toBe(before + 1);
    another.dispose();
    expect(events.opened.size).toBe(before);
  });
});

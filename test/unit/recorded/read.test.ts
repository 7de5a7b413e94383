import { mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backup } from '../../../src/core/annotation/edit-session.ts';
import { AnnotatedDocument } from '../../../src/panels/annotate/annotate-document.host.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { Uri } from '../extension/fake-vscode.ts';
import { isRecording, openProject, record, TOLD } from './files.ts';
import { QUESTIONS, tell } from './told.ts';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'chirality-recorded-')));
  await openProject(folder);
  if (isRecording) {
    const told = new Map<string, Buffer>();
    for (const question of QUESTIONS) told.set(question, Buffer.from(await tell(question, folder)));
    await record(told, TOLD);
  }
}, 600_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Lines; of JSON values, whose keys may stand in any order. */
function comparable(name: string, text: string): unknown[] {
  if (name.endsWith('.json')) return [JSON.parse(text)];
  const lines = text.trimEnd().split('\n');
  return name.endsWith('.jsonl') ? lines.map((line) => JSON.parse(line) as unknown) : lines;
}

describe('output for the recorded project', () => {
  it.each(QUESTIONS)('output for the recorded project is unchanged for %s', async (question) => {
    const told = await readFile(join(TOLD, question), 'utf8');
    expect(comparable(question, await tell(question, folder))).toEqual(comparable(question, told));
  });

  it('the recorded outputs are each covered by a test', async () => {
    expect((await readdir(TOLD)).sort()).toEqual([...QUESTIONS].sort());
  });
});

describe('edits in a backup', () => {
  let service: Service;
  beforeAll(() => (service = new Service(resolve('dist/service.cjs'))));
  afterAll(() => service.dispose());
  const at = (name: string) => join(folder, 'edits', name);

  /** The editor starts with the edits that were kept. */
  const start = async (name: string) => {
    const backup = JSON.parse(await readFile(at('backup.json'), 'utf8')) as Backup;
    return AnnotatedDocument.open(Uri.file(at(name)) as never, false, service, backup);
  };

  it('edits in a backup are reapplied to the file', async () => {
    const { document, lost } = await start('before.qa.jsonl');
    expect(lost).toEqual([]);
    await document.copy(at('again.qa.jsonl'));
    expect(await readFile(at('again.qa.jsonl'), 'utf8')).toBe(await readFile(at('after.qa.jsonl'), 'utf8'));
    document.dispose();
  });

  it('edits in a backup are reapplied to a changed file by row, and other edits are reported', async () => {
    const [, second, ...rest] = (await readFile(at('before.qa.jsonl'), 'utf8')).split('\r\n');
    const other = second!.replace('"answer":', '"answer":"another",');
    await writeFile(at('changed.qa.jsonl'), ['{"id":"first"}', other, ...rest].join('\r\n'));
    const { document, lost } = await start('changed.qa.jsonl');
    expect(lost.map(({ removed }) => (JSON.parse(removed[0]!) as { id: string }).id)).toEqual(['or-001']);
    await document.copy(at('again.qa.jsonl'));
    const again = (await readFile(at('again.qa.jsonl'), 'utf8')).split('\r\n');
    const [, , ...after] = (await readFile(at('after.qa.jsonl'), 'utf8')).split('\r\n');
    expect(again).toEqual(['{"id":"first"}', other, ...after]);
    document.dispose();
  });
});

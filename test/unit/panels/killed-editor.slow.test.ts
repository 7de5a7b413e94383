import { createReadStream, createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { appendFile, copyFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { expect, vi, test } from 'vitest';
import type { Backup } from '../../../src/core/annotation/edit-session.ts';
import { AnnotatedDocument, type Change } from '../../../src/panels/annotate/annotate-document.host.ts';
import { Service } from '../../../src/panels/service.host.ts';
import { RowFile } from '../../../src/lab/datasets/row-file.ts';
import { kill } from '../../support/kill.ts';
import { Uri } from '../extension/fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-killed-');
const rowOf = (i: number | string, answer = 'Yes') =>
  `{"id":"r${i}","question":"Is the cup left of the jug, as seen from here?","answer":"${answer}","images":[]}`;
const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

/**
 * A person annotates a file of so many rows while the thread of the service is killed again and again: during every
 * kind of call, between calls, and in the midst of writing. Nothing that was typed is lost, saved or not; every question
 * is answered; and the host itself never reads the file.
 */
test('annotation editor: loses no edit of 1,000,000 rows when the worker thread is killed', async () => {
  let count = 1_000_000;
  const path = join(folder, 'data.qa.jsonl');
  const original = `${path}.original`;
  await pipeline(function* () {
    for (let i = 0; i < count; i++) yield `${rowOf(i)}\n`;
  }, createWriteStream(path));
  await copyFile(path, original);
  const readByHost = vi.spyOn(RowFile, 'open');
  const service = new Service(resolve('dist/service.cjs'));
  /** The thread is killed when it is given the next call of this name. */
  let victim: string | null = null;
  const call: Service['call'] = (...args) => {
    const answer = service.call(...args);
    if (args[0] === victim) {
      victim = null;
      void kill(service);
    }
    return answer;
  };
  const open = (backup: Backup | null) =>
    AnnotatedDocument.open(Uri.file(path) as never, false, { call }, backup);
  const { document } = await open(null);
  const steps: Change[] = [];
  document.onDidEdit((step) => steps.push(step));

  /** What the rows should be, where they are not as they were. */
  const answers = new Map<number, string>();
  let row = count >> 1;
  /** Types an answer into a row, key by key, faster than any call is answered. */
  const type = async (answer: string) => {
    row += 1;
    answers.set(row, answer);
    const keys = Array.from(answer, (_, i) => answer.slice(0, i + 1));
    const typed = keys.map((value) =>
      document.change({
        row,
        id: `r${row}`,
        changes: [{ path: ['answer'], value }],
        label: 'Type',
        typing: true,
      }),
    );
    await Promise.all(typed);
  };
  const shown = async (at: number) => (await document.row(at)).row.sample?.answer;
  const expectOnDisk = async () => {
    let i = 0;
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const answer = answers.get(i);
      if (line !== rowOf(i, answer)) expect(line).toBe(rowOf(i, answer));
      i += 1;
    }
    expect(i).toBe(count);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  };
  /** Begins a save, and kills the thread when it is writing. */
  const killedSave = async () => {
    const saving = document.save();
    while (!readdirSync(folder).some((name) => name.endsWith('.tmp'))) await tick();
    const typing = type('meanwhile');
    await kill(service);
    await Promise.all([saving, typing]);
  };

  // Typing, and what is asked while one types.
  for (const name of ['rawRows', 'editedRow', 'editedLines', 'lineOfRow', 'findText']) {
    victim = name;
    await type(`typed, ${name}`);
    expect(await shown(row)).toBe(`typed, ${name}`);
    const [line] = await document.lines({ rows: [row], variant: 'mirror' });
    expect(line!.id).toBe(`r${row}`);
    expect(await document.line(row + 1)).toBe(row + 2);
    expect(await document.find({ row, by: 1, text: `"r${row + 3}"` })).toBe(row + 3);
    expect(victim).toBeNull();
  }
  victim = 'reviewQueue';
  expect((await document.queue({ filter: '', variant: 'mirror' })).counts).toBeDefined();

  // A backup asks nobody, not even a thread that is dead; another life goes on from it.
  const backup = join(folder, 'backup.json');
  await type('not saved');
  await kill(service);
  await document.backup(backup);
  const again = await open(JSON.parse(readFileSync(backup, 'utf8')) as Backup);
  expect(again.lost).toEqual([]);
  for (const [at, answer] of answers) {
    const { row } = await again.document.row(at);
    expect(row.sample?.answer).toBe(answer);
  }
  again.document.dispose();

  // Saving.
  for (const name of ['writeEdited', 'commitEdited']) {
    await type(`saved, ${name}`);
    victim = name;
    await document.save();
    expect(victim).toBeNull();
    await expectOnDisk();
  }
  await type('before the save');
  await killedSave();
  expect(await shown(row)).toBe('meanwhile');
  await document.save();
  await expectOnDisk();

  // Undo and redo, over all those saves.
  const redo = new Map(answers);
  answers.clear();
  for (const [i, step] of steps.toReversed().entries()) {
    if (i % 4 === 0) await kill(service);
    await step.undo();
  }
  victim = 'writeEdited';
  await document.save();
  await expectOnDisk();
  for (const [at, answer] of redo) answers.set(at, answer);
  for (const [i, step] of steps.entries()) {
    await step.redo();
    if (i % 4 === 0) await kill(service);
  }
  victim = 'copyEdited';
  await document.copy(join(folder, 'copy.qa.jsonl'));
  await document.save();
  await expectOnDisk();
  expect(readFileSync(join(folder, 'copy.qa.jsonl')).equals(readFileSync(path))).toBe(true);

  // Another program writes, and its rows and the edits come together.
  await type('mine');
  await appendFile(path, `${rowOf(count)}\n`);
  victim = 'reloadEdited';
  expect(await document.merge()).toEqual([]);
  await document.save();
  count += 1;
  await expectOnDisk();

  expect(readByHost).not.toHaveBeenCalled();
  readByHost.mockRestore();
  document.dispose();
  await service.dispose();
}, 900_000);

import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { readRows } from '../../../support/rows.ts';

const folder = folderOfTests('chirality-races-');

const SAVES = 150;
const NAMES = ['one', 'other'];

interface Row {
  id: string;
  number?: number;
  variants?: { mirror: { review?: { state: string; note: string } } };
}

test('EditedFile and ReviewFile lose no save of two concurrent processes', async () => {
  const path = join(folder, 'data.qa.jsonl');
  const rows = NAMES.flatMap((name) => {
    const sample = { id: `reviewed-${name}`, question: 'Is it left of the jug?', answer: 'Yes', images: [] };
    return [
      { id: `edited-${name}`, number: -1 },
      { ...sample, variants: { mirror: mirrorSample(sample) } },
    ];
  });
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  const saver = join(folder, 'saver.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'saver.ts')],
    outfile: saver,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
  });
  const reports = await Promise.all(
    NAMES.map(async (name) => {
      const child = spawn(process.execPath, [saver, path, name, String(SAVES)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      for await (const bytes of child.stdout) text += String(bytes);
      return text.trim().split('\n');
    }),
  );
  const saved = readRows<Row>(path);
  const find = (id: string) => saved.filter((row) => row.id === id);
  for (const [i, name] of NAMES.entries()) {
    expect(reports[i]).toHaveLength(SAVES);
    const last = (what: string) =>
      Number(reports[i]!.findLast((line) => line.startsWith(what))!.split(' ')[1]);
    expect(find(`edited-${name}`)).toEqual([{ id: `edited-${name}`, number: last('edit') }]);
    const [reviewed] = find(`reviewed-${name}`);
    expect(reviewed!.variants!.mirror.review).toMatchObject({
      state: 'accepted',
      note: String(last('accept')),
    });
    for (const line of reports[i]!.filter((line) => line.startsWith('append')))
      expect(find(`${name}-${line.split(' ')[1]}`)).toHaveLength(1);
  }
  expect(saved).toHaveLength(rows.length + (2 * SAVES) / 3);
  expect(readdirSync(folder).sort()).toEqual(['data.qa.jsonl', 'saver.mjs']);
});

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { addTrainCommand } from '../../../src/cli/commands/train.command.ts';
import { encodePng } from '../../../src/lab/images/png.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfEachTest } from '../../support/folder.ts';

const node = process.execPath;
let folder: string;
folderOfEachTest('chirality-start-', (made) => (folder = made));
afterEach(() => {
  process.execPath = node;
});

it('train: removes the run folder if the trainer process fails to start', async () => {
  writeFileSync(join(folder, 'a.png'), await encodePng({ w: 8, h: 8, rgb: new Uint8Array(8 * 8 * 3) }));
  writeFileSync(
    join(folder, 'rows.qa.jsonl'),
    '{"id":"a","question":"Left?","answer":"yes","images":["a.png"]}\n',
  );
  writeFileSync(join(folder, 'a.run.yaml'), 'preset: demo\ndata: { train: rows.qa.jsonl }\n');
  process.execPath = 'false';
  const runs = join(folder, 'runs');
  const started = runCommand(
    addTrainCommand,
    'train',
    join(folder, 'a.run.yaml'),
    '--runs',
    runs,
    '--detach',
  );
  await expect(started).rejects.toThrow('Cannot start the run: its process ended with exit code 1.');
  expect(existsSync(join(runs, 'a'))).toBe(false);
});

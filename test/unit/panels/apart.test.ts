import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { watchedService } from '../../../src/panels/run/run-evaluations.reads.ts';
import { writeEvaluation, yesNoRows } from '../../support/evaluation.ts';
import { folderOfTests } from '../../support/folder.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = folderOfTests('chirality-apart-');
  path = join(folder, 'data.qa.jsonl');
  // A line that is no row, as files may have them, before those with the ids of the evaluations.
  const lines = ['', ...Array.from({ length: 40 }, (_, i) => JSON.stringify({ id: `r${i}` }))];
  await writeFile(path, `${lines.join('\n')}\n`);
});

async function evaluated(name: string, right: { original: number; mirror: number }): Promise<string> {
  const dir = join(folder, name);
  await writeEvaluation(join(dir, 'eval', 'step-000050'), yesNoRows(right), { step: 50 });
  return dir;
}

it('apart: describes how two runs differ, and returns a row with a different outcome', async () => {
  const given = await evaluated('given', { original: 40, mirror: 3 });
  const spatial = await evaluated('spatial', { original: 38, mirror: 36 });
  const { finding, line } = await watchedService.apart({ dirs: [given, spatial], path });
  // The rows r0 to r2 are right in both views for both; r3 stands in the file's fifth line.
  expect(line).toBe(5);
  expect(finding).toMatch(
    /^given answers 100\.0% .* and 7\.5% of their mirrors correctly; spatial 95\.0% and/,
  );
});

it('apart: returns no row if all rows have equal outcomes, and no text without evaluations', async () => {
  const one = await evaluated('one', { original: 40, mirror: 40 });
  const other = await evaluated('other', { original: 40, mirror: 40 });
  expect(await watchedService.apart({ dirs: [one, other], path })).toMatchObject({ line: null });
  const none = join(folder, 'none');
  expect(await watchedService.apart({ dirs: [one, none], path })).toEqual({ finding: null, line: null });
});

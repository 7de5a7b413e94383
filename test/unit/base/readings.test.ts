import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { citedIn, parseReadings } from '../../../src/base/readings.ts';
import { buildReport } from '../../../src/core/reports/build-report.ts';
import { OPTIONS } from '../../support/evaluation.ts';

const readings = parseReadings(readFileSync(new URL('../../../docs/papers.md', import.meta.url), 'utf8'));

it('readings: contain every implementation choice of docs/papers.md, with both of its texts', () => {
  const ids = [...readings.keys()]
    .filter((id) => id.startsWith('R'))
    .map((id) => Number(id.slice(1)))
    .sort((a, b) => a - b);
  // R1 to the last one, and each once.
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, i) => i + 1));
  for (const { open, ours } of readings.values()) expect([open, ours]).not.toContain('');
  expect(readings.get('R2')).toEqual({
    id: 'R2',
    open: 'Which view is penalised; role of δ.',
    ours: expect.stringMatching(
      /dead band on \|Δ\|, which is 0 by default\. coupling\.side: worse penalises/,
    ) as string,
    missing: '',
  });
});

it('report: cites only existing implementation choices', () => {
  const cited = citedIn(JSON.stringify(buildReport([], OPTIONS))).filter((_, i) => i % 2 === 1);
  expect(cited.length).toBeGreaterThan(10);
  expect(cited.filter((id) => !readings.has(id))).toEqual([]);
  expect(citedIn('as printed (R24); SVQA-R1, R26 [B-1].')).toEqual([
    'as printed (',
    'R24',
    '); SVQA-R1, ',
    'R26',
    ' [',
    'B-1',
    '].',
  ]);
});

it('parseReadings: returns plain text without links and markup', () => {
  const row = '| A-9  | Said\\|so. | [x](../a_b/c.ts), `a_b`, _Chirality: Go_, `in_range_…` |  |';
  expect(parseReadings(row).get('A-9')).toEqual({
    id: 'A-9',
    open: 'Said|so.',
    ours: 'x, a_b, Chirality: Go, in_range_…',
    missing: '',
  });
});

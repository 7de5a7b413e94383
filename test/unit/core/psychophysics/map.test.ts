import { describe, expect, it } from 'vitest';
import type { AcuityAnswer } from '../../../../src/core/psychophysics/likelihood.ts';
import type { MapRecord } from '../../../../src/core/psychophysics/acuity-record.ts';
import { measureMap } from '../../../../src/core/psychophysics/shares.ts';
import { recordSentence } from '../../../../src/core/psychophysics/text-other.ts';
import { Random } from '../../../../src/base/random.ts';

const [COLUMNS, ROWS] = [12, 8];

/** A map of two scenes a cell, each asked eight ways; half of the answers to a scene are alike. */
function sentence(random: Random, rightAt: (column: number, row: number) => number): string {
  const answers: AcuityAnswer[] = [];
  for (let scene = 0; scene < 2 * COLUMNS * ROWS; scene++) {
    const [column, row] = [scene % COLUMNS, Math.floor(scene / COLUMNS) % ROWS];
    const luck = random.uniform();
    for (const view of ['original', 'mirror']) {
      const cell = [view === 'mirror' ? COLUMNS - 1 - column : column, row] as const;
      for (let way = 0; way < 4; way++) {
        const right = (random.chance(0.5) ? luck : random.uniform()) < rightAt(...cell);
        const about = { block: String(scene), x: 1, conditions: { view, word: 'right' }, signs: {} };
        answers.push({ ...about, claim: right ? 1 : -1, right, cell });
      }
    }
  }
  const record = { kind: 'chirality-acuity-map', model: 'm', axis: 'side', columns: COLUMNS, rows: ROWS };
  return recordSentence({ ...record, ...measureMap(answers) } as MapRecord);
}

describe('sentence of an acuity map', () => {
  it('an acuity map names no region in at least 95% of maps of a uniformly accurate model', () => {
    const random = Random.from('everywhere');
    const named = Array.from({ length: 100 }, () => sentence(random, () => 0.7)).filter((text) =>
      text.includes('least often'),
    );
    expect(named.length).toBeLessThanOrEqual(5);
  });

  it('an acuity map names the region in which a model is clearly worse', () => {
    const random = Random.from('worse');
    const worse = (column: number, row: number) => (column >= 8 && row < 3 ? 0.3 : 0.85);
    const texts = Array.from({ length: 20 }, () => sentence(random, worse));
    const named = texts.filter((text) => text.includes('in the upper right of the map'));
    expect(named.length).toBeGreaterThanOrEqual(18);
  });
});

import { describe, expect, it } from 'vitest';
import { readCard } from '../../../../src/core/metrics/card.ts';

const hash = 'a0'.repeat(32);
const set = {
  name: 'val',
  sha256: hash,
  rows: 0,
  views: [{ view: 'mirror', rows: 3, lacking: { no_boxes: 1 } }],
  figures: [],
};
const card = {
  kind: 'chirality-card',
  version: 1,
  program: '0.1.0',
  date: '2026-01-31T12:00:00Z',
  scoring_rules: 2,
  model: { name: 'm', engine: 'openai' },
  asked: { strategy: 'plain', sampling: { n: 1, temperature: 0, max_tokens: 0 }, sha256: hash },
  sets: [set],
};
const read = (value: unknown) => readCard(JSON.stringify(value), { file: 'card.json' });

describe('benchmark card', () => {
  it('a benchmark card survives a round trip through its file', () => expect(read(card)).toEqual(card));

  const { asked } = card;
  const { sampling } = asked;
  it.each<[string, Record<string, unknown>]>([
    ['kind', { kind: 'card' }],
    ['version', { version: 2 }],
    ['program', { program: '' }],
    ['date', { date: 'today' }],
    ['model.name', { model: { engine: 'openai' } }],
    ['model.engine', { model: { name: 'm', engine: 'e'.repeat(301) } }],
    ['asked.strategy', { asked: { ...asked, strategy: 1 } }],
    ['asked.sampling.n', { asked: { ...asked, sampling: { ...sampling, n: 1.5 } } }],
    ['asked.sampling.temperature', { asked: { ...asked, sampling: { ...sampling, temperature: -1 } } }],
    ['asked.sampling.max_tokens', { asked: { ...asked, sampling: { ...sampling, max_tokens: -1 } } }],
    ['asked.sha256', { asked: { ...asked, sha256: `${hash}0` } }],
    ['sets', { sets: [] }],
    ['sets', { sets: Array.from({ length: 101 }, () => set) }],
    ['sets[0].name', { sets: [{ ...set, name: null }] }],
    ['sets[0].sha256', { sets: [{ ...set, sha256: `0${hash}` }] }],
    ['sets[0].rows', { sets: [{ ...set, rows: -1 }] }],
    ['sets[0].views', { sets: [{ ...set, views: [] }] }],
    ['sets[0].views', { sets: [{ ...set, views: Array.from({ length: 51 }, () => set.views[0]) }] }],
    ['sets[0].views[0].view', { sets: [{ ...set, views: [{ ...set.views[0], view: 'orbit' }] }] }],
    ['sets[0].views[0].rows', { sets: [{ ...set, views: [{ ...set.views[0], rows: 'all' }] }] }],
    ['sets[0].views[0].lacking.x', { sets: [{ ...set, views: [{ ...set.views[0], lacking: { x: -1 } }] }] }],
    ['sets[0].figures[0].metric', { sets: [{ ...set, figures: [{ set: 'val' }] }] }],
  ])('a benchmark card with an invalid field is rejected by name: %s', (field, wrong) =>
    expect(() => read({ ...card, ...wrong })).toThrow(`card.json cannot be read: "${field}"`),
  );
});

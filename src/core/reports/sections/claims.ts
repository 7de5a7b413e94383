import { left } from '../cells.ts';
import { CLAIMS } from '../claims.ts';
import type { Section } from '../document.ts';
import type { Evaluation, ReportOptions } from '../evaluation.ts';

/**
 * The papers' claims, how far they can be trusted, and what the user's own evaluations say [A-50, A-64]. Unless all are
 * asked for, only those that own figures concern; null if there are none.
 */
export function claimSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const all = CLAIMS.map((claim) => ({ claim, figures: claim.own(evaluations, options) }));
  const isAll = options.published || evaluations.length === 0;
  const shown = all.filter(({ figures }) => isAll || figures.length > 0);
  if (shown.length === 0) return null;
  return {
    id: 'claims',
    title: 'Claims',
    text: [
      'How far a claim can be trusted is our judgement of what is published, not of the work behind it. Whether one of your own runs is better than another is a question of its rows: compare them.',
    ],
    tables: [
      {
        id: 'claims-table',
        caption: 'Published claims beside own figures',
        columns: [
          left('claim'),
          left('paper'),
          left('published'),
          left('confidence', 'High, medium or low, with the reason in the note.'),
          left(
            'yours, points',
            'Accuracy on the originals; only of evaluations that differ in nothing else.',
          ),
        ],
        rows: shown.map(({ claim: { text, paper, published, confidence, why }, figures }) => {
          return {
            cells: [
              { text },
              { text: paper },
              { text: published },
              { text: confidence, note: why },
              figures.length === 0
                ? { text: '–' }
                : {
                    text: figures.map((figure) => figure.text).join('; '),
                    note: figures.map(({ note }) => note).join(' '),
                  },
            ],
          };
        }),
        notes: [],
      },
    ],
    charts: [],
  };
}

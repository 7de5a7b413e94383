import { left } from '../cells.ts';
import { CLAIMS } from '../claims.ts';
import type { Section } from '../document.ts';
import { showsPublished, type Evaluation, type ReportOptions } from '../evaluation.ts';

/**
 * The papers' claims, how far they can be trusted, and what the user's own evaluations say [A-50, A-64]. Unless all are
 * asked for, only those that the user's figures bear on; null if there are none.
 */
export function claimSection(evaluations: readonly Evaluation[], options: ReportOptions): Section | null {
  const all = CLAIMS.map((claim) => ({ claim, figures: claim.own(evaluations, options) }));
  const isAll = showsPublished(evaluations, options);
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

/** What these figures cannot show [A-63, B-62], and systems that ask related questions. */
export const limitSection = (): Section => ({
  id: 'limits',
  title: 'Limitations',
  text: [
    'Views are mirrors of single pictures: other viewpoints, several cameras and video are not covered.',
    'The flipped wording is a shift of phrasing only, not of pictures, objects or domains.',
    'SAT, on which paper A trains, is synthetic; so are the worlds of the demo.',
    'Paper A’s dynamic sampling is not validated on its own; its published figures come from single runs.',
    'An interval says how figures would vary over other pictures of the same kind, not over other seeds of training.',
  ],
  tables: [
    {
      id: 'related',
      caption: 'Related systems',
      columns: [left('system'), left('about')],
      rows: [
        {
          cells: [
            { text: 'MedGround-R1', href: 'https://arxiv.org/abs/2507.02994' },
            { text: 'Grounding in medical images with a spatial and a semantic reward.' },
          ],
        },
        {
          cells: [
            { text: 'Reason-RFT', href: 'https://arxiv.org/abs/2503.20752' },
            { text: 'SFT on chains of thought, then GRPO, for visual reasoning.' },
          ],
        },
        {
          cells: [
            { text: 'AutoDrive-R²', href: 'https://arxiv.org/abs/2509.01944' },
            { text: 'Driving: chains of thought with self-reflection, then GRPO.' },
          ],
        },
      ],
      notes: [],
    },
  ],
  charts: [],
});

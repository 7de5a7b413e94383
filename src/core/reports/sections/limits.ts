import { left } from '../cells.ts';
import type { Section } from '../document.ts';

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

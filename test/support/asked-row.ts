import type { Sample } from '../../src/rows/sample/sample.ts';

/** A row that has what the strategies that come with the program ask for, but for a second image. */
export const ASKED_ROW: Sample = {
  id: 'r',
  question: 'Is the cup left of the jug?',
  answer: 'yes',
  choices: ['yes', 'no'],
  images: ['a.png'],
  depth_map: 'depth.png',
  scene_graph: {
    version: 1,
    objects: [
      { id: 'o1', label: 'cup' },
      { id: 'o2', label: 'jug' },
    ],
    relations: [{ subject: 'o1', predicate: 'left of', object: 'o2', frame: 'viewer' }],
  },
};

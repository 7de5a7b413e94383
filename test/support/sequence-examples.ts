import type { ViewExample } from './view-examples.ts';

const frames = (n: number, meta?: object) => ({
  row: { images: Array.from({ length: n }, (_, i) => `f${i + 1}.png`), ...(meta && { meta }) },
});
const clip = frames(5);
const two = frames(2);
const FIRST = 'Which appears first, the dog or the ball?';
const stays = (question: string, answer: string): { from: [string, string]; to: [string, string] } => ({
  from: [question, answer],
  to: [question, answer],
});

/** The worked examples of docs/views.md about rows with several images, by their number there. */
export const SEQUENCE_EXAMPLES: readonly ViewExample[] = [
  {
    n: 75,
    view: 'reverse',
    from: ['Does the car move to the left or to the right?', 'to the left'],
    to: ['Does the car move to the left or to the right?', 'to the right'],
    ...clip,
  },
  {
    n: 76,
    view: 'mirror+reverse',
    from: ['Does the car move to the left or to the right?', 'to the left'],
    to: ['Does the car move to the right or to the left?', 'to the left'],
    ...clip,
  },
  {
    n: 77,
    view: 'reverse',
    from: ['Does the camera pan left?', 'Yes'],
    to: ['Does the camera pan right?', 'Yes'],
    ...clip,
  },
  {
    n: 78,
    view: 'reverse',
    from: ['Does the ball come closer to the camera?', 'Yes'],
    to: ['Does the ball move away from the camera?', 'Yes'],
    ...clip,
  },
  {
    n: 79,
    view: 'reverse',
    from: [FIRST, 'the dog'],
    to: null,
    code: 'tie',
    status: 'discard',
    ...frames(5, { duration_s: 10, in_sight: { dog: [[0, 10]], ball: [[5, 10]] } }),
  },
  {
    n: 80,
    view: 'reverse',
    from: [FIRST, 'the dog'],
    to: [FIRST, 'the ball'],
    ...frames(5, { duration_s: 10, in_sight: { dog: [[0, 6]], ball: [[4, 10]] } }),
  },
  {
    n: 81,
    view: 'reverse',
    from: ['At the start, is the cup left of the plate?', 'Yes'],
    to: ['At the end, is the cup left of the plate?', 'Yes'],
    ...clip,
  },
  {
    n: 82,
    view: 'reverse',
    from: ['Is the man walking forward?', 'Yes'],
    to: null,
    code: 'arrow_of_time',
    status: 'discard',
    ...clip,
  },
  { n: 83, view: 'reverse', ...stays('How many people are in the clip?', '5'), ...clip },
  {
    n: 84,
    view: 'exchange',
    from: ['From the first image to the second, did the camera turn left or right?', 'left'],
    to: ['From the first image to the second, did the camera turn left or right?', 'right'],
    ...two,
  },
  {
    n: 85,
    view: 'exchange',
    from: ['In which image is the cup larger?', 'the first'],
    to: ['In which image is the cup larger?', 'the second'],
    ...two,
  },
  {
    n: 86,
    view: 'exchange',
    ...stays('What is the distance between the two lamps?', '3 meters'),
    ...two,
  },
  { n: 87, view: 'repeat:2', ...stays('How many different chairs are shown?', '4'), ...clip },
  {
    n: 88,
    view: 'repeat:2',
    from: ['How often does the door open?', '2'],
    to: ['How often does the door open?', '4'],
    ...clip,
  },
  {
    n: 89,
    view: 'repeat:2',
    from: ['How long is the clip?', '20 s'],
    to: null,
    code: 'about_clip',
    status: 'discard',
    ...clip,
  },
];

import { readExamples, type ViewExample } from './view-examples.ts';

const inSight = (dog: number[], ball: number[]) => ({
  duration_s: 10,
  in_sight: { dog: [dog], ball: [ball] },
});
const SIGHT: Readonly<Record<number, object>> = {
  79: inSight([0, 10], [5, 10]),
  80: inSight([0, 6], [4, 10]),
};

/** The worked examples of docs/views.md about rows with several images, by their number there. */
export const SEQUENCE_EXAMPLES: readonly ViewExample[] = readExamples(`
75 reverse | Does the car move to the left or to the right? → to the left
  ⇒ Does the car move to the left or to the right? → to the right
76 mirror+reverse | Does the car move to the left or to the right? → to the left
  ⇒ Does the car move to the right or to the left? → to the left
77 reverse | Does the camera pan left? → Yes
  ⇒ Does the camera pan right? → Yes
78 reverse | Does the ball come closer to the camera? → Yes
  ⇒ Does the ball move away from the camera? → Yes
79 reverse | Which appears first, the dog or the ball? → the dog
  × tie, discard
80 reverse | Which appears first, the dog or the ball? → the dog
  ⇒ Which appears first, the dog or the ball? → the ball
81 reverse | At the start, is the cup left of the plate? → Yes
  ⇒ At the end, is the cup left of the plate? → Yes
82 reverse | Is the man walking forward? → Yes
  × arrow_of_time, discard
83 reverse | How many people are in the clip? → 5
  =
84 exchange | From the first image to the second, did the camera turn left or right? → left
  ⇒ From the first image to the second, did the camera turn left or right? → right
85 exchange | In which image is the cup larger? → the first
  ⇒ In which image is the cup larger? → the second
86 exchange | What is the distance between the two lamps? → 3 meters
  =
87 repeat:2 | How many different chairs are shown? → 4
  =
88 repeat:2 | How often does the door open? → 2
  ⇒ How often does the door open? → 4
89 repeat:2 | How long is the clip? → 20 s
  × about_clip, discard
`).map((example) => {
  const images = ['f1.png', 'f2.png', 'f3.png', 'f4.png', 'f5.png'].slice(
    0,
    example.view === 'exchange' ? 2 : 5,
  );
  const meta = SIGHT[example.n];
  return { ...example, row: { images, ...(meta && { meta }) } };
});

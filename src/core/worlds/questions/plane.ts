import { type Comparing, whichOfTwo, yesNo } from './comparisons.ts';
import { type Form, name, type Forms } from './question.ts';

/** An axis of the picture, with the words of both poles: as a relation, and as a comparative. */
const across = {
  axis: 'picture-across',
  relations: ['to the left of', 'to the right of'],
  more: ['further left', 'further right'],
} as const;
const down = { axis: 'picture-down', relations: ['above', 'below'], more: ['higher', 'lower'] } as const;

/** The forms of one axis. Their words are those that docs/views.md turns into one another with the picture. */
function formsOf({ axis, relations, more }: typeof across | typeof down) {
  const about: Comparing = {
    axis,
    relation: [`${more[0]} in the image than`, `${more[1]} in the image than`],
    facts: (o, objects) =>
      objects.map((i) => `what is seen of ${name(o, i)} fills [${o.solids[i]!.box!.join(', ')}]`),
  };
  return {
    yesno: withBoxes(
      yesNo(about, [
        (a, b, pole) => `In the image, is ${a} ${relations[pole]} ${b}?`,
        (a, b, pole) => `Is ${a} ${more[pole]} in the image than ${b}?`,
      ]),
    ),
    which: withBoxes(
      whichOfTwo(about, [(a, b, pole) => `Which object is ${more[pole]} in the image, ${a} or ${b}?`]),
    ),
  };
}
/** Adds the boxes that the reasoning names, so that the row says what its numbers are. */
const withBoxes = (form: Form): Form => ({
  ...form,
  say: (o, question, style) => ({ ...form.say(o, question, style), boxes: question.objects }),
});

const [sideways, upright] = [formsOf(across), formsOf(down)];

/** Along the picture's own axes, by the middles of the boxes: answered again however the picture is turned. */
export const plane: Forms = {
  side: sideways.yesno,
  'which-side': sideways.which,
  height: upright.yesno,
  'which-height': upright.which,
};

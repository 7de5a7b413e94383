import { looksDown } from '../camera.ts';
import type { Sample } from '../../sample/sample.ts';
import type { Wording } from '../questions/question.ts';
import type { RowScene } from './scene.ts';
import { discard, type Refusal } from '../../views/view-variant.ts';

/** The id of a view that puts an orbit into words; the first group is the orbit. */
export const IMAGINE = /^imagine:(orbit:.*)$/s;

/** How far a solid's centre may be from the pivot, in metres along each axis, to give it a name. */
const AT_PIVOT = 0.05;

/**
 * The question about a scene after an orbit, put to someone who sees the picture before it.
 * @param answered the question asked of the scene after the orbit.
 */
export function imagined(
  { world, pivot, style, question }: RowScene,
  orbit: string,
  answered: Sample,
): Pick<Wording, 'question' | 'answer' | 'choices' | 'reasoning'> | Refusal {
  if (style === 'compact') return discard('style', 'The compact style has no words for a camera that moves.');
  if (question.family === 'box')
    return discard('about_picture', 'A picture that is only imagined has no coordinates.');
  if (looksDown(world.camera.pitch))
    return discard('no_pivot', 'A camera that looks straight down turns on the spot, not around a solid.');
  const middle = world.objects.find(
    ({ x, y, z }) => y === 0 && Math.abs(x - pivot.x) <= AT_PIVOT && Math.abs(z - pivot.z) <= AT_PIVOT,
  );
  if (!middle)
    return discard('no_pivot', 'No solid stands where the camera would go around, so words cannot name it.');
  const way = wayOf(Number(orbit.slice('orbit:'.length)));
  const around = `Imagine that the camera moved ${way} around the ${middle.colour} ${middle.shape}, still facing it.`;
  const { choices, reasoning = '' } = answered;
  return {
    question: `${around} ${then(answered.question)}`,
    answer: answered.answer,
    ...(choices && { choices }),
    reasoning: `Seen from there, ${small(reasoning)}`,
  };
}

function wayOf(degrees: number): string {
  if (degrees === 180) return 'half a circle';
  const [by, side] = degrees < 180 ? [degrees, 'right'] : [360 - degrees, 'left'];
  return `${by === 90 ? 'a quarter circle' : `${by} degrees of a circle`} to the ${side}`;
}

/** "Is the red cube then behind …" where a solid follows the verb, else "Seen from there, which object …". */
function then(question: string): string {
  const verb = /^Is the [a-z]+ [a-z]+ (?=to the|in front|behind|closer|farther)/.exec(question);
  return verb ? `${verb[0]}then ${question.slice(verb[0].length)}` : `Seen from there, ${small(question)}`;
}

const small = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

import { percent } from '../labels.ts';
import type { Floor } from '../metrics/floor.ts';

/** What is named in a sentence on both views right: the low end of its interval, and the floor of what it was asked. */
interface Named {
  name: string;
  low: number;
  floor?: Floor | undefined;
}

/**
 * What both views of a set can be right for without looking, and which of those just named are no better than that, as
 * far as their intervals show; nothing if the floor is not known.
 */
export function floorSentences(named: readonly Named[]): string[] {
  const floor = named[0]?.floor;
  if (!floor) return [];
  const constant = named.filter((one) => one.floor && one.low <= one.floor.constant);
  const words = named.filter((one) => !constant.includes(one) && one.floor && one.low <= one.floor.words);
  const told = (some: readonly Named[], how: string) => {
    const who = some.length > 1 ? 'Neither of the two is' : `${some[0]!.name} is not`;
    return `${who} surely above ${how}, so this does not show that pictures were looked at.`;
  };
  return [
    `Without looking, one answer to each form of question gets${floor.bounded ? ' at most' : ''} ${percent(floor.constant)}\u00a0%, and knowing the questions' words${floor.bounded ? ' at most' : ''} ${percent(floor.words)}\u00a0%.`,
    ...(constant.length > 0 ? [told(constant, 'one answer to each form of question')] : []),
    ...(words.length > 0 ? [told(words, 'knowing the words')] : []),
  ];
}

interface Label {
  x: number;
  y: number;
  text: string;
}
interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const meets = (a: Box, b: Box) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/**
 * Writes names beside points: to the right, left, above or below, wherever no point and no earlier name is. A name that
 * fits nowhere is left out: the pointer still finds it.
 * @param letter width of a letter
 */
export function placeLabels(
  points: readonly Label[],
  frame: Box,
  letter: number,
): (Label & { anchor: 'start' | 'middle' | 'end' })[] {
  const taken = points.map(({ x, y }): Box => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return points.flatMap(({ x, y, text }) => {
    const width = text.length * letter;
    const places = [
      { x: x + 9, y: y + 4, anchor: 'start' as const, left: x + 8 },
      { x: x - 9, y: y + 4, anchor: 'end' as const, left: x - 8 - width },
      { x, y: y - 10, anchor: 'middle' as const, left: x - width / 2 },
      { x, y: y + 18, anchor: 'middle' as const, left: x - width / 2 },
    ];
    for (const { left, ...place } of text === '' ? [] : places) {
      const box = { left, right: left + width, top: place.y - 10, bottom: place.y + 3 };
      const inside =
        box.left >= frame.left &&
        box.right <= frame.right &&
        box.top >= frame.top &&
        box.bottom <= frame.bottom;
      if (!inside || taken.some((other) => meets(other, box))) continue;
      taken.push(box);
      return [{ ...place, text }];
    }
    return [];
  });
}

import { differsReversed, framesTaken } from './clip-frames.ts';
import { FAMILIES, MEASURED, SHAPES, type MeasuredFamily } from './families.ts';
import { lostOf, SIDES, tokensOf } from './seen-map.ts';

const NOT_KNOWN = 'not known';

export function familyTable(): string {
  const shapes = SHAPES.slice(0, 4).map(({ name }) => name);
  const head = [
    'family',
    '640 × 480 becomes',
    `lost at ${shapes.join(', ')}`,
    'padding',
    'mirror-symmetric',
    'alpha',
    '16 bits',
    '33 frames at 30 fps',
  ];
  const rows = Object.entries(FAMILIES)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, family]) => [
      `\`${name}\`${family.rule ? '' : ' ¹'}`,
      sizeOf(family),
      lossesOf(family),
      fillerOf(family),
      symmetryOf(family),
      family.modes.alpha,
      family.modes.deep,
      framesOf(family),
    ]);
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  const versions = Object.entries(MEASURED).map(([name, version]) => `${name} ${version}`);
  return `${lines.join('\n')}\n\nMeasured with ${versions.join(', ')}.`;
}

/** Returns how many frames the family takes of a clip that is sent as one video. */
function framesOf({ clip }: MeasuredFamily): string {
  const taken = clip && framesTaken(clip, 33, 30);
  if (!taken) return NOT_KNOWN;
  return `${new Set(taken).size}${differsReversed(taken, 33) ? ', different frames for the reversed clip' : ''}`;
}

function sizeOf({ shapes: [first], cell }: MeasuredFamily): string {
  if (!first) return NOT_KNOWN;
  const { size, tiles } = first;
  const tokens = tokensOf(first, cell);
  return `${size.w} × ${size.h}${tiles === 0 ? '' : `, ${tiles} tiles`}${tokens === null ? '' : `, ${tokens} tokens`}`;
}

/** Formats the share of the image that the processor crops away, for each size. */
function lossesOf({ shapes }: MeasuredFamily): string {
  const lost = SHAPES.slice(0, 4).map((shape, i) => (shapes[i] ? lostOf(shapes[i], shape) : null));
  if (lost.every((share) => share !== null && share < 0.005)) return 'nothing';
  return lost.map((share) => (share === null ? NOT_KNOWN : `${Math.round(100 * share)}%`)).join(', ');
}

function fillerOf({ shapes }: MeasuredFamily): string {
  const sides = SIDES.filter((_, i) => shapes.some((map) => map && map.fill[i]! > 0));
  return sides.length === 0 ? 'none' : sides.join(', ');
}

function symmetryOf({ shapes }: MeasuredFamily): string {
  const shifts = SHAPES.flatMap(({ w, h }, i) => {
    const map = shapes[i];
    return map && map.shift > 0 ? [{ at: `${w} × ${h}`, ...map }] : [];
  });
  if (shifts.length === 0) return shapes.some(Boolean) ? 'yes' : NOT_KNOWN;
  const worst = shifts.reduce((a, b) => (b.shift > a.shift ? b : a));
  return `no (${worst.reason!}): ${Math.round(worst.shift * 10) / 10} pixels off at ${worst.at}`;
}

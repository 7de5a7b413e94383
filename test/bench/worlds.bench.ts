// How fast worlds are drawn, as a share of what must be paid anyway: filling the same pixels, and encoding them as PNG.
import { Random } from '../../src/base/random.ts';
import type { Style } from '../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../src/core/worlds/raster.ts';
import { drawRow, familiesFor } from '../../src/core/worlds/world-rows.ts';
import { ROOM, sampleWorld, TINY } from '../../src/core/worlds/sample-worlds.ts';
import { shade } from '../../src/core/worlds/shade.ts';
import { encodePng } from '../../src/lab/images/png.ts';

/** Milliseconds per call, the median of seven rounds, so that a busy neighbour spoils few of them. */
async function time(calls: number, work: (i: number) => unknown): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) await work(i);
    rounds.push((performance.now() - start) / calls);
  }
  return rounds.sort((a, b) => a - b)[3]!;
}

for (const [name, options, side, calls] of [
  ['tiny', TINY, 64, 50],
  ['room', ROOM, 64, 50],
  ['room', ROOM, 448, 5],
] as const) {
  const size = { w: side, h: side };
  const worlds = Array.from({ length: calls }, (_, i) => sampleWorld(Random.from(i), options));
  const pictures = worlds.map((world) => shade(world, rasterise(world, size)));
  const pixels = new Uint8Array(side * side * 3);
  const fill = await time(200, (i) => {
    for (let at = 0; at < pixels.length; at++) pixels[at] = at + i;
  });
  const boxes = await time(calls, (i) => rasterise(worlds[i]!, size));
  const draw = await time(calls, (i) => shade(worlds[i]!, rasterise(worlds[i]!, size)));
  const png = await time(calls, (i) => encodePng(pictures[i]!));
  const style: Style = options === TINY ? 'compact' : 'english';
  const rows = {
    size,
    world: options,
    style,
    families: familiesFor(style, size),
    bias: {},
  };
  const row = await time(calls, (i) => drawRow(Random.from(i), rows));
  console.log(
    `${name} ${side} px: ${Math.round(1000 / draw)} pictures/s, ${(draw / fill).toFixed(0)} × filling the pixels, ` +
      `${(draw / png).toFixed(1)} × encoding them as PNG; boxes and depth alone ${(boxes / draw).toFixed(3)} of it, ` +
      `finding a world with a question ${(row / draw).toFixed(2)} of it`,
  );
}

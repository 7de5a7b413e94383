import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addMotionCommand } from '../../../src/cli/commands/benchmark.command.ts';
import type { ChatRequest } from '../../../src/base/chat.ts';
import type { Card } from '../../../src/core/metrics/card.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { rowLines } from '../../support/rows.ts';
import { reply, ScriptedServer, textOf } from '../engines/openai/server.ts';
import { slowly } from '../../support/slow.ts';

/** Frames of one clip; the ball moves by one column from each to the next. */
const [FRAMES, WIDTH] = [4, 24];
/** Where the ball is in the frames that are shown, from the left; null in an image without one. */
type Ball = number | null;

let folder = '';
let server: ScriptedServer;
/** What the model sees of a request, and how it answers. */
let answer: (balls: readonly Ball[]) => 'left' | 'right';
let seen: { balls: Ball[]; text: string }[] = [];
folderOfEachTest('benchmark-motion-', (made) => (folder = made));

beforeEach(async () => {
  seen = [];
  server = await ScriptedServer.start(async (request, response) => {
    const balls = await ballsIn(request);
    seen.push({ balls, text: textOf(request) });
    reply(response, answer(balls));
  });
  // Six clips to the left and six to the right, each from another place.
  const rows = [];
  for (let i = 0; i < 12; i++) {
    const [from, way] = [6 + i, i % 2 === 0 ? 1 : -1];
    const images = Array.from({ length: FRAMES }, (_, k) => `${from + way * k}.png`);
    rows.push({
      id: `c${i}`,
      question: 'Does the ball move to the left or to the right?',
      answer: way > 0 ? 'right' : 'left',
      images,
      clip: { fps: 2 },
    });
    for (const image of images) await drawBall(parseInt(image));
  }
  await writeFile(join(folder, 'clips.qa.jsonl'), rowLines(rows));
});
afterEach(() => server.close());

async function drawBall(x: number): Promise<void> {
  const rgb = Buffer.alloc(WIDTH * 8 * 3);
  rgb.fill(255, (4 * WIDTH + x) * 3, (4 * WIDTH + x + 1) * 3);
  await sharp(rgb, { raw: { width: WIDTH, height: 8, channels: 3 } })
    .png()
    .toFile(join(folder, `${x}.png`));
}

async function ballsIn({ messages }: ChatRequest): Promise<Ball[]> {
  const urls = messages.flatMap(({ content }) =>
    typeof content === 'string'
      ? []
      : content.flatMap((part) => (part.type === 'image_url' ? [part.image_url.url] : [])),
  );
  return Promise.all(
    urls.map(async (url) => {
      const bytes = await sharp(Buffer.from(url.split(',')[1]!, 'base64'))
        .greyscale()
        .raw()
        .toBuffer();
      const at = bytes.findIndex((value) => value > 200);
      return at < 0 ? null : at % WIDTH;
    }),
  );
}

const run = (...args: string[]): ReturnType<typeof runCommand> =>
  runCommand(
    addMotionCommand,
    ...['motion', '--runs', join(folder, 'runs'), '--endpoint', server.url, '--model', 'org/m'],
    ...['--set', join(folder, 'clips.qa.jsonl'), '--retries', '0', '--no-cache', '--data-root', folder],
    ...['-o', join(folder, 'card'), ...args],
  );

async function measured(): Promise<{ card: Card; text: string }> {
  const { out } = await run();
  const card = JSON.parse(await readFile(join(folder, 'card', 'card.json'), 'utf8')) as Card;
  return { card, text: out.join('\n') };
}

const gainsOf = ({ sets: [set] }: Card) =>
  Object.fromEntries(
    set!.controls!.map(({ control, gains }) => [
      control,
      gains.find(({ view }) => view === 'reverse')!.difference,
    ]),
  );

it('benchmark motion: distinguishes motion perception from answers to each control input', async () => {
  answer = ([first, ...more]) => ((more.at(-1) ?? 0) > (first ?? 0) ? 'right' : 'left');
  const { card, text } = await measured();
  // With a frame, blanks, or any one order for a clip and its reverse, it gives both the same answer, or none it sees.
  expect(gainsOf(card)).toEqual({ 'first-frame': 1, 'shuffled-frames': 1, 'blank-frames': 1 });
  expect(text).toContain('The model uses motion');
  expect(text).toContain('with all images but not their order, at most 0.0');
  const html = await readFile(join(folder, 'card', 'card.html'), 'utf8');
  expect(html).toContain('Motion benchmark: org/m');
  expect(html).toContain('shuffled frames');
});

slowly('benchmark motion: reports no motion for constant answers or first-frame positions', async () => {
  answer = () => 'left';
  const { card, text } = await measured();
  expect(gainsOf(card)).toEqual({ 'first-frame': 0, 'shuffled-frames': 0, 'blank-frames': 0 });
  expect(text).toContain('No evidence that the model uses motion');

  // What starts on the left goes to the right, for all that it knows: often right, and never by motion.
  answer = ([first]) => ((first ?? 0) < WIDTH / 2 ? 'right' : 'left');
  const { out } = await run('--max-tokens', '9');
  expect(out.join()).toContain('No evidence that the model uses motion');
  expect(out.join()).toContain('than with the first frame only');
});

slowly('benchmark motion: runs each control with its input: one frame, one order, grey images', async () => {
  answer = () => 'left';
  await measured();
  const asked = seen.filter(({ text }) => text.includes('ball'));
  const counts = asked.map(({ balls }) => balls.length);
  expect(new Set(counts)).toEqual(new Set([FRAMES, 1]));
  // Four views of twelve rows, in each of four ways.
  expect(asked).toHaveLength(4 * 4 * 12);
  expect(counts.filter((n) => n === 1)).toHaveLength(48);
  expect(asked.filter(({ balls }) => balls.length === FRAMES && balls.every((x) => x === null))).toHaveLength(
    48,
  );
  const isSteady = (balls: readonly Ball[]) =>
    new Set(balls.slice(1).map((x, k) => x! - balls[k]!)).size === 1;
  const shuffled = asked.filter(
    ({ balls: [first], balls }) => balls.length === FRAMES && first !== null && !isSteady(balls),
  );
  expect(shuffled).toHaveLength(48);
  // Every shuffled clip is shown twice: as itself and as its reverse.
  const times = new Map<string, number>();
  for (const { balls } of shuffled) times.set(balls.join(), (times.get(balls.join()) ?? 0) + 1);
  expect([...times.values()].every((n) => n % 2 === 0)).toBe(true);
});

it('benchmark motion: reports tokens and price of clips before the first question', async () => {
  answer = () => 'left';
  const { err } = await run('--price', '2,10');
  const told = err.find((line) => line.startsWith('Clips take'))!;
  // A token for each frame of 24 × 8 pixels, and twelve for its time: 4 × 13 for each of 4 × 12 questions.
  expect(told).toContain('about 52 tokens each, 2,496 for 48 questions at a price of about 0.005');
  expect(told).toContain('up to 4 frames of 24 × 8 pixels, sent as images');
  // Asked before; nothing is left to tell of.
  expect((await run('--price', '2,10')).err.some((line) => line.startsWith('Clips take'))).toBe(false);
});

slowly('benchmark motion: excludes rows without clips, and rejects a set without clips', async () => {
  answer = () => 'left';
  const file = join(folder, 'clips.qa.jsonl');
  const still = { id: 'still', question: 'Is the ball on the left?', answer: 'Yes', images: ['6.png'] };
  await writeFile(file, (await readFile(file, 'utf8')) + rowLines([still]));
  const { out, err } = await run('--json');
  expect((JSON.parse(out.join('\n')) as Card).sets[0]!.rows).toBe(12);
  expect(err.join('\n')).toContain('Excluded 1 row: it is not about a clip of two frames or more.');
  await writeFile(file, rowLines([still]));
  await expect(run()).rejects.toThrow('has no clips of two frames or more');
  const why = {
    ...still,
    images: ['6.png', '7.png'],
    clip: {},
    question: 'Why does the ball fall?',
    answer: 'Wind',
  };
  await writeFile(file, rowLines([why]));
  await expect(run()).rejects.toThrow('has no rows with a known answer to the reversed clip');
  expect(seen.some(({ text }) => text.includes('Why'))).toBe(false);
});

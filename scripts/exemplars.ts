// Makes library/strategies/exemplars from synthetic worlds: a row for each task of CV-Bench, and a fifth with two frames.
// npx esbuild scripts/exemplars.ts --bundle --platform=node --format=esm --outfile=dist/exemplars.mjs && node dist/exemplars.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { Random } from '../src/base/random.ts';
import type { Sample } from '../src/rows/sample/sample.ts';
import { ask } from '../src/core/worlds/questions/question-forms.ts';
import { rasterise } from '../src/core/worlds/raster.ts';
import { drawRow, type Topic } from '../src/core/worlds/world-rows.ts';
import { ROOM } from '../src/core/worlds/sample-worlds.ts';
import { shade } from '../src/core/worlds/shade.ts';
import type { World } from '../src/core/worlds/world.ts';
import { encodePng } from '../src/lab/images/png.ts';

const FOLDER = 'library/strategies/exemplars';
const SIZE = { w: 224, h: 168 };
mkdirSync(`${FOLDER}/images`, { recursive: true });

const draw = (topic: Topic, seed: string, i: number) =>
  drawRow(Random.from(seed).fork(i), {
    world: ROOM,
    size: SIZE,
    families: [topic],
    style: 'english',
    bias: {},
  });

async function picture(id: string, world: World) {
  writeFileSync(`${FOLDER}/images/${id}.png`, await encodePng(shade(world, rasterise(world, SIZE))));
  return `images/${id}.png`;
}

/** As a person would write it: what the question is about, looks, how far away, and who stands how to whom. */
function graphOf({ scene_graph: graph, question, reasoning }: Sample) {
  const about = `${question} ${reasoning!}`;
  const relevant = graph!.objects.filter(({ label }) => about.includes(label));
  const name = (id: string) => relevant.find((object) => object.id === id)?.label;
  const objects = relevant.map(({ label, attributes, depth }) => ({
    id: label,
    label,
    attributes,
    depth: Math.round(10 * depth!) / 10,
    depth_unit: 'm',
  }));
  const relations = graph!.relations
    .filter(({ frame, subject, object }) => frame === 'viewer' && name(subject) && name(object))
    .map(({ subject, predicate, object }) => ({
      subject: name(subject),
      predicate,
      object: name(object),
      frame: 'viewer',
    }));
  const lengths = [
    ...reasoning!.matchAll(/the (\S+ \S+) is ([\d.]+) meters from the (?!camera)(\w+ \w+)/gi),
  ].map(([, subject, n, object]) => ({
    subject,
    predicate: 'away from',
    object,
    frame: 'none',
    value: { n: Number(n), unit: 'm' },
  }));
  return { version: 1, objects, relations: [...relations, ...lengths] };
}

/** Options and answers by letters, as CV-Bench has them. */
async function exemplar(id: string, topic: Topic, seed: string, i: number, options?: string[]) {
  const { observation, question } = draw(topic, seed, i);
  const sample = ask(observation, question, 'english', { id, image: await picture(id, observation.world) });
  const choices = options ?? sample.choices!;
  const right = choices.indexOf(sample.answer);
  return {
    id,
    question: sample.question,
    answer: `(${String.fromCharCode(65 + right)})`,
    reasoning: sample.reasoning,
    choices,
    images: sample.images,
    task: 'mcq',
    scene_graph: graphOf(sample),
  };
}

async function main() {
  const four = [
    await exemplar('count', 'count', 'ex-count', 7, ['1', '2', '3', '4']),
    await exemplar('relation', 'side', 'ex-side', 3),
    await exemplar('depth', 'nearer', 'ex-nearer', 11),
    await exemplar('distance', 'nearer', 'ex-nearer', 2),
  ];
  // The camera moves to the left: everything moves to the right, near things farther.
  const { world } = draw('side', 'ex-side', 4).observation;
  const moved = { ...world, objects: world.objects.map((solid) => ({ ...solid, x: solid.x + 0.5 })) };
  const names = world.objects.map(({ colour, shape }) => `${colour} ${shape}`);
  const flow = {
    id: 'flow',
    question:
      'The first picture was taken before, the second one after the camera moved. Which way did it move?',
    answer: '(A)',
    reasoning: `From the first picture to the second, ${names.map((name) => `the ${name}`).join(' and ')} move to the right. When everything moves to the right, the camera has moved to the left.`,
    choices: ['left', 'right'],
    images: [await picture('flow-1', world), await picture('flow-2', moved)],
    task: 'mcq',
    scene_graph: {
      version: 1,
      objects: names.map((name) => ({ id: name, label: name, motion: 1 })),
      relations: [],
    },
  };
  const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  writeFileSync(`${FOLDER}/cv-bench-4.qa.jsonl`, lines(four));
  writeFileSync(`${FOLDER}/sat-5.qa.jsonl`, lines([...four, flow]));
}
void main();

import { writeFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Prompt } from '../../../../src/core/prompts/message.ts';
import {
  exemplarImages,
  missingFor,
  refKey,
  stagePrompt,
  type Strategy,
} from '../../../../src/core/prompts/strategy.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { listStrategies, openStrategy } from '../../../../src/lab/strategies.ts';
import type { PixelView } from '../../../../src/rows/view-list.ts';
import { folderOfTests } from '../../../support/folder.ts';

const ROW: Sample = {
  id: 'r',
  question: 'Which is left?',
  answer: '(A)',
  choices: ['the cup', 'the jug'],
  images: ['a.png'],
  depth_map: 'a-depth.png',
  scene_graph: {
    version: 1,
    objects: [
      { id: 'o1', label: 'cup', attributes: { color: 'red' } },
      { id: 'o2', label: 'jug' },
    ],
    relations: [{ subject: 'o1', predicate: 'left of', object: 'o2', frame: 'viewer' }],
  },
};

const without = (field: keyof Sample): Sample => {
  const row = { ...ROW };
  Reflect.deleteProperty(row, field);
  return row;
};

/** The messages of every stage as text, images by their names: `<a.png>`, mirrored `<!a.png>`. */
function asked(
  strategy: Strategy,
  row = ROW,
  view: PixelView = 'original',
  written: Record<string, string> = {},
) {
  const names = ['a.png', 'b.png', 'a-depth.png'];
  const hashes = new Map([
    ...names.map((name) => [refKey(name), name] as const),
    ...exemplarImages(strategy).map(({ file, image }) => [refKey(image, file), image as string] as const),
  ]);
  return strategy.stages.map((stage) =>
    stagePrompt(stage, { sample: row, view, hashes }, written).map(shown),
  );
}
const shown = ({ role, content }: Prompt[number]): [role: string, text: string] => [
  role,
  content
    .map((part) => (typeof part === 'string' ? part : `<${part.view === 'mirror' ? '!' : ''}${part.image}>`))
    .join(''),
];
const user = (name: string, row = ROW, view: PixelView = 'original', written: Record<string, string> = {}) =>
  asked(openStrategy(name), row, view, written).map((messages) => messages.at(-1)![1]);

const MENU = 'Which is left? Choose between the following options: the cup or the jug.';

describe('built-in prompting strategies', () => {
  const all = listStrategies();

  it('built-in strategies are valid, cite a paper item, and show question and options last', () => {
    expect(all.map(({ name }) => name).sort()).toEqual(
      [
        'direct',
        'think',
        'svqa',
        'four-step',
        'describe',
        'depth-map',
        'coordinates',
        'optical-flow',
        'scene-graph',
        'scene-graph-one-stage',
        'scene-graph-confidence',
        'scene-graph-shuffled',
        'program-of-thought',
        'chain-of-symbols',
        'visualization-of-thought',
        'four-shot',
        'four-shot-split',
        'four-shot-tuples',
        'five-shot-split',
        'blind',
        'description',
        'description-only',
        'given-graph',
        'given-graph-shuffled',
      ].sort(),
    );
    for (const strategy of all) {
      expect(strategy.about, strategy.name).toMatch(/\[(?:[AB]-\d+|R\d+)[^\]]*\]\.$/);
      const last = asked(strategy).at(-1)!.at(-1)![1];
      expect(last, strategy.name).toContain('Which is left?');
      expect(last, strategy.name).toMatch(/the cup or the jug|\(A\) the cup\n\(B\) the jug/);
    }
  });

  it('built-in strategies have values for all slots', () => {
    for (const strategy of all) {
      const written = Object.fromEntries(strategy.stages.map(({ name }) => [name, 'WRITTEN']));
      expect(JSON.stringify(asked(strategy, ROW, 'original', written)), strategy.name).not.toMatch(/\{\w+\}/);
    }
  });

  it('built-in strategies show the mirrored image in the mirror view, or no image', () => {
    for (const strategy of all) {
      const text = JSON.stringify(asked(strategy, ROW, 'mirror'));
      const blind = ['blind', 'description-only'].includes(strategy.name);
      expect(text.includes('<!a.png>'), strategy.name).toBe(!blind);
      expect(text, strategy.name).not.toContain('<a.png>');
    }
  });
});

describe('prompts of the built-in strategies', () => {
  it('direct and blind: have one turn, with and without the image [A-1, A-19]', () => {
    expect(asked(openStrategy('direct'))).toEqual([
      [['user', `<a.png>${MENU}\nAnswer with a word or a short phrase.`]],
    ]);
    expect(user('blind')).toEqual([`${MENU}\nAnswer with a word or a short phrase.`]);
  });

  it('svqa: has the published suffix', () => {
    expect(user('svqa')).toEqual([
      `<a.png>${MENU} First output the thinking process in <think> </think> tags and then output the final answer in <answer> </answer> tags.`,
    ]);
  });

  it('scene-graph: has two stages; the second shows the graph, then the image (R27)', () => {
    const [first, second] = asked(openStrategy('scene-graph'), ROW, 'original', { graph: '{"objects":[]}' });
    expect(first![0]![0]).toBe('system');
    expect(first![1]![1]).toMatch(/^<a\.png>For the provided image .*JSON format/);
    expect(second![1]![1]).toMatch(/^Scene graph: \{"objects":\[\]\}\nUse the image [^]*\n<a\.png>$/);
  });

  it('optical-flow: requires rows with two images [A-11]', () => {
    const strategy = openStrategy('optical-flow');
    expect(missingFor(strategy, ROW)).toBe('it does not have 2 pictures');
    const two = { ...ROW, images: ['a.png', 'b.png'] };
    expect(missingFor(strategy, two)).toBeNull();
    expect(user('optical-flow', two)[0]).toMatch(
      /^<a\.png><b\.png>.*"motion".*-1 for left, 0 for none, 1 for right/,
    );
  });

  it('depth-map: mirrors the depth map together with the image [A-16]', () => {
    expect(user('depth-map', ROW, 'mirror')[0]).toMatch(/^<!a\.png>\n[^<]*\n<!a-depth\.png>\n/);
    expect(missingFor(openStrategy('depth-map'), without('depth_map'))).toBe('it has no depth map');
  });

  it('description: contains the scene graph as text, with and without the image [A-19]', () => {
    const told = 'In the picture: cup (red); jug. The cup is left of the jug.\n';
    expect(user('description')[0]!.startsWith(`<a.png>${told}`)).toBe(true);
    expect(user('description-only')[0]!.startsWith(told)).toBe(true);
    expect(missingFor(openStrategy('description'), without('scene_graph'))).toBe('it has no scene graph');
  });

  it('given-graph-shuffled: contains the scene graph with permuted names [A-44]', () => {
    const graph = JSON.stringify(ROW.scene_graph);
    expect(user('given-graph')[0]).toContain(graph);
    const swapped = graph.replace('"cup"', '"?"').replace('"jug"', '"cup"').replace('"?"', '"jug"');
    expect(user('given-graph-shuffled')[0]).toContain(swapped);
  });

  it('four-shot: forms a conversation with unmirrored exemplars [A-7]', () => {
    const [messages] = asked(openStrategy('four-shot'), ROW, 'mirror');
    expect(messages!.map(([role]) => role)).toEqual([
      'system',
      ...Array.from({ length: 4 }, () => ['user', 'assistant']).flat(),
      'user',
    ]);
    expect(messages![1]![1]).toMatch(/^<images\/count\.png>Question: .*\n\(A\) 1\n/);
    expect(messages![2]![1]).toMatch(/```json\n\{.*\}\n```\nAnswer: <answer>\(B\)<\/answer>$/);
    expect(messages!.at(-1)![1]).toMatch(/^<!a\.png>[^]*Assistant: Scene Graph:$/);
  });

  it('four-shot-split: shows answers only in the second stage [A-8]', () => {
    const [first, second] = asked(openStrategy('four-shot-split'), ROW, 'original', { graph: 'G' });
    const said = (messages: [string, string][]) =>
      messages.filter(([role]) => role === 'assistant').map(([, t]) => t);
    expect(said(first!).join()).not.toContain('Answer:');
    expect(said(second!).every((text) => text.includes('Answer: <answer>('))).toBe(true);
    expect(second!.at(-1)![1]).toMatch(/Scene Graph: G\nAssistant: Answer:$/);
  });

  it('five-shot-split: has a fifth exemplar with two images and motion [A-10]', () => {
    const [first] = asked(openStrategy('five-shot-split'));
    expect(first!.filter(([role]) => role === 'assistant')).toHaveLength(5);
    expect(first!.some(([, text]) => text.includes('<images/flow-1.png><images/flow-2.png>'))).toBe(true);
    expect(first!.some(([, text]) => text.includes('"motion":1'))).toBe(true);
  });

  it('four-shot-tuples: has all exemplars in one turn [A-9]', () => {
    const [messages] = asked(openStrategy('four-shot-tuples'));
    expect(messages!.map(([role]) => role)).toEqual(['system', 'user']);
    expect(messages![1]![1].match(/<images\/\w+\.png>/g)).toHaveLength(4);
    expect(messages![1]![1]).toMatch(/<a\.png>Question: Which is left\?[^]*Scene Graph:$/);
  });
});

it('stagePrompt: fills no slots inside a question or a graph', () => {
  const row = { ...ROW, question: 'Is {images} left of {graph}?' };
  expect(user('scene-graph', row, 'original', { graph: '{question}' })[1]).toBe(
    'Scene graph: {question}\nUse the image and scene graph as context and answer the following question.\nIs {images} left of {graph}? Choose between the following options: the cup or the jug.\n<a.png>',
  );
});

describe('openStrategy on user files', () => {
  const folder = folderOfTests('strategies-');
  beforeAll(() => {
    writeFileSync(join(folder, 'ask.prompt.txt'), '# mine\nBriefly: {question} {lettered}\n');
    writeFileSync(join(folder, 'bad.prompt.txt'), '{question} {grahp}');
    symlinkSync(import.meta.filename, join(folder, 'link.prompt.txt'));
    writeFileSync(join(folder, 'mine.qa.jsonl'), '{"id":"x","question":"q","answer":"a","images":[]}\n');
  });
  const written = (text: string) => {
    const path = join(folder, 'own.strategy.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('reads prompts from the folder of the strategy or by name', () => {
    const path = written(
      'about: mine\nstages:\n  first: { user: describe }\n  last: { user: ask.prompt.txt }\n',
    );
    const strategy = openStrategy(path);
    expect(strategy).toMatchObject({ name: 'own', extract: 'whole' });
    expect(asked(strategy)[1]).toEqual([['user', '<a.png>Briefly: Which is left? (A) the cup\n(B) the jug']]);
  });

  it.each([
    [
      'about: x\nstages:\n  a: { usr: direct }\n',
      /own\.strategy\.yaml:3:8: error: Unknown field "usr"\.\n.*"user"/,
    ],
    ['about: x\nstages: {}\n', /own\.strategy\.yaml:2:1: error: "stages": must contain a stage/],
    ['stages:\n  a: { user: question }\n', /"about" is missing/],
    ['about: x\nstages:\n  A b: { user: question }\n', /lower-case letters/],
    [
      'about: x\nstages:\n  a: { user: nope }\n',
      /own\.strategy\.yaml:3:8: error: Prompt ".*nope" does not exist/,
    ],
    [
      'about: x\nstages:\n  a: { user: bad.prompt.txt }\n',
      /bad\.prompt\.txt: .*\{grahp\}, which nothing fills/,
    ],
    // A stage cannot show what is written after it.
    ['about: x\nstages:\n  a: { user: scene-graph-answer }\n', /\{graph\}, which nothing fills/],
    [
      'about: x\nstages:\n  a: { user: question, exemplars: { set: no-set, user: few-shot-question, assistant: few-shot-full } }\n',
      /Exemplar set/,
    ],
    [
      'about: x\nstages:\n  a: { user: question, exemplars: { set: mine.qa.jsonl, user: few-shot-question, assistant: few-shot-full } }\n',
      /mine\.qa\.jsonl:1: the exemplar has no value for \{graph\}\.\n.*scene_graph/,
    ],
    // A model may be another person's server: no other file is shown to it.
    [
      `about: x\nstages:\n  a: { user: question, system: ${import.meta.filename} }\n`,
      /own\.strategy\.yaml:3:24: error: .*strategies\.test\.ts is outside the folder of the strategy\.\n.*Move/,
    ],
    ['about: x\nstages:\n  a: { user: question, system: ../x.txt }\n', /\.\.\/x\.txt is outside/],
    ['about: x\nstages:\n  a: { user: question, system: link.prompt.txt }\n', /link\.prompt\.txt is outside/],
    [
      'about: x\nstages:\n  a: { user: question, exemplars: { set: ../x.qa.jsonl, user: few-shot-question, assistant: few-shot-full } }\n',
      /\.\.\/x\.qa\.jsonl is outside/,
    ],
  ])('openStrategy rejects %j with position and reason', (text, message) => {
    const path = written(text);
    expect(() => openStrategy(path)).toThrow(message);
  });

  it('openStrategy rejects a folder', () => {
    expect(() => openStrategy(tmpdir())).toThrow('is a folder, not a strategy.');
  });

  it('openStrategy rejects an unknown name', () => {
    expect(() => openStrategy('scene-grph')).toThrow('Strategy "scene-grph" does not exist.');
  });
});

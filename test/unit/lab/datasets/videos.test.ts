import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isFrame } from '../../../../src/rows/sample/clip.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { DatasetCheck } from '../../../../src/lab/datasets/check-dataset.ts';
import { framesToTake } from '../../../../src/lab/datasets/frame-cache.ts';
import { openDataset, type ReadOptions } from '../../../../src/lab/datasets/open-dataset.ts';
import { openWriter } from '../../../../src/lab/datasets/write-dataset.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-videos-');

async function read(name: string, rows: object[] | string, options?: ReadOptions) {
  const path = join(folder, name);
  writeFileSync(path, typeof rows === 'string' ? rows : rows.map((row) => JSON.stringify(row)).join('\n'));
  const samples: Sample[] = [];
  const codes: string[] = [];
  const source = await openDataset(path, options);
  for await (const { sample, problems } of source.rows) {
    if (sample) samples.push(sample);
    codes.push(...problems.map(({ code }) => code));
  }
  return { format: source.mapping.name, samples, codes };
}

const QUESTION = 'Does the ball move to the left or to the right?';
const reply = { role: 'assistant', content: 'left' };

describe('a row with a video', () => {
  it.each([
    [
      'messages',
      { messages: [{ role: 'user', content: [{ type: 'video', video: 'a.mp4' }, { type: 'text', text: QUESTION }] }, reply] }, // prettier-ignore
    ],
    ['messages', { messages: [{ role: 'user', content: `<video>${QUESTION}` }, reply], videos: ['a.mp4'] }],
    ['ms-swift', { messages: [{ role: 'user', content: `<video>\n${QUESTION}` }], solution: 'left', videos: ['a.mp4'] }], // prettier-ignore
    ['trl', { prompt: [{ role: 'user', content: QUESTION }], solution: 'left', videos: [{ path: 'a.mp4' }] }],
    ['llava', { conversations: [{ from: 'human', value: `<image>\n${QUESTION}` }, { from: 'gpt', value: 'left' }], video: 'a.mp4' }], // prettier-ignore
    ['table', { question: QUESTION, answer: 'left', video_path: 'a.mp4' }],
    ['qa', { id: '1', question: QUESTION, answer: 'left', video: 'a.mp4' }],
    ['qa', { id: '1', question: QUESTION, answer: 'left', images: ['a.mp4'] }],
  ])('a row with a video in the format %s refers to frames of the video', async (format, row) => {
    const found = await read('rows.jsonl', [row]);
    expect(found).toMatchObject({ format, codes: [], samples: [{ question: QUESTION, answer: 'left' }] });
    const [sample] = found.samples;
    expect(sample!.video).toEqual({ path: 'a.mp4' });
    expect(sample!.images).toHaveLength(8);
    expect(sample!.images.every(isFrame)).toBe(true);
    expect(sample!.meta ?? {}).not.toHaveProperty('videos');
  });

  it('a row with a list of frames becomes a clip of these images', async () => {
    const content = [
      { type: 'video', video: ['f/1.png', 'f/2.png'] },
      { type: 'text', text: QUESTION },
    ];
    const { samples } = await read('frames.jsonl', [{ messages: [{ role: 'user', content }, reply] }]);
    expect(samples).toMatchObject([{ images: ['f/1.png', 'f/2.png'], clip: {} }]);
  });

  it('a row of VSI-Bench uses the frames in its folder, otherwise the video with its name', async () => {
    const row = { dataset: 'scannet', question: 'How many chairs?', options: null, question_type: 'object_counting', ground_truth: '4' }; // prettier-ignore
    for (const scene of ['scannet/one', 'scannet']) mkdirSync(join(folder, scene), { recursive: true });
    for (const file of ['one/1.jpg', 'one/2.jpg', 'two.mp4'])
      writeFileSync(join(folder, 'scannet', file), 'x');
    const { samples } = await read('vsi.jsonl', [
      { ...row, id: 1, scene_name: 'one' },
      { ...row, id: 2, scene_name: 'two' },
    ]);
    expect(samples).toMatchObject([
      { images: ['scannet/one/1.jpg', 'scannet/one/2.jpg'], clip: {} },
      { video: { path: 'scannet/two.mp4' } },
    ]);
  });

  it('a GIF in a video column is a video, and in an image column an image', async () => {
    const { samples } = await read('gif.csv', `video,question,answer\na.gif,${QUESTION},left\n`);
    expect(samples).toMatchObject([{ video: { path: 'a.gif' } }]);
    const pictures = await read('gifs.csv', `image,question,answer\na.gif,${QUESTION},left\n`);
    expect(pictures.samples).toMatchObject([{ images: ['a.gif'] }]);
  });

  it('a row with several videos or with additional images is rejected', async () => {
    const conversations = [{ from: 'human', value: QUESTION }, { from: 'gpt', value: 'left' }]; // prettier-ignore
    const { codes } = await read('two.jsonl', [
      { conversations, image: ['a.mp4', 'b.mp4'] },
      { conversations, image: ['a.mp4', 'b.png'] },
    ]);
    expect(codes).toEqual(['videos', 'videos']);
    const both = await read('both.jsonl', [{ conversations, image: 'a.png', video: 'b.mp4' }]);
    expect(both).toMatchObject({ samples: [], codes: ['videos'] });
  });

  it('recognises a video by its field, and keeps start, end and frame count of Qwen messages', async () => {
    const part = { type: 'video', video: 'file://c/a.gif', video_start: 1, video_end: 3, nframes: 4 };
    const { samples } = await read('gifs.jsonl', [
      { messages: [{ role: 'user', content: [part, { type: 'text', text: QUESTION }] }, reply] },
      { messages: [{ role: 'user', content: `<video>${QUESTION}` }, reply], videos: ['a.h264'] },
    ]);
    expect(samples).toMatchObject([
      { question: QUESTION, video: { path: 'c/a.gif', start_s: 1, end_s: 3, frames: 4 } },
      { question: QUESTION, video: { path: 'a.h264' } },
    ]);
    const frames = { type: 'video', video: ['file://f/1.png', 'file://f/2.png'], fps: 2 };
    const clip = await read('listed.jsonl', [
      { messages: [{ role: 'user', content: [frames, { type: 'text', text: QUESTION }] }, reply] },
    ]);
    expect(clip.samples).toMatchObject([{ images: ['f/1.png', 'f/2.png'], clip: { fps: 2 } }]);
  });

  it('a row of DSI-Bench has a path in the video folder of its table', async () => {
    const head = 'cate,relative_path,video_type,question,options,GT,others';
    const row =
      '2,Some/a.mp4,1,How does the camera move?,"A: Forward; B: To the left; C: Back, then forward; D: It rests",B,';
    const { format, samples, codes } = await read('std.csv', `${head}\n${row}\n`);
    expect({ format, codes }).toEqual({ format: 'dsi-bench', codes: [] });
    expect(samples).toMatchObject([
      {
        id: 'dsi-std-0',
        question: 'How does the camera move?',
        answer: 'B',
        choices: ['Forward', 'To the left', 'Back, then forward', 'It rests'],
        video: { path: 'Some/a.mp4' },
        source: 'DSI-Bench',
        meta: { cate: '2', kind: 'camera, static scene' },
      },
    ]);
  });

  it('a row of LLaVA-Video has its options in the question', async () => {
    const value = `<image>\nWhich way does the ball move?\nA. left\nB. right\nPlease respond with only the letter of the correct answer.`;
    const { samples } = await read('mc.json', JSON.stringify([
      { id: 'v', conversations: [{ from: 'human', value }, { from: 'gpt', value: 'B.' }], data_source: '0_30_s_youtube', video: 'some/v.mp4' },
    ])); // prettier-ignore
    expect(samples).toMatchObject([
      {
        question: 'Which way does the ball move?',
        choices: ['left', 'right'],
        video: { path: 'some/v.mp4' },
      },
    ]);
  });

  it('a row with a video is written without frame references, and is read back unchanged', async () => {
    const { samples } = await read('own.qa.jsonl', [
      { id: '1', question: QUESTION, answer: 'left', video: { path: 'a.mp4', frames: 4, end_s: 2 } },
      { id: '2', question: QUESTION, answer: 'left', video: { path: 'a.mp4' }, images: ['1.png', '2.png'] },
    ]);
    let text = '';
    const writer = await openWriter((piece) => Promise.resolve(void (text += piece)), 'qa');
    for (const sample of samples) await writer.write(sample);
    await writer.commit();
    expect(text.split('\n').map((line) => line.includes('"images"'))).toEqual([false, true, false]);
    expect((await read('again.qa.jsonl', text)).samples).toEqual(samples);
  });
});

it('framesToTake: counts frames without creating their names', () => {
  expect(framesToTake({ path: 'a.mp4', fps: 1e9 }, 2).plan.frames).toBe(2e9);
  expect(framesToTake({ path: 'a.mp4', frames: 2 }, 2).names()).toEqual(['000.png', '001.png']);
});

it('DatasetCheck: warns about frames of different sizes, but not about separate images', async () => {
  const images = [{ path: '1', w: 4, h: 3 }, { path: '2', w: 4, h: 3 }, { path: '3', w: 3, h: 4 }]; // prettier-ignore
  const row = { id: '1', question: QUESTION, answer: 'left', images };
  const codesOf = async (sample: object) => {
    const check = new DatasetCheck();
    check.startFile('a');
    return (await check.row({ line: 1, sample: sample as Sample, problems: [] })).map(({ code }) => code);
  };
  expect(await codesOf({ ...row, clip: { fps: 2 } })).toEqual(['clip-sizes']);
  expect(await codesOf(row)).toEqual([]);
});

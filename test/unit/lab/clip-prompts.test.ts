import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ChatPart, ChatRequest } from '../../../src/base/chat.ts';
import { parseSample } from '../../../src/rows/sample/parse-sample.ts';
import { AS_TRAINED, type Strategy } from '../../../src/core/prompts/strategy.ts';
import { inView } from '../../../src/rows/views/view.ts';
import { EndpointSampler } from '../../../src/engines/openai/endpoint-sampler.ts';
import { imageCodec } from '../../../src/lab/endpoint.ts';
import { answerSamples } from '../../../src/lab/evaluation/answer-samples.ts';
import { ImageFiles } from '../../../src/lab/datasets/image-files.ts';
import { encodeImage } from '../../../src/lab/images/decode.ts';
import { lengthOfVideo } from '../../../src/lab/images/video.ts';
import { ffmpeg, withFfmpeg } from '../../support/ffmpeg.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('clip-prompts-');
const images = ['0.png', '1.png', '2.png'];

const strategy = (name = 'direct'): Strategy => ({
  name,
  about: '',
  extract: 'whole',
  stages: [{ name: 'answer', user: '{question}', images: 'shown', options: 'shown' }],
});

/** What an endpoint is sent about a row of three frames, black, grey and white. */
async function sent(
  fields: object,
  { video = false, view = 'original', as = strategy() } = {},
): Promise<ChatPart[]> {
  for (const [i, name] of images.entries()) {
    const data = new Uint8Array(18 * 11 * 3).fill(i * 100);
    writeFileSync(join(folder, name), await encodeImage({ width: 18, height: 11, data }, 'png'));
  }
  const question = 'Does the ball move to the left or to the right?';
  const { sample } = parseSample({ id: '1', question, answer: 'left', images, ...fields });
  const requests: ChatRequest[] = [];
  const sampler = new EndpointSampler({
    ask: (request) => {
      requests.push(request);
      return Promise.resolve({
        text: 'left',
        finish: 'stop',
        usage: { prompt_tokens: 0, completion_tokens: 0 },
      });
    },
    address: 'here',
    model: 'm',
    images: imageCodec({ format: 'png', maxPixels: null, video }),
    cache: null,
    concurrency: 1,
    retry: { retries: 0, backoffMs: 1 },
    lacks: [],
    signal: new AbortController().signal,
  });
  const seen = inView(sample!, view)!;
  const files = new ImageFiles(folder, folder);
  await answerSamples(sampler, [{ sample: seen, view, images: files }], as, {
    n: 1,
    temperature: 0,
    topP: 1,
    maxTokens: 5,
    seed: 1,
  });
  return requests[0]!.messages[0]!.content as ChatPart[];
}

const textOf = (parts: readonly ChatPart[]) =>
  parts.map((part) => (part.type === 'text' ? part.text : `<${part.type}>`)).join('');
const urls = (parts: readonly ChatPart[]) =>
  parts.flatMap((part) => (part.type === 'image_url' ? [part.image_url.url] : []));

it('an endpoint receives clip frames with their times, and single images without times', async () => {
  const clip = { clip: { times_s: [0.5, 1, 2.25] } };
  const parts = await sent(clip);
  expect(textOf(parts)).toMatch(
    /^Frame 1, at 0\.50 s:\n<image_url>\nFrame 2, at 1\.00 s:\n<image_url>\nFrame 3, at 2\.25 s:\n<image_url>\nDoes/,
  );
  expect(textOf(await sent({}))).toMatch(/^(<image_url>){3}Does/);
  expect(textOf(await sent(clip, { as: strategy(AS_TRAINED) }))).toMatch(/^(<image_url>){3}Does/);
});

it('a reversed clip has its frames and times in reverse order', async () => {
  const clip = { clip: { times_s: [0.5, 1, 2.25] } };
  const [there, back] = [await sent(clip), await sent(clip, { view: 'reverse' })];
  expect(urls(back)).toEqual(urls(there).reverse());
  expect(textOf(back)).toContain('Frame 2, at 1.75 s:');
});

withFfmpeg('an endpoint that takes videos', () => {
  // Of three frames, the first and the last, half a second apart: each is shown as long.
  it('a video input has an even number of frames and the right duration, in each view', async () => {
    const clip = { clip: { fps: 4 } };
    const videos = [];
    for (const view of ['original', 'reverse']) {
      const parts = await sent(clip, { video: true, view });
      expect(textOf(parts)).toMatch(/^<video_url>Does/);
      const [part] = parts;
      const url = part?.type === 'video_url' ? part.video_url.url : '';
      const path = join(folder, `${view}.mp4`);
      writeFileSync(path, Buffer.from(url.replace('data:video/mp4;base64,', ''), 'base64'));
      expect(await lengthOfVideo(path)).toBeCloseTo(1, 2);
      ffmpeg(folder, '-i', path, '-vf', 'scale=1:1', '-f', 'rawvideo', '-pix_fmt', 'gray', `${view}.raw`);
      videos.push(url);
    }
    const [again] = await sent(clip, { video: true });
    expect(again).toEqual({ type: 'video_url', video_url: { url: videos[0] } });
    const greys = (view: string) => [...readFileSync(join(folder, `${view}.raw`))];
    expect(greys('original')).toHaveLength(2);
    greys('reverse').forEach((grey, i) => expect(Math.abs(grey - greys('original')[1 - i]!)).toBeLessThan(4));
  });
});

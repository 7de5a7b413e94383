import { fork, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mirrorToAsk } from '../../src/rows/views/view.ts';
import { Channel } from '../../src/base/channel.ts';
import type { ServedModel, ServedQuestion } from '../../src/core/insight/served-model.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { CLI } from '../unit/lab/recipes/cli.ts';
import { BLUE, halves, RED, scratch, torch } from './open.ts';

/** Its first stage is short, its second one as long as it is allowed to be. */
const WAY = `
about: Two stages.
stages:
  first: { user: question, max_tokens: 2 }
  second: { user: question }
`;

describe.skipIf(!torch)('a served model in the transformers format', () => {
  const folder = scratch();
  const model = torch ? resolve(torch.models, 'qwen2_5_vl') : '';
  beforeAll(async () => {
    writeFileSync(join(folder, 'a.png'), await halves(RED, BLUE));
    writeFileSync(join(folder, 'way.strategy.yaml'), WAY);
  });

  let child: ChildProcess;
  let channel: Channel<ServedModel>;
  beforeAll(() => {
    child = fork(CLI, ['serve-model', '--model', model], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    channel = new Channel<ServedModel>(
      { post: (message) => child.send(message as object), listen: (receive) => child.on('message', receive) },
      {},
    );
  });
  afterAll(() => child?.disconnect());

  it('a served model stops generating when the call is cancelled, and answers the next question', async () => {
    const text = 'Is the red cube left of the blue ball?';
    const sample: Sample = { id: 'q', question: text, answer: '', images: ['a.png'] };
    const question = (max_tokens: number): ServedQuestion => ({
      sample,
      place: { folder, root: folder },
      mirror: mirrorToAsk(sample),
      strategy: join(folder, 'way.strategy.yaml'),
      sampling: { n: 1, temperature: 0, top_p: 1, seed: 0, max_tokens },
    });
    const stop = new AbortController();
    const { signal } = stop;
    const endless = channel.call('ask', question(30_000), { signal, onProgress: () => stop.abort() });
    await expect(endless).rejects.toMatchObject({ name: 'AbortError' });
    // Questions wait for each other: it is answered because the worker no longer writes.
    const { views } = await channel.call('ask', question(4));
    expect(views.map(({ view }) => view)).toEqual(['original', 'mirror']);
    for (const { completions } of views)
      expect(completions[0]!.segments.map(({ stage }) => stage)).toEqual(['first', 'second']);
  });
});

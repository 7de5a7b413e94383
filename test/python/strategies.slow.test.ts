import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/core/prompts/message.ts';
import type { EvaluationRow } from '../../src/core/evaluation/evaluation-row.ts';
import { chirality } from '../unit/lab/recipes/cli.ts';
import { ALL, askByAll } from './all-strategies.ts';
import { openTiny, scratch, torch } from './open.ts';

describe.skipIf(!torch)('built-in prompting strategies on the torch engine', () => {
  it('Qwen2.5-VL supports all built-in strategies', async () => {
    const trainer = await openTiny('qwen2_5_vl');
    expect(await askByAll(trainer)).toEqual({ asked: ALL, refused: {} });
    await trainer.close();
  });

  it('PaliGemma supports all strategies except those with several turns or images', async () => {
    const trainer = await openTiny('paligemma2');
    const { asked, refused } = await askByAll(trainer);
    const [shots, pictures] = [
      ['five-shot-split', 'four-shot', 'four-shot-split'],
      ['depth-map', 'four-shot-tuples', 'optical-flow'],
    ];
    expect(asked).toEqual(ALL.filter((name) => ![...shots, ...pictures].includes(name)));
    for (const name of shots) expect(refused[name]).toMatch(/ does not support prompts of several turns\./);
    for (const name of pictures)
      expect(refused[name]).toMatch(/ does not support several images in one prompt\.$/);
    await trainer.close();
  });

  it('the first line contains the system message for PaliGemma, which has no roles', async () => {
    const trainer = await openTiny('paligemma2');
    const say = (role: Message['role'], text: string): Message => ({ role, content: [text] });
    const roles = await trainer.encode([say('system', 'Think.'), say('user', 'Is the red cube left?')]);
    expect(roles).toEqual(await trainer.encode([say('user', 'Think.\nIs the red cube left?')]));
    await trainer.close();
  });

  it('PaliGemma answers in two stages: scene graph and answer', async () => {
    const folder = scratch();
    const worlds = ['--style', 'compact', '--size', '56', '--families', 'side'];
    expect((await chirality(folder, 'worlds', '--count', '2', '-o', 'val', ...worlds)).code).toBe(0);
    const model = ['--engine', 'torch', '--model', resolve(torch!.models, 'paligemma2'), '--max-tokens', '8'];
    const set = ['--set', `val=${join(folder, 'val/data.qa.jsonl')}`];
    const said = await chirality(folder, 'eval', ...model, ...set, '--strategy', 'scene-graph');
    expect(said.code, said.stderr).toBe(0);
    const out = said.stdout.trim().split('\n').at(-1)!;
    const rows = (await readFile(join(folder, out, 'rows.jsonl'), 'utf8')).trim().split('\n');
    expect(rows).toHaveLength(4);
    for (const row of rows)
      expect((JSON.parse(row) as EvaluationRow).segments.map(({ stage }) => stage)).toEqual([
        'graph',
        'answer',
      ]);
  });
});

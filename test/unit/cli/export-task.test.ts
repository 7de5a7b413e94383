import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addBenchmarkTaskCommand } from '../../../src/cli/commands/benchmark-task.command.ts';
import { decodeImage } from '../../../src/lab/images/decode.ts';
import { runCommand } from '../../support/command.ts';
import { readRows } from '../../support/rows.ts';

const VAL = 'test/fixtures/recorded/project/val';

interface Question {
  id: string;
  pair: string;
  view: string;
  answer: string;
  messages: { role: string; content: { type: string; text?: string; image?: string }[] }[];
  row: string;
}

const exported = async (...args: string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'chirality-task-'));
  const set = join(folder, 'val-1.qa.jsonl');
  cpSync(join(VAL, 'images'), join(folder, 'images'), { recursive: true });
  cpSync(join(VAL, 'data.qa.jsonl'), set);
  const out = join(folder, 'task');
  const said = await runCommand(addBenchmarkTaskCommand, 'task', set, '-o', out, ...args);
  const read = () => readRows<Question>(join(out, 'rows.jsonl'));
  return { folder, set, out, said, read };
};

describe('chirality benchmark task', () => {
  it('writes both views of every row with prompts, and the image of each view', async () => {
    const { out, read } = await exported('--to', 'inspect');
    const questions = read();
    expect(questions.map(({ view }) => view)).toEqual(Array(6).fill(['original', 'mirror']).flat());
    const [original, mirror] = questions as [Question, Question];
    expect(original.pair).toBe(mirror.pair);
    expect([original.answer, mirror.answer]).toEqual(['left', 'right']);
    const [content] = mirror.messages.map((message) => message.content);
    expect(content!.map(({ type }) => type)).toEqual(['image', 'text']);
    expect(content![1]!.text).toBe(
      'where is the red-cube from the blue-cube ? Choose between the following options: right or left.\nAnswer with a word or a short phrase.',
    );
    const [one, other] = await Promise.all(
      [original, mirror].map(({ messages }) =>
        decodeImage(readFileSync(join(out, messages[0]!.content[0]!.image!))),
      ),
    );
    const at = (picture: typeof one, x: number, y: number) => [
      ...picture!.data.subarray(3 * (y * 16 + x), 3 * (y * 16 + x) + 3),
    ];
    for (const [x, y] of [
      [0, 0],
      [3, 7],
      [15, 9],
    ] as const)
      expect(at(one, x, y)).toEqual(at(other, 15 - x, y));
    const pictures = questions.map(({ row }) => (JSON.parse(row) as { picture: string }).picture);
    expect(pictures[0]).toBe(pictures[1]);
    expect(new Set(pictures).size).toBe(6);
    expect(readFileSync(join(out, 'val_1.py'), 'utf8')).toContain('not `pip install\nchirality`');
    expect(JSON.parse(mirror.row)).toMatchObject({ id: mirror.pair, view: 'mirror', answer: 'right' });
    expect(readdirSync(out).sort()).toEqual(['images', 'rows.jsonl', 'val_1.py']);
    expect(readFileSync(join(out, 'val_1.py'), 'utf8')).toContain('def val_1() -> Task:');
  });

  it('writes each image once, and no local paths', async () => {
    const { out, read } = await exported('--to', 'lmms-eval');
    const names = readdirSync(join(out, 'images'));
    const hashes = names.map((name) =>
      createHash('sha256')
        .update(readFileSync(join(out, 'images', name)))
        .digest('hex'),
    );
    expect(new Set(hashes).size).toBe(names.length);
    expect(new Set(read().map(({ id }) => id)).size).toBe(12);
    for (const name of ['val_1.yaml', 'val_1.py', 'rows.jsonl'])
      expect(readFileSync(join(out, name), 'utf8')).not.toContain(tmpdir());
  });

  it('passes folder and set name to VLMEvalKit', async () => {
    const { out } = await exported('--to', 'vlmevalkit', '--limit', '1');
    expect(readFileSync(join(out, 'val_1.py'), 'utf8')).toContain(
      'main(Path(__file__).resolve().parent, "val_1")',
    );
  });

  it.each(['class', 'null', 'json', '7'])(
    'avoids task names reserved in Python or YAML: %s',
    async (name) => {
      const { set, folder } = await exported('--to', 'vlmevalkit', '--limit', '1');
      const file = join(folder, `${name}.qa.jsonl`);
      copyFileSync(set, file);
      const out = join(folder, `task-${name}`);
      const options = ['--to', 'lmms-eval', '--limit', '1', '-o', out];
      await runCommand(addBenchmarkTaskCommand, 'task', file, ...options);
      expect(readdirSync(out)).toEqual(expect.arrayContaining([`set_${name}.py`, `set_${name}.yaml`]));
      expect(readFileSync(join(out, `set_${name}.yaml`), 'utf8')).toContain(`task: set_${name}\n`);
    },
  );

  it('rejects strategies that a harness cannot run, and non-empty folders', async () => {
    await expect(exported('--to', 'inspect', '--strategy', 'scene-graph')).rejects.toThrow(
      'Cannot export the strategy scene-graph',
    );
    await expect(exported('--to', 'inspect', '--strategy', 'four-step')).rejects.toThrow(
      'from the last line',
    );
    const { set, folder } = await exported('--to', 'inspect');
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full/note.txt'), 'mine');
    await expect(
      runCommand(addBenchmarkTaskCommand, 'task', set, '--to', 'inspect', '-o', join(folder, 'full')),
    ).rejects.toThrow('is not empty');
    const lost = join(folder, 'lost.qa.jsonl');
    writeFileSync(lost, '{"id":"a","question":"Left?","answer":"yes","images":["gone.png"]}\n');
    const none = join(folder, 'none');
    await expect(
      runCommand(addBenchmarkTaskCommand, 'task', lost, '--to', 'inspect', '-o', none),
    ).rejects.toThrow(/lost\.qa\.jsonl has no usable rows\.\n {2}.*[^.]\.$/);
    expect(readdirSync(none)).toEqual([]);
  });
});

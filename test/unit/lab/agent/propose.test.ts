import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { addReviewCommand } from '../../../../src/cli/commands/review.command.ts';
import { reviewItem } from '../../../../src/core/annotation/review.ts';
import { inView } from '../../../../src/rows/views/view.ts';
import { Agent } from '../../../support/agent.ts';
import { runCommand } from '../../../support/command.ts';
import { folderOfEachTest } from '../../../support/folder.ts';
import { openProject } from '../../recorded/files.ts';
import { readRows } from '../../../support/rows.ts';

let folder = '';
folderOfEachTest('agent-propose-', (made) => (folder = made));

const FILE = 'data/reviewed.qa.jsonl';
const samplesIn = async (file: string) => readRows(join(folder, file));
const sampleOf = async (id: string, file = FILE) => (await samplesIn(file)).find((one) => one.id === id)!;

interface Answer {
  written: number;
  refused: { id: string; why: string }[];
  checks: { id: string; failed: string[] }[];
  waiting?: number;
  drafts?: string;
}

describe('propose_rows', () => {
  let agent: Agent;
  beforeEach(async () => {
    await openProject(folder);
    agent = await Agent.in(folder, { allow: 'propose', by: 'claude code\u202e' });
  });
  const propose = (input: object) => agent.call<Answer>('propose_rows', { file: FILE, ...input });

  it("adds an agent's rewrites to the review queue under the name of the agent", async () => {
    const { rows } = await agent.call<{ rows: { id: string; question: string; answer: string }[] }>(
      'read_data',
      { file: FILE, part: 'rows', where: 'state = pending' },
    );
    expect(rows.length).toBeGreaterThan(1);
    const rewrites = rows.map(({ id, question, answer }) => ({
      id,
      question,
      answer,
      note: 'Nothing turns.',
    }));
    const before = await readFile(join(folder, FILE), 'utf8');
    const { written, refused, waiting } = await propose({ rows: rewrites });
    expect([written, refused, waiting]).toEqual([rows.length, [], rows.length]);
    expect(agent.calls).toBe(2);
    expect(agent.characters).toBeLessThan(3000);
    const after = (await readFile(join(folder, FILE), 'utf8')).split('\n');
    const changed = before.split('\n').filter((line, i) => line !== after[i]);
    expect(changed).toHaveLength(rows.length);
    const sample = await sampleOf(rows[0]!.id);
    expect(sample.variants!.mirror).toMatchObject({
      status: 'needs_llm',
      route: 'llm',
      review: { state: 'pending', by: 'agent:claude-code-', note: 'Nothing turns.' },
    });
    expect(reviewItem(sample, 'mirror')).toMatchObject({ route: 'llm', state: 'pending' });
    // No run trains on it, whatever its checks say.
    expect(inView(sample, 'mirror')).toBeNull();
    const { out } = await runCommand(
      addReviewCommand,
      'review',
      join(folder, FILE),
      '--where',
      'by contains agent',
    );
    expect(out.join('\n')).toContain('pending (proposed by agent:claude-code-)');
    await runCommand(
      addReviewCommand,
      'review',
      join(folder, FILE),
      '--discard',
      rows[0]!.id,
      '--by',
      'mira',
    );
    expect((await sampleOf(rows[0]!.id)).variants!.mirror!.review).toMatchObject({
      state: 'discarded',
      by: 'mira',
    });
    const again = await propose({ rows: rewrites.slice(0, 1) });
    expect(again).toMatchObject({
      written: 0,
      refused: [{ id: rows[0]!.id, why: 'A person has already decided on this row.' }],
    });
  });

  it('rejects rows that await no review, and writes the remaining rows', async () => {
    const samples = await samplesIn(FILE);
    const trusted = samples.find(
      ({ variants }) => variants?.mirror?.status === 'flipped' && !variants.mirror.review,
    )!;
    const decided = samples.find(({ variants }) => variants?.mirror?.review?.state === 'accepted')!;
    const texts = { question: 'Is it on the right?', answer: 'no' };
    const { written, refused } = await propose({
      rows: [trusted.id, decided.id, 'nobody', 'sh-001', 'sh-001'].map((id) => ({ id, ...texts })),
    });
    expect(written).toBe(1);
    expect(refused).toEqual([
      { id: trusted.id, why: 'The row needs no text, because its status is flipped.' },
      { id: decided.id, why: 'A person has already decided on this row.' },
      { id: 'nobody', why: 'The file has no row with this id.' },
      { id: 'sh-001', why: 'The file has no row with this id.' },
    ]);
    expect((await sampleOf(decided.id)).variants).toEqual(decided.variants);
  });

  it('writes each draft once, into a separate file, as pending', async () => {
    const before = await readFile(join(folder, FILE), 'utf8');
    const drafts = [
      { question: 'Is the cat left of the dog?', answer: 'Yes', image_of: 'sh-001' },
      { question: 'What is left?', answer: 'x', image_of: 'nobody' },
    ];
    const { written, refused, drafts: file } = await propose({ rows: drafts });
    expect([written, file]).toEqual([1, 'data/reviewed.drafts.qa.jsonl']);
    expect(refused[0]!.why).toContain('row "nobody" does not exist');
    expect(await propose({ rows: drafts })).toMatchObject({
      written: 0,
      refused: [{ why: 'This draft already exists.' }, {}],
    });
    expect(await readFile(join(folder, FILE), 'utf8')).toBe(before);
    const [sample, ...others] = await samplesIn(file!);
    expect(others).toEqual([]);
    expect(sample).toMatchObject({
      question: 'Is the cat left of the dog?',
      images: (await sampleOf('sh-001')).images,
      source: 'agent:claude-code-',
      variants: {
        mirror: {
          question: 'Is the cat right of the dog?',
          review: { state: 'pending', by: 'agent:claude-code-' },
        },
      },
    });
    expect(inView(sample!, 'mirror')).toBeNull();
  });

  it('does not change frozen sets or the data of runs that can resume', async () => {
    await writeFile(
      join(folder, 'data/reviewed.frozen.json'),
      JSON.stringify({ files: [{ path: 'reviewed.qa.jsonl' }] }),
    );
    const rewrites = [{ id: 'sh-001', question: 'a', answer: 'b' }];
    expect(await agent.mistake('propose_rows', { file: FILE, rows: rewrites })).toContain(
      'frozen by reviewed.frozen.json',
    );
    const state = join(folder, 'runs/spatial/state.json');
    await writeFile(state, (await readFile(state, 'utf8')).replace('"finished"', '"stopped"'));
    const drafts = [{ question: 'a', answer: 'b' }];
    expect(await agent.mistake('propose_rows', { file: 'train/data.qa.jsonl', rows: drafts })).toContain(
      'run spatial (stopped)',
    );
  });

  it('propose_rows does not follow a link in place of the drafts file', async () => {
    const outside = join(folder, '..', `outside-${process.pid}.qa.jsonl`);
    await symlink(outside, join(folder, 'data/reviewed.drafts.qa.jsonl'));
    expect(
      await agent.mistake('propose_rows', { file: FILE, rows: [{ question: 'a', answer: 'b' }] }),
    ).toContain('is a link out of');
    await expect(readFile(outside)).rejects.toThrow('ENOENT');
  });

  it('propose_rows is unavailable to an agent with read-only access', async () => {
    const reader = await Agent.in(folder);
    expect(await reader.mistake('propose_rows', { file: FILE, rows: [] })).toBe(
      'Tool "propose_rows" does not exist.',
    );
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { auditLoop } from '../../../src/cli/audit-loop.ts';
import { addEvalCommand } from '../../../src/cli/commands/eval.command.ts';
import { addReportCommand } from '../../../src/cli/commands/report.command.ts';
import { PLAIN } from '../../../src/cli/terminal.ts';
import type { Audit } from '../../../src/core/metrics/audit/audit.ts';
import type { Judgement } from '../../../src/core/evaluation/judgement.ts';
import { AuditSession } from '../../../src/lab/evaluation/audit-session.ts';
import { runCommand } from '../../support/command.ts';
import { rowOf, writeEvaluation } from '../../support/evaluation.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { readRows } from '../../support/rows.ts';

let folder = '';
folderOfEachTest('eval-audit-', (made) => (folder = made));
const dir = (name = 'a') => join(folder, 'evals', name);

/** Free text, of which the rules judge a part; a third is right. */
const rows = (name: string) =>
  (['original', 'mirror'] as const).flatMap((view) =>
    Array.from({ length: 12 }, (_, i) =>
      rowOf({
        id: `r${i}`,
        set: 'val',
        view,
        task: 'name',
        question: `What is beside plate ${i}?`,
        answer: 'a blue cup',
        completion:
          i % 3 === 0 ? 'a blue cup' : i % 3 === 1 ? `${name} ${i}, I believe, and more` : 'a red jug',
      }),
    ),
  );

beforeEach(async () => {
  for (const name of ['a', 'b']) await writeEvaluation(dir(name), rows(name), { model: name });
});

const audit = (...args: string[]) =>
  runCommand(addEvalCommand, 'eval', 'audit', '--runs', join(folder, 'runs'), ...args);
const judgements = (name = 'a') => readRows<Judgement>(join(dir(name), 'audit.jsonl'));

type Listed = Record<string, unknown> & { id: string; answer: string; evaluations?: string[] };
const list = async (...args: string[]) =>
  (await audit(...args, '--list')).out.map((line) => JSON.parse(line) as Listed);

/** Writes the listed answers with what a person says of them. */
function judged(listed: readonly Listed[]): string {
  const file = join(folder, 'judged.jsonl');
  const lines = listed.map((one) => ({ ...one, verdict: one.answer === 'a blue cup' ? 'right' : 'wrong' }));
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  return file;
}

/** A report as Markdown. */
async function reported(...args: string[]): Promise<string> {
  const file = join(folder, 'report.md');
  await runCommand(addReportCommand, 'report', ...args, '-o', file);
  return readFileSync(file, 'utf8');
}

/** Presses keys at a terminal. */
async function sit(keys: string[], sample = 6, person = 'mira') {
  const session = await AuditSession.open([dir()], { person, sample });
  const shown: string[] = [];
  const seat = {
    style: PLAIN,
    show: (text: string) => shown.push(text),
    key: () => Promise.resolve(keys.shift() ?? null),
  };
  await auditLoop(
    session,
    seat,
    () => Promise.resolve('picture.png'),
    () => '2026-01-01T00:00:00Z',
  );
  return { shown, session };
}

describe('eval audit at a terminal', () => {
  it('saves each rating by one key, and hides the scores of the rules', async () => {
    const { shown, session } = await sit(['r', 'w', 'c', 'q']);
    expect(judgements().map(({ verdict }) => verdict)).toEqual(['right', 'wrong', 'cannot_tell']);
    expect(shown.map((text) => text.split('\n')[0])).toEqual(['1 of 6', '2 of 6', '3 of 6', '4 of 6']);
    expect(shown.join()).not.toMatch(/not scored|unparsed|score/);
    expect(session.judged).toBe(3);
  });

  it('undoes ratings, returns to skipped answers, and continues later', async () => {
    await sit(['r', 'u', 's', 'r', 'q']);
    expect(judgements().map(({ verdict }) => verdict)).toEqual(['right', null, 'right']);
    const { shown, session } = await sit(['a', 'p', 'r', 'r', 'r', 'r', 'r']);
    expect(shown[0]).toContain('2 of 6');
    expect(shown[1]).toContain('written');
    expect(shown[2]).toContain('picture.png');
    expect(session.nextFrom(0)).toBeNull();
  });

  it('shows the same answers to a second person, and extends a sample', async () => {
    await sit(Array<string>(6).fill('r'));
    const jon = await sit(Array<string>(6).fill('r'), 6, 'jon');
    expect(jon.session.audit().agreement).toMatchObject({ n: 6, same: 6 });
    const more = await sit([], 10);
    expect(more.session.judged).toBe(6);
    expect(more.session.turns.slice(0, 6).map(({ shown }) => shown.key)).toEqual(
      jon.session.turns.map(({ shown }) => shown.key),
    );
  });
});

describe('eval audit in a script', () => {
  it('lists the sample, and reads the ratings back', async () => {
    const listed = await list(dir(), '--sample', '24');
    expect(listed).toHaveLength(24);
    expect(Object.keys(listed[0]!)).not.toContain('score');
    const { out } = await audit(
      dir(),
      '--sample',
      '24',
      '--answers',
      judged(listed),
      '--person',
      'mira',
      '--json',
    );
    const result = JSON.parse(out[0]!) as Audit;
    expect(result.figures.map(({ metric, estimate }) => [metric, estimate!.value, estimate!.these])).toEqual(
      [
        ['accuracy', 1 / 3, [1 / 3, 1 / 3]],
        ['accuracy', 1 / 3, [1 / 3, 1 / 3]],
        ['consistent', 1 / 3, [1 / 3, 1 / 3]],
      ].map(([metric, value, ends]) => [
        metric,
        expect.closeTo(value as number, 9),
        (ends as number[]).map((end) => expect.closeTo(end, 9) as number),
      ]),
    );
    const report = await reported(dir());
    expect(report).toContain('Human ratings');
    expect(report).toContain('is estimated from 12 pairs with human ratings');
  });

  it('reads ratings from a table, and reports the lines of invalid verdicts', async () => {
    const [first] = await list(dir());
    const file = join(folder, 'judged.csv');
    writeFileSync(file, `id,set,view,verdict\n${first!.id},val,original,Right\n`);
    await audit(dir(), '--answers', file, '--person', 'mira');
    expect(judgements()).toMatchObject([{ id: first!.id, verdict: 'right', person: 'mira' }]);
    writeFileSync(file, `id,set,view,verdict\n${first!.id},val,original,maybe\n`);
    await expect(audit(dir(), '--answers', file)).rejects.toThrow(/judged\.csv:2.*"maybe"/);
    writeFileSync(file, `id,set,view,verdict\nnobody,val,original,right\n`);
    await expect(audit(dir(), '--answers', file)).rejects.toThrow(/judged\.csv:2.*not in the sample/);
  });

  it('estimates the difference of two evaluations, and requests equal answers once', async () => {
    const listed = await list(dir('a'), dir('b'), '--sample', '48');
    expect(listed.filter(({ evaluations }) => evaluations!.length === 2)).toHaveLength(16);
    const { out } = await audit(dir('a'), dir('b'), '--sample', '48', '--answers', judged(listed), '--json');
    const { figures } = JSON.parse(out[0]!) as Audit;
    const differences = figures.filter(({ metric }) => metric === 'difference');
    expect(differences.map(({ view, estimate }) => [view, estimate!.value])).toEqual([
      ['original', 0],
      ['mirror', 0],
    ]);
    expect(judgements('a').length).toBe(judgements('b').length);
    const report = await reported('--compare', dir('a'), dir('b'));
    expect(report).toContain('Human ratings of differences');
    expect(report).toMatch(/val, originals: no clear difference.*estimated from 12 rows with human ratings/);
    expect(report).toContain('All other results, including p and the tables');
  });

  it('requests changed answers again, and keeps the seed of the order', async () => {
    const listed = await list(dir(), '--sample', '4');
    await audit(dir(), '--sample', '4', '--answers', judged(listed));
    const { id } = judgements()[0]!;
    const changed = rows('a').map((row) => (row.id === id ? { ...row, question: 'What else?' } : row));
    await writeEvaluation(dir(), changed, { model: 'a' });
    const { err, out } = await audit(dir(), '--json');
    expect(err.join('\n')).toContain('because their texts have changed');
    expect((JSON.parse(out[0]!) as Audit).judged).toBeLessThan(4);
    await expect(audit(dir(), '--json', '--seed', '3')).rejects.toThrow('seed 0');
  });

  it('shows the text after the thought as the answer in an external evaluation', async () => {
    const listed = await list('test/fixtures/foreign-runs/lmms-eval-0.7');
    const thought = listed.filter(({ completion }) => String(completion).includes('<think>'));
    expect(thought.length).toBeGreaterThan(0);
    for (const { answer, completion } of thought) {
      expect(answer).not.toMatch(/<|think/);
      expect(completion).toContain(answer);
    }
  });

  it('reports an invalid line of ratings, and reads the other lines', async () => {
    await sit(['r', 'q']);
    await appendFile(join(dir(), 'audit.jsonl'), '{"id": 3}\n');
    const { err, out } = await audit(dir(), '--json');
    expect(err.join('\n')).toContain('audit.jsonl:2');
    expect((JSON.parse(out[0]!) as Audit).judged).toBe(1);
  });

  it('prints instructions for rating without a terminal', async () => {
    await expect(audit(dir())).rejects.toThrow('requires a terminal');
    await expect(audit(dir(), dir())).rejects.toThrow('two different');
    await expect(audit(dir(), '--set', 'other', '--json')).rejects.toThrow('"other"');
  });
});

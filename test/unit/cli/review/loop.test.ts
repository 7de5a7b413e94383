import { readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reviewLoop, type ReviewTerminal } from '../../../../src/cli/review-loop.ts';
import { MARKS } from '../../../../src/cli/print.ts';
import { PLAIN, renderScreen } from '../../../../src/cli/review-screen.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { MirrorVariant, Sample } from '../../../../src/rows/sample/sample.ts';
import { ReviewFile } from '../../../../src/lab/datasets/review-file.ts';
import { readRows, rowLines } from '../../../support/rows.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let folder = '';
folderOfEachTest('review-loop-', (made) => (folder = made));

const WHO = () => ({ by: 'mira', at: '2026-02-03T04:05:06Z' });
const pending = (id: string, question: string, answer: string, more: Partial<MirrorVariant> = {}): Sample => {
  const sample = { id, question, answer, images: [`${id}.png`] };
  const mirror = { ...mirrorSample(sample), review: { state: 'pending' as const }, ...more };
  return { ...sample, variants: { mirror } };
};
const ROWS = [
  pending('a', 'What is left of the cake?', 'crumbs'),
  pending('b', 'Is it the right one?', 'Yes'),
  pending('c', 'Where did he go?', 'He stood up and left.'),
];

/** Presses these keys, and does between them what another program would; returns what was shown and what the rows then say. */
async function sit(keys: (string | ((path: string) => void))[], edits: (string | null)[] = [], rows = ROWS) {
  const path = join(folder, 'data.qa.jsonl');
  await writeFile(path, rowLines(rows));
  const file = await ReviewFile.open(path, { variant: 'mirror', filter: 'state = pending' });
  const shown: string[] = [];
  const offered: string[] = [];
  const seat: ReviewTerminal = {
    style: PLAIN,
    show: (text) => shown.push(text),
    key: () => {
      let next = keys.shift();
      for (; typeof next === 'function'; next = keys.shift()) next(path);
      return Promise.resolve(next ?? null);
    },
    edit: (label, text) => {
      offered.push(`${label}: ${text}`);
      return Promise.resolve(edits.shift()!);
    },
  };
  await reviewLoop(file, 'mirror', seat, WHO);
  await file.close();
  const after = readRows(path);
  return { shown, offered, states: after.map(({ variants }) => variants!.mirror!.review!.state), after };
}

describe('review keys', () => {
  it('review keys accept, discard and skip rows, and continue to the next row until the end', async () => {
    const { shown, states } = await sit(['return', 'y', 'x', 'space', 'return']);
    expect(states).toEqual(['accepted', 'discarded', 'pending']);
    expect(shown.map((text) => /^(\d of 3|No more.*)/.exec(text)?.[1])).toEqual([
      '1 of 3',
      '1 of 3',
      '2 of 3',
      '3 of 3',
      'No more rows to review.',
      'No more rows to review.',
    ]);
    expect(shown[1]).toContain('fails checks: at least one side word changes');
    expect(shown[3]).toContain('1 accepted, 0 edited, 1 discarded');
    expect(shown[3]).toContain('accepted so far: rules (deferred) 1 of 2 (0.3–99.7%)');
  });

  it('review keys undo decisions one by one', async () => {
    const { shown, states } = await sit(['y', 'x', 'u', 'u', 'u', 'x', 'q', 'x']);
    expect(states).toEqual(['discarded', 'pending', 'pending']);
    expect(shown.map((text) => text[0]).join('')).toBe('1232112');
    expect(shown[5]).toContain('Nothing to undo.');
  });

  it('review keys edit the current texts, or cancel the edit', async () => {
    const { offered, states, after } = await sit(
      ['e', 'e'],
      ['What is right of the cake?', 'crumbs', 'Mine?', null],
    );
    expect(offered).toEqual([
      'question: What is left of the cake?',
      'answer: crumbs',
      'question: Is it the right one?',
      'answer: Yes',
    ]);
    expect(states).toEqual(['edited', 'pending', 'pending']);
    expect(after[0]!.variants!.mirror).toMatchObject({
      question: 'What is right of the cake?',
      route: 'human',
      review: WHO(),
    });
  });

  it('review keys report invalid decisions and edits, and change nothing', async () => {
    const rows = [pending('a', 'Is it left?', 'Yes', { answer: '' }), pending('b', 'Is it\nleft?', 'Yes')];
    const { shown, states } = await sit(['return', 'space', 'e'], [], rows);
    expect(shown[1]).toContain('lacks a question or an answer. Edit or discard it.');
    expect(shown[3]).toContain('because it has hidden characters or several lines');
    expect(states).toEqual(['pending', 'pending']);
  });

  it('review keys reload a file that another program changed, and continue with current rows', async () => {
    const insert = (path: string) => {
      const others = `${JSON.stringify(pending('z', 'What is left of the tea?', 'leaves'))}\n`;
      writeFileSync(path, others + readFileSync(path, 'utf8'));
    };
    const { shown, states } = await sit(['y', insert, 'y', 'x', 'q']);
    expect(shown[2]).toContain('The file was reloaded, because another program changed the file.');
    expect(shown[2]).toMatch(/^1 of 3/);
    expect(shown[2]).toContain('tea');
    expect(states).toEqual(['discarded', 'accepted', 'pending', 'pending']);
  });

  it('review keys keep the order of a filtered queue when rows change', async () => {
    const { states } = await sit(['x', 'k', 'y', 'k', 'k', 'e'], ['What is right of the cake?', 'crumbs']);
    expect(states).toEqual(['edited', 'pending', 'pending']);
  });
});

// eslint-disable-next-line no-control-regex -- bold, dim, underlined, and back
const OUR_MARKS = /\x1b\[(?:1|2|4|22|24)m/g;

describe('renderScreen', () => {
  const show = (sample: Sample, style = PLAIN) =>
    renderScreen(
      {
        sample,
        variantName: 'mirror',
        place: 1,
        total: 1,
        precision: [],
        counts: { pending: 1, accepted: 0, edited: 0, discarded: 0, none: 0 },
      },
      style,
    );

  it('shows both texts with differences, boxes, and answers before and after verification', () => {
    const attempt = (prompt: string, answer: string, checks = {}) => ({
      prompt,
      raw: '',
      question: 'Is it right?',
      answer,
      checks,
    });
    const llm = {
      model: 'm',
      images: false,
      attempts: [attempt('flip-naive', 'No', { yes_no_kept: 'fail' }), attempt('flip-verify', 'Yes')],
    };
    const sample = {
      ...pending('a', 'Is it left?', 'Yes', {
        question: 'Is it right?',
        llm,
        boxes: [[7, 0, 9, 1]],
        reason: 'Not passed: x.',
      }),
      boxes: [[1, 0, 3, 1]],
    };
    expect(show(sample)).toBe(
      `1 of 1 · 0 accepted, 0 edited, 0 discarded

a  needs_llm · verified · left_right · pending
  Not passed: x.
  a.png

question    Is it [left]?
  mirror    Is it [right]?
answer      Yes
  mirror    Yes
boxes       [1, 0, 3, 1] → [7, 0, 9, 1]

flip-naive  Is it right? No
            not passed: yes and no stay the same
flip-verify Is it right? [Yes]
            all checks passed`.replace('needs_llm', sample.variants!.mirror!.status),
    );
  });

  it('renderScreen escapes all texts of a row', () => {
    const evil = `\x1b]0;owned\x07\x9b31m\r\n\u202egnp.exe\u2066<script>\u0000${'x'.repeat(1 << 20)}`;
    const attempts = [
      { prompt: evil, raw: evil, checks: { [evil]: 'fail' } },
      { prompt: 'p', raw: '', question: evil, answer: evil, checks: {} },
    ];
    const variant = {
      question: evil,
      answer: evil,
      reason: evil,
      category: evil,
      route: evil,
      llm: { attempts },
    };
    const sample = {
      ...pending('a', 'Is it left?', 'Yes', variant as never),
      question: evil,
      answer: evil,
      id: evil,
      images: [evil],
      choices: [evil],
    };
    const text = show(sample, MARKS).replace(OUR_MARKS, '');
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text.split('\n').length).toBeLessThan(30);
    expect(text.length).toBeLessThan(40_000);
    expect(text).toContain('\\e]0;owned\\u{7}');
  });
});

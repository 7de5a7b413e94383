import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { letterOf } from '../../../../src/base/item-names.ts';
import type { Case } from './verdict-laws.ts';

// Sentences that were written apart from the reader (test/fixtures/answers), filled with words written apart as well.

const FOLDER = new URL('../../../fixtures/answers/', import.meta.url);
const linesOf = (name: string): string[] =>
  readFileSync(new URL(name, FOLDER), 'utf8').replace(/\n$/, '').split('\n');
const [THINGS, ROOMS, UNITS, WRAPPERS] = ['things', 'rooms', 'units', 'wrappers'].map((name) =>
  linesOf(`${name}.txt`),
) as [string[], string[], string[], string[]];

/** Names of the files of sentences, one for each law. */
export const LAWS: readonly string[] = readdirSync(FOLDER).filter((name) => name.startsWith('law'));

/** A sentence with its question; `wrong` may be `unread`, `unscored` or another reference. */
interface Template {
  line: string;
  question: string;
  completion: string;
  right: string;
  wrong: string;
  choices: string[];
  more: Record<string, unknown>;
}

/** Returns the sentences of a law: question, completion, reference, wrong reference, options, other columns. */
export function templatesOf(law: string): Template[] {
  return linesOf(law).map((line) => {
    const [question, completion, right, wrong, choices = '', more = ''] = line
      .split(/ \|(?= |$)/)
      .map((part) => part.trim());
    return {
      line,
      question: question!,
      completion: completion!.replaceAll('\\n', '\n'),
      right: right!,
      wrong: wrong!,
      choices: choices === '' ? [] : choices.split(' / '),
      more: more === '' ? {} : (JSON.parse(more) as Record<string, unknown>),
    };
  });
}

const WORDS = [
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen',
  'eighteen nineteen twenty',
]
  .join(' ')
  .split(' ');
const capital = (text: string) => text[0]!.toUpperCase() + text.slice(1);
/** A number with its thousands set apart. */
const grouped = (n: number, by: string) => String(n).replace(/\B(?=(\d{3})+$)/g, by);

const values = fc
  .record({
    names: fc.uniqueArray(fc.constantFrom(...THINGS), { minLength: 5, maxLength: 5 }),
    room: fc.constantFrom(...ROOMS),
    unit: fc.constantFrom(...UNITS),
    // Never whole, nor is any of their multiples.
    tenths: fc.integer({ min: 11, max: 98 }).filter((n) => n % 10 !== 0),
    factor: fc.constantFrom(3, 7, 9),
    counts: fc.uniqueArray(fc.integer({ min: 2, max: 20 }), { minLength: 3, maxLength: 3 }),
    whole: fc.integer({ min: 15, max: 99 }),
    thousands: fc.integer({ min: 1200, max: 98_000 }),
    share: fc.integer({ min: 11, max: 49 }),
    isLeft: fc.boolean(),
    box: fc.tuple(
      fc.integer({ min: 2, max: 20 }),
      fc.integer({ min: 2, max: 20 }),
      fc.integer({ min: 9, max: 20 }),
      fc.integer({ min: 9, max: 20 }),
    ),
    order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 }),
  })
  .map(({ names, room, unit, tenths, factor, counts, whole, thousands, share, isLeft, box, order }) => {
    const [v, w] = [tenths / 10, Number(((tenths * factor) / 10).toFixed(1))];
    const [x1, y1] = [box[0] * 10, box[1] * 8];
    const [x2, y2] = [x1 + box[2] * 10, y1 + box[3] * 8];
    const loc = (value: number, full: number) => String(Math.round((value / full) * 1024)).padStart(4, '0');
    const [s, t] = isLeft ? ['left', 'right'] : ['right', 'left'];
    return {
      order,
      text: {
        ...Object.fromEntries(names.map((name, i) => ['abcde'[i]!, name])),
        r: room,
        u: unit,
        v,
        w,
        vc: `${v}`.replace('.', ','),
        s,
        t,
        S: capital(s!),
        T: capital(t!),
        cm: v * 100,
        mm: v * 1000,
        cm2: w * 100,
        n: counts[0]!,
        m: counts[1]!,
        l4: counts[2]!,
        N: WORDS[counts[0]!]!,
        M2: WORDS[counts[1]!]!,
        k: whole,
        kn: Math.round(whole * 1.3),
        j: whole * factor,
        pc: share,
        pc2: share * 2 + 1,
        fr: share / 100,
        fr2: (share * 2 + 1) / 100,
        k1: thousands,
        k3: grouped(thousands, ','),
        ksp: grouped(thousands, ' '),
        j1k: thousands + 1000,
        j3k: grouped(thousands + 1000, ','),
        x1,
        y1,
        x2,
        y2,
        cx: (x1 + x2) / 2,
        cy: (y1 + y2) / 2,
        far: `[${x1 + 500}, ${y1 + 420}, ${x2 + 500}, ${y2 + 420}]`,
        p1: x1,
        q1: y1 / 0.8,
        p2: x2,
        q2: y2 / 0.8,
        u1: (x1 + x2) / 20,
        v1: (y1 + y2) / 16,
        P1: loc(x1, 1000),
        Q1: loc(y1, 800),
        P2: loc(x2, 1000),
        Q2: loc(y2, 800),
      } as Record<string, string | number>,
    };
  });

/** A sentence with its values, and what it is next to a wrong reference: `wrong`, `unread` or `unscored`. */
export interface Said extends Case {
  right: string;
  wrong: string;
  line: string;
  twin: 'wrong' | 'unread' | 'unscored';
  /** The column of the reference; `none`, `null` or `empty` where the row has none. */
  column: string;
}

/** Draws sentences of a law, each in what its author put around answers. */
export const sentencesOf = (law: string, templates = templatesOf(law)): fc.Arbitrary<Said> =>
  fc.tuple(fc.constantFrom(...templates), values, fc.constantFrom(...WRAPPERS)).map(([each, drawn, wrap]) => {
    const put = (text: string) =>
      text.replace(/\{(\w+)\}/g, (braced, name: string) => String(all[name] ?? braced));
    let all = drawn.text;
    const choices = each.choices.map(put);
    // Of drawn options any may be right; where the sentence names one by its letter, its line says which.
    const [one = 0, other = 0, k = 0] = drawn.order.filter((place) => place < choices.length);
    const isList = /\{L\}.{0,9}\{M\}/.test(each.right);
    const [i, j] = isList && other < one ? [other, one] : [one, other];
    const [x = '', y = ''] = [choices[i], choices[j]];
    if (choices.length > 0)
      all = {
        ...all,
        L: letterOf(i),
        M: letterOf(j),
        O: letterOf(k),
        x,
        y,
        X: capital(x || '-'),
        l: letterOf(i).toLowerCase(),
        m5: letterOf(j).toLowerCase(),
        o5: letterOf(k).toLowerCase(),
        i0: i,
        j0: j,
        i1: i + 1,
        j1: j + 1,
        th: ['first', 'second', 'third', 'fourth'][i]!,
      };
    const { column = 'answer', ...more } = each.more;
    const bare = put(each.completion);
    const isBox = more.task !== undefined;
    // What has tags, turns or lines of its own stays as it is, as does what a JSON text cannot hold.
    const isBare = /[<"\\\n◁【{]|assistant|user|analysis/i.test(bare) || isBox;
    const completion = isBare ? bare : wrap.replaceAll('\\n', '\n').replace('{x}', () => bare);
    return {
      line: each.line,
      row: {
        question: put(each.question),
        ...(choices.length > 0 && { choices }),
        ...more,
        ...(isBox && { image: { path: 'a.png', w: 1000, h: 800 } }),
      },
      column: String(column),
      completion,
      right: put(each.right),
      wrong: put(each.wrong),
      twin: each.wrong === 'unread' || each.wrong === 'unscored' ? each.wrong : ('wrong' as const),
    };
  });

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCompletion, thinkText } from '../../../../src/core/answers/extract.ts';
import type { ScoreInput } from '../../../../src/core/answers/score.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { scorerOf } from '../../../../src/core/rewards/reward-parts.ts';
import { letterOf } from '../../../../src/base/item-names.ts';
import { CASES } from '../../../support/slow.ts';
import { THINGS, things, verdictOf } from './verdict-laws.ts';
import { forAll, property } from '../../../support/property.ts';

const RUNS = { numRuns: CASES, seed: 11 };

interface Asked {
  row: ScoreInput;
  /** The right answer, and another one. */
  right: string;
  wrong: string;
}

/** Closed questions of several kinds, with two answers of one form. */
const asked: fc.Arbitrary<Asked> = fc.oneof(
  fc.tuple(things(5), fc.nat(3), fc.nat(2), fc.boolean()).map(([[a, ...choices], right, other, isLetter]) => {
    const wrong = other >= right ? other + 1 : other;
    const said = (i: number) => (isLetter ? letterOf(i) : `the ${choices[i]!}`);
    return {
      row: { question: `What is next to the ${a}?`, choices, answer: letterOf(right) },
      right: said(right),
      wrong: said(wrong),
    };
  }),
  fc.tuple(things(2), fc.boolean()).map(([[a, b], isLeft]) => ({
    row: { question: `On which side of the ${b} is the ${a}?`, answer: isLeft ? 'left' : 'right' },
    right: isLeft ? 'left' : 'on the right',
    wrong: isLeft ? 'It is on the right.' : 'left',
  })),
  fc.tuple(things(2), fc.boolean()).map(([[a, b], isYes]) => ({
    row: { question: `Is the ${a} behind the ${b}?`, answer: isYes ? 'yes' : 'no' },
    right: isYes ? 'Yes' : 'No.',
    wrong: isYes ? 'no' : 'Yes.',
  })),
  fc
    .tuple(things(1), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 9 }))
    .map(([[a], n, more]) => ({
      row: { question: `How many ${a}s are there?`, answer: String(n) },
      right: String(n),
      wrong: `${n + more}`,
    })),
);

/** Blocks in which models think, and names that no model has. */
const NAMES =
  'thinking reasoning thought reflection Thought REASONING seed:think scratchpad inner_monologue'.split(' ');
const UNKNOWN =
  'musing notes steps workings draft mull_over look summary caption PERCEPTION looking plan'.split(' ');
const block = fc.oneof(
  fc
    .tuple(fc.constantFrom(...NAMES, ...UNKNOWN), fc.constantFrom(...THINGS))
    .map(([name]) => [`<${name}>`, `</${name}>`]),
  fc.constantFrom(...NAMES, 'think', 'THINK').map((name) => [`[${name}]`, `[/${name}]`]),
  fc.constantFrom(
    ['◁think▷', '◁/think▷'],
    ['<think>', '</think>'],
    ['<|START_THINKING|>', '<|END_THINKING|>'],
    ['<|begin_of_thought|>', '<|end_of_thought|>'],
    ['<|thinking_start|>', '<|thinking_end|>'],
    ['<|channel|>analysis<|message|>', '<|end|><|start|>assistant<|channel|>final<|message|>'],
    ['<|channel>thought\n', '<channel|>'],
    ['analysisThe picture. ', 'assistantfinal'],
  ),
) as fc.Arbitrary<[open: string, close: string]>;
const THOUGHTS = [
  'The answer is {x}.',
  'Left or right? {x}, I would say. No, wait.',
  'First I see 3 of them.\nSo {x}, or not.\n\nLet me look again.',
  'Perhaps <answer>{x}</answer>, since it looks so.',
  'It must be {x}. Therefore, the final answer is {x}.',
];
const around = fc.constantFrom(
  (y: string) => y,
  (y: string) => `\n\n${y}`,
  (y: string) => `<answer>${y}</answer>`,
  (y: string) => `The answer is ${y}`,
  (y: string) => `<conclusion>${y}</conclusion>`,
);

describe('property: thought', () => {
  property(
    'a thought changes no verdict, with any tag names',
    [asked, block, fc.constantFrom(...THOUGHTS), around, fc.boolean()],
    RUNS,
    (of, [open, close], thought, wrap, isRight) => {
      const [said, other] = isRight ? [of.right, of.wrong] : [of.wrong, of.right];
      const completion = `${open}${thought.replaceAll('{x}', other)}${close}${wrap(said)}`;
      expect([completion, verdictOf(of.row, completion)]).toEqual([completion, isRight ? 'right' : 'wrong']);
    },
  );

  it('property: a thought without an end contains no answer', () => {
    const known = block.filter(([open]) => !UNKNOWN.some((name) => open === `<${name}>`));
    forAll([asked, known, fc.constantFrom(...THOUGHTS)], RUNS, ({ row, right }, [open], thought) => {
      // An answer in tags after a thought that does not end counts, as it always has.
      const completion = `${open}${thought.replace(/<\/?answer>/g, '').replaceAll('{x}', right)}`;
      expect([completion, verdictOf(row, completion)]).toEqual([completion, 'unparsed']);
    });
  });
});

/** A chat template: how a rollout goes on from a call through a tool's turn to the model's next one. */
interface Template {
  call: (what: string) => string;
  tool: (text: string) => string;
  model: string;
  end: string;
}
const plainCall = (what: string) =>
  `<tool_call>\n{"name": "zoom", "arguments": {"at": "${what}"}}\n</tool_call>`;
const TEMPLATES: Readonly<Record<string, Template>> = {
  ChatML: {
    call: (what) => `${plainCall(what)}<|im_end|>\n`,
    tool: (text) => `<|im_start|>user\n<tool_response>\n${text}\n</tool_response><|im_end|>\n`,
    model: '<|im_start|>assistant\n',
    end: '<|im_end|>',
  },
  'ChatML with a role for tools': {
    call: (what) => `${plainCall(what)}<|im_end|>\n`,
    tool: (text) => `<|im_start|>tool\n${text}<|im_end|>\n`,
    model: '<|im_start|>assistant\n',
    end: '<|im_end|>',
  },
  'Llama 3': {
    call: (what) => `<|python_tag|>zoom("${what}")<|eom_id|>`,
    tool: (text) => `<|start_header_id|>ipython<|end_header_id|>\n\n${text}<|eot_id|>`,
    model: '<|start_header_id|>assistant<|end_header_id|>\n\n',
    end: '<|eot_id|>',
  },
  Gemma: {
    call: (what) => `<tool_call>zoom(${what})</tool_call><end_of_turn>\n`,
    tool: (text) => `<start_of_turn>user\n${text}<end_of_turn>\n`,
    model: '<start_of_turn>model\n',
    end: '<end_of_turn>',
  },
  Mistral: {
    call: (what) => `[TOOL_CALLS][{"name": "zoom", "arguments": {"at": "${what}"}}]</s>`,
    tool: (text) => `[TOOL_RESULTS]${text}[/TOOL_RESULTS]`,
    model: '',
    end: '</s>',
  },
  Harmony: {
    call: (what) =>
      `<|channel|>commentary to=functions.zoom <|constrain|>json<|message|>{"at": "${what}"}<|call|>`,
    tool: (text) => `<|start|>functions.zoom to=assistant<|channel|>commentary<|message|>${text}<|end|>`,
    model: '<|start|>assistant<|channel|>final<|message|>',
    end: '<|return|>',
  },
  GLM: {
    call: (what) => `${plainCall(what)}\n`,
    tool: (text) => `<|observation|>\n${text}`,
    model: '<|assistant|>\n',
    end: '<|user|>',
  },
  DeepSeek: {
    call: (what) => `<｜tool▁calls▁begin｜>zoom ${what}<｜tool▁calls▁end｜><｜end▁of▁sentence｜>`,
    tool: (text) => `<｜tool▁outputs▁begin｜>${text}<｜tool▁outputs▁end｜>`,
    model: '<｜Assistant｜>',
    end: '<｜end▁of▁sentence｜>',
  },
  'plain roles': {
    call: (what) => `${plainCall(what)}\n`,
    tool: (text) => `user\n<tool_response>${text}</tool_response>\n`,
    model: 'assistant\n',
    end: '\n',
  },
  'plain role of a tool': {
    call: (what) => `I look at the ${what}.\n${plainCall(what)}\n`,
    tool: (text) => `tool\n${text}\n`,
    model: 'assistant\n',
    end: '',
  },
  'blocks in one turn': {
    call: (what) => `${plainCall(what)}\n`,
    tool: (text) => `<tool_response>\n${text}\n</tool_response>\n`,
    model: '',
    end: '',
  },
  search: {
    call: (what) => `<search>${what}</search>\n`,
    tool: (text) => `<information>${text}</information>\n`,
    model: '',
    end: '',
  },
  ReAct: {
    call: (what) => `Thought: I look closer.\nAction: zoom[${what}]\n`,
    tool: (text) => `Observation: ${text.replaceAll('\n', ' ')}\n`,
    model: 'Thought: now I know.\nFinal Answer: ',
    end: '',
  },
};
const TOLD = [
  'Here is the crop. <answer>{x}</answer>',
  'done, the answer is {x}',
  'Final answer: {x}',
  '{x}',
  'Once you know it, write for example <answer>{x}</answer>.',
  '<think>The tool thinks.</think><answer>{x}</answer>',
];
const rollout = fc.record({
  of: asked,
  template: fc.constantFrom(...Object.values(TEMPLATES)),
  told: fc.constantFrom(...TOLD),
  what: fc.constantFrom(...THINGS),
  isRight: fc.boolean(),
  turns: fc.integer({ min: 1, max: 3 }),
});

describe('property: rollout with tool turns', () => {
  property(
    'a rollout with tool turns has its answer only in the last text of the model',
    [rollout, fc.boolean()],
    RUNS,
    ({ of, template: { call, tool, model, end }, told, what, isRight, turns }, isTagged) => {
      const [said, other] = isRight ? [of.right, of.wrong] : [of.wrong, of.right];
      const step = `${call(what)}${tool(told.replaceAll('{x}', other))}${model}`;
      const completion = `${step.repeat(turns)}${isTagged ? `<answer>${said}</answer>` : said}${end}`;
      expect([completion, verdictOf(of.row, completion)]).toEqual([completion, isRight ? 'right' : 'wrong']);
    },
  );

  property(
    'a rollout truncated in a tool turn has no answer and no reward',
    [rollout, fc.nat()],
    RUNS,
    ({ of: { row, right }, template: { call, tool, model }, told, what, turns }, cut) => {
      const text = tool(told.replaceAll('{x}', right));
      const before = `${`${call(what)}${text}${model}`.repeat(turns - 1)}${call(what)}`;
      const completion = before + text.slice(0, text.length - (cut % told.replaceAll('{x}', right).length));
      expect([completion, verdictOf(row, completion)]).toEqual([completion, 'unparsed']);
      const reading = readCompletion(completion);
      const sample = { id: 'r', images: [], question: '', ...row } as unknown as Sample;
      for (const extraction of ['strict', 'lenient'] as const) {
        const paid = scorerOf(sample, ['accuracy', 'exact_match'], extraction, () => 1);
        expect([completion, paid(reading).rewards]).toEqual([completion, paid(readCompletion('')).rewards]);
      }
      expect(thinkText(completion)).not.toContain('The tool thinks');
    },
  );
});

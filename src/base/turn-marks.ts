// Tokens and tags that chat templates and models put around parts of a text, recognised by their form.

/** Tokens of chat templates. Text after the end of a turn is not part of the answer. */
export const TOKEN =
  /<[|｜][^<>|｜\n]{1,40}[|｜]>|<\/?s>|<(?:eos|bos|pad|unk|eod|eot|start_of_turn|end_of_turn)>|\[\/?INST\]|\[(?:PAD|EOS)\]/g;

/** A tag or token without attributes that begins or ends a block: <ref>, </ref>, <|box_start|>, [THINK], ◁/think▷. */
export interface Mark {
  /** Name of the mark in lower case, without the words for beginning and end. */
  base: string;
  /** Kind of content in a block of this name: reasoning, an answer, markup, or an object. Null if unknown. */
  kind: 'thought' | 'answer' | 'markup' | 'thing' | null;
  isClose: boolean;
  start: number;
  end: number;
}
const MARK = /[<◁[{«⟨【][|｜]?\s*(\/?)\s*(\p{L}[\p{L}\p{N}_:.▁ -]{0,40}?)\s*[|｜]?[>▷\]}»⟩】]/gu;
const MAY_MARK = /[<◁[{«⟨【][|｜]?\s*\/?\s*\p{L}/u;
const ENDS = /^(?:end|close)(?:[_▁ ]of)?[_▁ ]|[_▁ ](?:end|close)$/;

/** Returns all marks in a text, in order. */
export function marksIn(text: string): Mark[] {
  if (!MAY_MARK.test(text)) return [];
  return Array.from(text.matchAll(MARK), ({ 0: mark, 1: slash, 2: written, index }) => {
    const name = written!.toLowerCase();
    const bare = name
      .replace(ENDS, '')
      .replace(/^(?:start|begin)(?:[_▁ ]of)?[_▁ ]|[_▁ ](?:start|begin)$/, '');
    const base = bare.replace(/[^\p{L}\p{N}]/gu, '');
    return {
      base,
      kind: KINDS.find(([, names]) => names.test(base))?.[0] ?? null,
      isClose: slash !== '' || ENDS.test(name),
      start: index,
      end: index + mark.length,
    };
  });
}

/** Tag names for markup, and tag names around an answer. */
export const MARKUP = 'b|i|u|em|strong|p|br|code|span|div|center|font|mark|big|small|tt|h\\d|li|ul|ol|table';
export const HOLDERS =
  '(?:final_?)?(?:answer|ans|response|output|result|solution|choice|option|conclusion|verdict|prediction)|final';
const KINDS: readonly [Mark['kind'], RegExp][] = [
  [
    'thought',
    /think|thought|reasoning|reflect|rationale|scratchpad|monolog|deliberat|ponder|^cot$|^analysis$/,
  ],
  ['answer', new RegExp(`^(?:${HOLDERS})$`)],
  ['markup', new RegExp(`^(?:[a-hs]|${MARKUP}|im)$`)],
  [
    'thing',
    /^(?:object|obj|ref|objectref|phrase|entity|noun|item|name|label|box|bbox|det|point|points|quad|polygon|region|loc|mask|seg|image|img|grounding)$/,
  ],
];

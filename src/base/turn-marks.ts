// Marks of chat templates and of models around parts of a text, whatever they are called.

/** Tokens of chat templates; what follows the end of a turn is not an answer. */
export const TOKEN =
  /<[|｜][^<>|｜\n]{1,40}[|｜]>|<\/?s>|<(?:eos|bos|pad|unk|eod|eot|start_of_turn|end_of_turn)>|\[\/?INST\]|\[(?:PAD|EOS)\]/g;
/** Whether a turn has nothing but tokens of its template. */
export const isBlankTurn = (text: string): boolean => text.replace(TOKEN, '').trim() === '';

/** A tag or token without attributes that begins or ends a block: <ref>, </ref>, <|box_start|>, [THINK], ◁/think▷. */
export interface Mark {
  /** Its name in small letters, without what says that it begins or ends. */
  base: string;
  isClose: boolean;
  start: number;
  end: number;
}
const MARK = /[<◁[{«⟨【][|｜]?\s*(\/?)\s*(\p{L}[\p{L}\p{N}_:.▁ -]{0,40}?)\s*[|｜]?[>▷\]}»⟩】]/gu;
const MAY_MARK = /[<◁[{«⟨【][|｜]?\s*\/?\s*\p{L}/u;
const ENDS = /^(?:end|close)(?:[_▁ ]of)?[_▁ ]|[_▁ ](?:end|close)$/;

/** Every such mark of a text, in order. */
export function marksIn(text: string): Mark[] {
  if (!MAY_MARK.test(text)) return [];
  return Array.from(text.matchAll(MARK), ({ 0: mark, 1: slash, 2: written, index }) => {
    const name = written!.toLowerCase();
    const bare = name
      .replace(ENDS, '')
      .replace(/^(?:start|begin)(?:[_▁ ]of)?[_▁ ]|[_▁ ](?:start|begin)$/, '');
    return {
      base: bare.replace(/[^\p{L}\p{N}]/gu, ''),
      isClose: slash !== '' || ENDS.test(name),
      start: index,
      end: index + mark.length,
    };
  });
}

/** Whether a block of this name holds what a model thinks. */
export const isThought = (base: string): boolean => THINKS.test(base);
const THINKS =
  /think|thought|reasoning|reflect|rationale|scratchpad|monolog|deliberat|ponder|^cot$|^analysis$/;
/** Names of blocks that mark up a text or hold an answer. */
export const MARKUP_OR_ANSWER =
  /^(?:[a-h]|[biusp]|em|strong|br|code|span|div|center|font|mark|big|small|tt|h\d|li|ul|ol|table|(?:final)?(?:answer|ans|response|output|result|solution|choice|option|conclusion|verdict|prediction)|final|im)$/;
/** Names of blocks around what a text names or places. */
export const NAMES_THING =
  /^(?:object|obj|ref|objectref|phrase|entity|noun|item|name|label|box|bbox|det|point|points|quad|polygon|region|loc|mask|seg|image|img|grounding)$/;

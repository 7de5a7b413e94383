import { marksIn, TOKEN, type Mark } from '../../base/turn-marks.ts';

/**
 * Extracts the model's own text from a completion: its last turn, with `<think>` tags around its reasoning. Rollouts
 * can contain turns of users and tools, in any chat template; these turns are never the model's answer.
 */

/** Speaker of a part of a completion; `call` is a tool call, which is not an answer. */
type Speaker = 'assistant' | 'user' | 'tool' | 'thought' | 'call';

interface Turn {
  by: Speaker;
  text: string;
}

const ASSISTANT = /^(?:assistant|model|gpt|bot|chatbot|ai)$/i;
const USER = /^(?:user|human|system|developer)$/i;
/** Returns the speaker for a role. Any role except those of the model and of a person belongs to a tool. */
const speakerOf = (role: string): Speaker =>
  ASSISTANT.test(role) ? 'assistant' : USER.test(role) ? 'user' : 'tool';
const channelOf = (channel: string): Speaker =>
  channel === 'final' ? 'assistant' : channel === 'commentary' ? 'call' : 'thought';

const ROLE = 'assistant|model|user|human|system|developer|tools?|function|ipython|observation|environment';
/** Returns a regular expression that matches names in lower case, capitalised, and in upper case. */
const anyCase = (names: string): string =>
  names
    .split('|')
    .flatMap((name) => [name, name[0]!.toUpperCase() + name.slice(1), name.toUpperCase()])
    .join('|');
const SPEAKER = anyCase('user|assistant|human|tool');
const TOOL_BLOCK =
  '(?:tool|function|code|execution|interpreter|search)[_-](?:call[_-])?(?:responses?|results?|outputs?)|[Oo]bservations?|information|interpreter';
const CALL_BLOCK = '(?:tool|function)_calls?';
const SENTENCE = String.raw`(?<=[.!?>})\]"])`;

/** Special tokens that open a turn, a channel or a tool block, each with its speaker. */
const TURN = new RegExp(
  [
    // <|im_start|>user, <|start_header_id|>ipython<|end_header_id|>, <start_of_turn>model, <|start|>functions.zoom to=assistant
    String.raw`<[|｜]?(?:(?:im_|header_|role_)?start(?:_header_id|_of_turn|_of_role)?|turn)[|｜]?>\s*(?<role>[A-Za-z][\w.-]*)(?: to=[\w.]+)?(?=\s|<|:|$)(?:<[|｜](?:end_header_id|header_end|end_of_role|role_end)[|｜]>)?`,
    // <|user|>, <｜Assistant｜>, <|USER_TOKEN|>, <|im_assistant|>assistant<|im_middle|>
    String.raw`<[|｜](?:im_)?(?<named>${anyCase(ROLE)}|CHATBOT)(?:_TOKEN)?[|｜]>(?:\w+<\|im_middle\|>)?`,
    // <|channel|>analysis<|message|>, <|channel>thought … <channel|>, MedGemma's <unused94>thought … <unused95>
    String.raw`<(?:\|channel\|?|unused94)>(?<channel>\w+)[^<\n]*(?:<\|message\|>|\n|$)|(?<back><(?:channel\||unused95)>)`,
    String.raw`(?<person>\[INST\]|\[SYSTEM_PROMPT\])`,
    String.raw`(?<tool>\[TOOL_RESULTS\]|<[|｜]tool[_▁]outputs?[_▁]begin[|｜]>|<(?:${TOOL_BLOCK})(?:\s[^<>]{0,80})?>)`,
    String.raw`(?<call>\[TOOL_CALLS\]|<\|python_tag\|>|<[|｜]tool[_▁]calls?[_▁]\w*begin[|｜]>|<${CALL_BLOCK}(?:\s[^<>]{0,80})?>)`,
    String.raw`(?<close>\[\/(?:INST|SYSTEM_PROMPT|TOOL_RESULTS)\]|<[|｜]tool[_▁](?:outputs?|calls?)[_▁]\w*end[|｜]>|<\/(?:${TOOL_BLOCK}|${CALL_BLOCK})>)`,
    // Roles without special tokens: a line with only a role, or a name before a colon.
    String.raw`(?:^|\n|${SENTENCE})[^\S\n]*(?:### ?)?(?<line>${ROLE})(?=\n\s*\S|\n*$)`,
    String.raw`(?:^|\n|<\/s>)[^\S\n]*(?:### ?)?(?<colon>${SPEAKER}) ?:(?=\s)`,
    // Channels of gpt-oss without special tokens: "analysisWe look …assistantfinalA"
    String.raw`(?:^\s*(?=analysis(?:[^\p{Ll}\s]|[^]*assistantfinal))|assistant)(?<glued>analysis|commentary|final)`,
    // Tool result after an action, and the start of the model's next step.
    String.raw`(?<=\bAction:[^\n]*\n(?:Action Input:[^\n]*\n)?)(?<saw>Observation):|\n(?=(?<own>Thought|Action|(?:Final )?Answer):)`,
  ].join('|'),
  'gu',
);
const MAY_TURN =
  /<[|｜]|<unused|<start_of_turn>|<\/?\w+[_-](?:response|result|output|call)|<\/?(?:[Oo]bserv|inform|interpr)|\[(?:INST|TOOL_|SYS)|(?:^|[\n.!?>})\]"])[^\S\n]*(?:### ?)?(?:assistant|user|model|human)\s*\n|(?:^|\n|<\/s>)[^\S\n]*(?:### ?)?(?:[Uu]ser|USER|[Aa]ssistant|ASSISTANT|[Hh]uman|HUMAN) ?:|assistantfinal|^\s*analysis|\bObservation:/;

/** Returns the turns of a completion. The first turn is the model's own. */
function turnsOf(completion: string): Turn[] {
  const marks = [...completion.matchAll(TURN)];
  const says = (...names: string[]) =>
    marks.some(({ groups }) => names.some((name) => groups![name] !== undefined));
  // A line "tool" is a role only in a chat, and in a chat with special tokens only special tokens open turns.
  const isPlain = !says('role', 'named');
  const isChat =
    says('call', 'tool') || marks.some(({ groups }) => ASSISTANT.test(groups!.line ?? groups!.colon ?? ''));
  const turns: Turn[] = [];
  const around: Speaker[] = [];
  let [by, from, hasSeen]: [Speaker, number, boolean] = ['assistant', 0, false];
  for (const { 0: mark, index, groups } of marks) {
    const [kind, name] = Object.entries(groups!).find(([, value]) => value !== undefined)!;
    const [isRole, isBare] = [/^(?:role|named)$/.test(kind), /^(?:line|colon)$/.test(kind)];
    if (by === 'tool' && around.length > 0 && !isRole && kind !== 'close') continue;
    if (isBare && !(isPlain && (isChat || (USER.test(name) && !/^[a-z]+ ?:$/.test(mark.trim()))))) continue;
    if (kind === 'own' && !hasSeen) continue;
    turns.push({ by, text: completion.slice(from, index) });
    from = index + mark.length;
    hasSeen = kind === 'saw';
    // A tool call before a tool block might have no end token.
    if (/^(?:person|tool|call)$/.test(kind)) around.push(by === 'call' ? 'assistant' : by);
    else if (isRole) around.length = 0;
    by =
      isRole || isBare
        ? speakerOf(name)
        : /^(?:channel|glued)$/.test(kind)
          ? channelOf(name)
          : kind === 'close'
            ? (around.pop() ?? 'assistant')
            : (OPENS[kind] ?? 'assistant');
  }
  return [...turns, { by, text: completion.slice(from) }];
}

const OPENS: Partial<Record<string, Speaker>> = { person: 'user', tool: 'tool', saw: 'tool', call: 'call' };

/**
 * Returns the model's last turn, and all its text and reasoning. The last turn is empty if a rollout ends in a tool
 * turn, a call or a thought. The model generated any user turn after an answer, so the answer before that turn counts.
 */
export function ownText(completion: string): { last: string; all: string } {
  const turns = MAY_TURN.test(completion) ? turnsOf(completion) : [];
  if (turns.length < 2) return { last: completion, all: completion };
  const said = turns.filter(({ by, text }) => by !== 'user' && text.replace(TOKEN, '').trim() !== '');
  const end = turns.at(-1)!;
  const last = end.by === 'user' || said.at(-1)?.by === 'assistant' ? said.at(-1) : end;
  const ofModel = turns.flatMap(({ by, text }) =>
    by === 'assistant' ? [text] : by === 'thought' ? [`<think>${text}</think>`] : [],
  );
  return { last: last?.by === 'assistant' ? last.text : '', all: ofModel.join('') };
}

/**
 * Puts `<think>` tags around reasoning: blocks with a name such as "think" in any brackets (<thinking>, ◁think▷,
 * [THINK]). Closed blocks at the beginning also count if text follows, unless they are an answer, markup or a name. A
 * block after an answer explains that answer.
 */
export function withThoughts(text: string): string {
  if (!/[<◁[{«⟨【](?!\/?(?:think|answer)>)/.test(text)) return text;
  const marks = marksIn(text);
  const thinking = marks.filter(({ kind }) => kind === 'thought');
  return beginning(inTags(text, thinking));
}

/** Replaces the delimiters of reasoning by think tags; <think> stays unchanged. */
function inTags(text: string, thinking: readonly Mark[]): string {
  let [out, from] = ['', 0];
  for (const { base, isClose, start, end } of thinking) {
    if (base === 'think' && text[start] === '<') continue;
    out += text.slice(from, start) + (isClose ? '</think>' : '<think>');
    from = end;
  }
  return out + text.slice(from);
}

/** Marks blocks that directly follow the reasoning as reasoning. */
function beginning(text: string): string {
  const thought = text.lastIndexOf('</think>');
  const from = thought < 0 ? 0 : thought + '</think>'.length;
  const rest = text.slice(from);
  const marks = marksIn(rest);
  let [at, thoughts] = [0, ''];
  for (;;) {
    const open = marks.find(({ start }) => start >= at);
    if (!open || open.isClose || rest.slice(at, open.start).trim() !== '') break;
    const close = marks.find((mark) => mark.start >= open.end && mark.isClose && mark.base === open.base);
    if (!close || !isUnnamedThought(open, rest.slice(open.end, close.start), rest.slice(close.end))) break;
    thoughts += `<think>${rest.slice(open.end, close.start)}</think>`;
    at = close.end;
  }
  return at === 0 ? text : text.slice(0, from) + thoughts + rest.slice(at);
}

/** Whether a block with an unknown name is reasoning, judging by its content and by the text after it. */
function isUnnamedThought({ kind }: Mark, inside: string, after: string): boolean {
  if (after.trim() === '' || (kind !== null && kind !== 'thought')) return false;
  // The tag marks a name: "<thing>The jug</thing> stands on the right."
  if (/^[^.!?:\n]{1,40}$/.test(inside) && /^ ?[\p{Ll},;]/u.test(after)) return false;
  // The next block explains an answer: "<verdict>B</verdict> <why>…</why>"
  const [next] = marksIn(after);
  return !(next && !next.isClose && after.slice(0, next.start).trim() === '' && EXPLAINS.test(next.base));
}
const EXPLAINS = /think|thought|reason|expla|rationale|justif|why|because|analysis/;

import { createHash } from 'node:crypto';
import type { ChatRequest } from '../../../src/base/chat.ts';
import { textOf } from '../engines/openai/server.ts';

/** The address under which the model is asked. */
export const MODEL = 'http://models.test/v1';

/** What a model answers, always the same, sometimes wrongly. */
export function answerTo(request: ChatRequest): string {
  const text = textOf(request);
  const dice = createHash('sha256')
    .update(`${text} ${request.seed ?? 0}`)
    .digest()[0]!;
  const judged = /Predicted answer: (.*), ground-truth answer: (.*?)\. Output/s.exec(text);
  if (judged) return dice < 32 ? 'perhaps' : String(Number(judged[1]!.includes(judged[2]!)));
  const flip = /Original question: (.*)\. Original answer: (.*)\. Return/s.exec(text);
  if (flip) {
    const [question, answer] = flip.slice(1).map((part) => swap(part, 'left', 'right'));
    return JSON.stringify({ question, answer: dice < 128 ? answer : flip[2] });
  }
  const fields = /\n\n(\{.*\})\n\nReturn one JSON object/s.exec(text);
  if (fields) return swap(swap(fields[1]!, 'closer', 'farther'), 'yes', 'no');
  const solids = [...new Set(text.match(/\w+-(?:ball|cone|cube)/g))];
  if (text.includes('generate a scene graph')) {
    const objects = solids.map((label, i) => ({
      id: `o${i}`,
      label,
      centroid: [4 + ((dice >> i) % 2) * 8, 8],
    }));
    return dice < 32 ? 'I see nothing.' : `\`\`\`json\n${JSON.stringify({ objects })}\n\`\`\``;
  }
  const words = /^is the/m.test(text) ? ['yes', 'no'] : [...solids, 'left', 'right', '3 metres'];
  return `<answer>${words[dice % words.length]}</answer>`;
}

/** Exchanges two words. */
const swap = (text: string, one: string, other: string): string =>
  text.replaceAll(new RegExp(`\\b(?:${one}|${other})\\b`, 'g'), (word) => (word === one ? other : one));

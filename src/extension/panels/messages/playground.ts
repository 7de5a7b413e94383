import * as z from 'zod/mini';
import type { PlaygroundHost } from '../../../core/protocol/playground.ts';
import { isRecord } from '../../../core/json.ts';
import { isImageRef, type Sample } from '../../../core/spatial/sample.ts';
import { VERDICTS } from '../../../core/answers/pair-verdict.ts';
import { callsTo } from './gate.ts';
import { count, nothing } from './parts.ts';

const text = z.string();
const question = z.object({ question: text, answer: text, choices: z.array(text) });
const drawn = { n: count, temperature: z.number(), top_p: z.number(), seed: z.int() };
const sampling = z.object({ ...drawn, max_tokens: z.nullable(count) });

const segment = z.object({ stage: text, text, stop_reason: text, error: z.exactOptional(text) });

/** A model's answers, as the host sent them to the page. */
const answers = z.object({
  model: text,
  strategy: text,
  sampling: z.object({ ...drawn, max_tokens: count }),
  views: z.array(
    z.object({
      view: text,
      question: text,
      choices: z.exactOptional(z.array(text)),
      reference: text,
      majority: z.object({ answer: z.nullable(text), count, of: count }),
      completions: z.array(
        z.object({ segments: z.array(segment), answer: text, right: z.nullable(z.boolean()) }),
      ),
    }),
  ),
  verdict: z.nullable(z.enum(VERDICTS)),
  agreement: z.nullable(z.enum(['agree', 'disagree', 'undecided'])),
});

export const playgroundCalls = callsTo<PlaygroundHost>()({
  ready: nothing,
  pickPicture: nothing,
  takePicture: z.union([z.object({ name: text, bytes: z.instanceof(Uint8Array) }), z.object({ uri: text })]),
  image: z.object({ picture: text, index: count }),
  mirror: z.object({ picture: text, question }),
  addModel: nothing,
  removeModel: z.object({ id: text }),
  ask: z.object({
    ask: count,
    model: text,
    picture: text,
    question,
    mirrored: z.boolean(),
    strategy: z.nullable(text),
    sampling,
  }),
  follow: z.object({ ask: count, model: text }),
  cancel: z.object({ model: text }),
  showPicture: z.object({ picture: text }),
  save: z.object({ picture: text, question, asked: z.array(answers) }),
  manageTrust: nothing,
  openKeybindings: nothing,
});

const isSample = (value: unknown): value is Sample =>
  isRecord(value) &&
  [value.id, value.question, value.answer].every((one) => typeof one === 'string') &&
  Array.isArray(value.images) &&
  value.images.every(isImageRef);

const model = { id: text, label: text, detail: text };

export const playgroundMemory = z.looseObject({
  pictures: z.record(
    text,
    z.object({
      name: text,
      place: z.object({ folder: text, root: text }),
      sample: z.custom<Sample>(isSample),
    }),
  ),
  models: z.array(
    z.discriminatedUnion('kind', [
      z.object({ ...model, kind: z.literal('local'), path: text }),
      z.object({ ...model, kind: z.literal('endpoint'), url: text, model: text, key: z.boolean() }),
      z.object({ ...model, kind: z.literal('vscode'), vendor: text, model: text }),
    ]),
  ),
  picture: z.nullable(text),
});

import { Template } from '@huggingface/jinja';
import { Tokenizer } from '@huggingface/tokenizers';
import * as z from 'zod';
import type { BoxFormat, Size } from '../../core/sample/boxes.ts';
import { imagesOf, type Prompt } from '../../core/prompts/message.ts';
import { parseRecord } from '../../core/record.ts';

/** The texts of the small files beside a model's weights; absent ones are null. */
export interface ProcessorFiles {
  'tokenizer.json': string;
  'tokenizer_config.json': string;
  'chat_template.jinja': string | null;
  'chat_template.json': string | null;
  'preprocessor_config.json': string | null;
  'processor_config.json': string | null;
  'generation_config.json': string | null;
}

/** A part of a prompt: tokens, or the index of an image in the prompt. */
type EncodedPart = { tokens: number[] } | { image: number };

const marked = z.union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)]);
const templateSchema = z.union([
  z.string(),
  z
    .array(z.object({ name: z.string(), template: z.string() }))
    .transform((all) => (all.find(({ name }) => name === 'default') ?? all[0])?.template),
]);
const tokenizerConfigSchema = z.looseObject({
  eos_token: marked,
  bos_token: marked.nullish(),
  pad_token: marked.nullish(),
  image_token: marked.nullish(),
  chat_template: templateSchema.optional(),
});
const endsSchema = z.looseObject({ eos_token_id: z.union([z.int(), z.array(z.int())]).nullish() });
const imagesSchema = z.looseObject({
  image_processor_type: z.string(),
  patch_size: z.int().positive(),
  merge_size: z.int().positive(),
  min_pixels: z.int().positive().nullish(),
  max_pixels: z.int().positive().nullish(),
  size: z
    .looseObject({ shortest_edge: z.int().positive(), longest_edge: z.int().positive() })
    .partial()
    .nullish(),
});
type ImageRules = z.infer<typeof imagesSchema>;

/** The defaults of `Qwen2VLImageProcessor`. */
const QWEN_PIXELS = { min: 56 ** 2, max: 28 ** 2 * 1280 };

/**
 * Converts messages to the tokens of a server and back: chat template, tokenizer, and sizes of pictures. It reads the
 * small files that every model on the hub has beside its weights, so it needs neither the weights nor PyTorch nor
 * Python. Pictures are placed as in the Qwen-VL models (2, 2.5, 3, 3.5), which share one image processor; for other
 * models, only text can be used.
 */
export class Processor {
  /** Tokens that end a completion; the first is the one that a target ends with. */
  readonly ends: number[];
  /** The token that stands for an image; null for a model of text. */
  readonly placeholder: number | null;
  readonly coordinates: BoxFormat | null;
  private readonly tokenizer: Tokenizer;
  private readonly template: Template;
  private readonly marks: Record<string, string>;
  private readonly images: { cell: number; min: number; max: number } | null;

  constructor(files: ProcessorFiles, maxPixels: number | null) {
    const read = <T extends z.ZodType>(schema: T, file: keyof ProcessorFiles): z.infer<T> | null => {
      const text = files[file];
      return text === null ? null : parseRecord(schema, text, { file });
    };
    const config = read(tokenizerConfigSchema, 'tokenizer_config.json')!;
    this.tokenizer = new Tokenizer(read(z.looseObject({}), 'tokenizer.json')!, config);
    const template =
      files['chat_template.jinja'] ??
      read(z.looseObject({ chat_template: templateSchema }), 'chat_template.json')?.chat_template ??
      config.chat_template;
    if (template === undefined) throw new Error('The processor has no chat template.');
    this.template = new Template(template);
    this.marks = Object.fromEntries(
      (['eos_token', 'bos_token', 'pad_token'] as const).flatMap((name) =>
        config[name] ? [[name, config[name]]] : [],
      ),
    );
    const also = read(endsSchema, 'generation_config.json')?.eos_token_id ?? [];
    this.ends = [...new Set([this.idOf(config.eos_token), ...[also].flat()])];
    const nested = read(
      z.looseObject({ image_processor: z.unknown() }),
      'processor_config.json',
    )?.image_processor;
    const rules = imagesSchema.safeParse(nested ?? read(z.unknown(), 'preprocessor_config.json')).data;
    const isQwen = rules !== undefined && /^Qwen\d/.test(rules.image_processor_type);
    this.images = isQwen ? sizesOf(rules, maxPixels) : null;
    this.placeholder = isQwen ? this.idOf(config.image_token ?? '<|image_pad|>') : null;
    // Qwen3-VL's patches have 16 pixels and its boxes thousandths; earlier ones write pixels of the resized image.
    this.coordinates = isQwen ? (rules.patch_size === 16 ? 'xyxy_1000' : 'xyxy_px') : null;
  }

  /** The size in which a model sees a picture: both sides multiples of a cell, the area within its limits. */
  seenSize = ({ w, h }: Size): Size => (this.images ? smartResize({ w, h }, this.images) : { w, h });

  /** How many tokens a picture of this seen size takes. */
  imageTokens = ({ w, h }: Size): number => (this.images ? (w * h) / this.images.cell ** 2 : 0);

  /** Applies the chat template. A prompt that ends with the assistant's words is continued there. */
  encode(prompt: Prompt): EncodedPart[] {
    const text = this.render(prompt);
    const ids = this.tokenizer.encode(text, { add_special_tokens: false }).ids;
    const images = imagesOf(prompt).length;
    const parts: EncodedPart[] = [];
    let tokens: number[] = [];
    let seen = 0;
    const close = () => {
      if (tokens.length > 0) parts.push({ tokens });
      tokens = [];
    };
    for (const id of ids) {
      if (id !== this.placeholder) {
        tokens.push(id);
        continue;
      }
      close();
      parts.push({ image: seen++ });
    }
    close();
    if (seen !== images)
      throw new Error(
        `The prompt has ${images} images, but the chat template shows ${seen}: a text must not contain the image placeholder itself.`,
      );
    return parts;
  }

  /** A target with the end of sequence. */
  target(text: string): number[] {
    const { ids } = this.tokenizer.encode(text, { add_special_tokens: false });
    if (this.placeholder !== null && ids.includes(this.placeholder))
      throw new Error(
        `An answer must not contain the image placeholder: ${JSON.stringify(text.slice(0, 80))}.`,
      );
    return [...ids, this.ends[0]!];
  }

  /** The text of a completion, without special tokens. */
  decode = (tokens: readonly number[]): string =>
    this.tokenizer.decode([...tokens], { skip_special_tokens: true });

  private render(prompt: Prompt): string {
    const messages = prompt.map(({ role, content }) => ({
      role,
      content: joined(content).map((part) =>
        typeof part === 'string' ? { type: 'text', text: part } : { type: 'image' },
      ),
    }));
    const last = prompt.at(-1);
    const goesOn = last?.role === 'assistant';
    // Templates of text models expect a string, where templates of vision models expect parts.
    const shown = this.images
      ? messages
      : messages.map(({ role, content }) => ({
          role,
          content: content.map(({ text }) => text ?? '').join(''),
        }));
    const text = this.template.render({ messages: shown, add_generation_prompt: !goesOn, ...this.marks });
    if (!goesOn) return text;
    const words = last.content.filter((part) => typeof part === 'string').join('');
    const at = text.lastIndexOf(words.trim());
    if (at < 0) throw new Error('The chat template does not show the beginning of the answer.');
    // A template may trim what it shows.
    const kept = text.startsWith(words.trimStart(), at) ? words.trimStart() : words.trim();
    return text.slice(0, at + kept.length);
  }

  private idOf(token: string): number {
    const id = this.tokenizer.token_to_id(token);
    if (id === undefined) throw new Error(`tokenizer.json has no token ${JSON.stringify(token)}.`);
    return id;
  }
}

/** Joins adjacent texts, since a template may put something between parts. */
const joined = <P>(content: readonly (string | P)[]): (string | P)[] => {
  const out: (string | P)[] = [];
  for (const part of content) {
    const before = out.at(-1);
    if (typeof part === 'string' && typeof before === 'string') out[out.length - 1] = before + part;
    else out.push(part);
  }
  return out;
};

function sizesOf({ patch_size, merge_size, min_pixels, max_pixels, size }: ImageRules, limit: number | null) {
  const largest = size?.longest_edge ?? max_pixels ?? QWEN_PIXELS.max;
  const max = Math.min(largest, limit ?? largest);
  const min = Math.min(size?.shortest_edge ?? min_pixels ?? QWEN_PIXELS.min, max);
  return { cell: patch_size * merge_size, min, max };
}

/** `smart_resize` of Qwen's image processor, rounding half to even as Python does. */
function smartResize({ w, h }: Size, { cell, min, max }: { cell: number; min: number; max: number }): Size {
  if (Math.max(w, h) / Math.min(w, h) > 200)
    throw new Error(
      `A picture of ${w} × ${h} is more than 200 times as long as wide, which the model does not take.`,
    );
  const [near, down, up] = [roundEven, Math.floor, Math.ceil].map(
    (round) => (side: number) => round(side / cell) * cell,
  ) as [Round, Round, Round];
  const size = { w: Math.max(cell, near(w)), h: Math.max(cell, near(h)) };
  if (size.w * size.h > max) {
    const shrink = Math.sqrt((w * h) / max);
    return { w: Math.max(cell, down(w / shrink)), h: Math.max(cell, down(h / shrink)) };
  }
  if (size.w * size.h < min) {
    const grow = Math.sqrt(min / (w * h));
    return { w: up(w * grow), h: up(h * grow) };
  }
  return size;
}

type Round = (side: number) => number;

const roundEven: Round = (x) => {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
};

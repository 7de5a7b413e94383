import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Message, Prompt } from '../../src/core/prompts/message.ts';
import { openEmbedded, type EmbeddedOptions } from '../../src/engines/embedded/open-embedded.ts';
import type { EmbeddedTrainer } from '../../src/engines/embedded/embedded-engine.ts';
import { SPECIAL, Tokenizer } from '../../src/engines/embedded/tokenizer.ts';
import { fields } from '../../src/base/read-protobuf.ts';
import { message } from '../../src/engines/embedded/onnx.ts';

/*
 * A server of the Tinker API for tests, as the package `tinker` 0.38.0 speaks with it. Rows to score come as protocol
 * buffers, and go so; a request that comes again is recognised by its number, and sequences get no names, as by SkyRL
 * 0.4. What it answers is computed by the embedded engine, so log-probabilities, gradients and checkpoints are real. It
 * differs from the known servers in that it trains all weights, in float32.
 */

const PROTOBUF = 'application/x-protobuf';

const tokens = z.strictObject({ type: z.literal('encoded_text'), tokens: z.array(z.int()).min(1) });
const image = z.strictObject({
  type: z.literal('image'),
  data: z.base64(),
  format: z.enum(['png', 'jpeg']),
  expected_tokens: z.int().nullish(),
});
const input = z.strictObject({ chunks: z.array(z.discriminatedUnion('type', [tokens, image])).min(1) });
type Chunks = z.infer<typeof input>['chunks'];
const numbers = z.strictObject({ data: z.array(z.number()) });
const ofModel = { model_id: z.string(), seq_id: z.int().min(1) };
const REQUESTS = {
  'client/config': z.object({ sdk_version: z.string() }),
  create_session: z.object({
    type: z.literal('create_session'),
    tags: z.array(z.string()),
    sdk_version: z.string(),
  }),
  session_heartbeat: z.strictObject({ type: z.literal('session_heartbeat'), session_id: z.string() }),
  create_model: z.object({
    type: z.literal('create_model'),
    session_id: z.string(),
    model_seq_id: z.int(),
    base_model: z.string(),
    lora_config: z.strictObject({
      rank: z.int(),
      seed: z.int().nullish(),
      train_unembed: z.boolean(),
      train_mlp: z.boolean(),
      train_attn: z.boolean(),
    }),
  }),
  get_info: z.object({ model_id: z.string() }),
  unload_model: z.strictObject({ type: z.literal('unload_model'), model_id: z.string() }),
  forward_backward: z.strictObject({
    ...ofModel,
    forward_only: z.boolean(),
    loss_fn: z.literal('cross_entropy'),
    data: z.array(
      z.strictObject({
        model_input: input,
        loss_fn_inputs: z.strictObject({ target_tokens: numbers, weights: numbers }),
      }),
    ),
  }),
  optim_step: z.strictObject({
    ...ofModel,
    type: z.literal('optim_step'),
    adam_params: z.strictObject({
      learning_rate: z.number(),
      beta1: z.number(),
      beta2: z.number(),
      eps: z.number(),
      weight_decay: z.number(),
      grad_clip_norm: z.number(),
    }),
  }),
  save_weights: z.object({ ...ofModel, type: z.literal('save_weights'), path: z.string() }),
  load_weights: z.object({
    ...ofModel,
    type: z.literal('load_weights'),
    path: z.string(),
    optimizer: z.boolean(),
  }),
  save_weights_for_sampler: z.object({
    ...ofModel,
    type: z.literal('save_weights_for_sampler'),
    path: z.string().nullish(),
    sampling_session_seq_id: z.int().nullish(),
  }),
  asample: z.object({
    type: z.literal('sample'),
    sampling_session_id: z.string(),
    seq_id: z.int(),
    num_samples: z.int().min(1),
    prompt: input,
    sampling_params: z.object({
      max_tokens: z.int(),
      temperature: z.number(),
      top_p: z.number(),
      stop: z.array(z.int()),
    }),
  }),
  cancel_future: z.strictObject({ request_id: z.string() }),
  retrieve_future: z.object({ request_id: z.string() }),
} as const;
type Route = keyof typeof REQUESTS;

export interface TinkerServerOptions {
  model: EmbeddedOptions;
  /** A folder for the weights it keeps. */
  folder: string;
  /** Leaves images out without saying so, as a text-only renderer does. */
  blind?: boolean;
  /** Divides each row by the sum of its weights, as SkyRL's JAX backend does. */
  divides?: boolean;
  /** How often a question for a result is answered `try_again` first. */
  patience?: number;
  /** Called with each request: a returned status is answered in place of the work; `lost` loses the reply. */
  fault?: (route: Route, body: object) => number | 'lost' | undefined;
  /** What it packs of any adapter. */
  archive?: Uint8Array;
}

/** The base model's name. */
export const BASE = 'tests/tiny-vlm';

export class TinkerServer {
  /** What was asked, in order. */
  readonly requests: { route: Route; body: Record<string, unknown>; key: string | undefined }[] = [];
  /** The keys with which its store of archives was asked. */
  readonly storeKeys: unknown[] = [];
  private readonly models = new Map<string, { trainer: EmbeddedTrainer; next: number }>();
  private readonly samplers = new Map<string, EmbeddedTrainer>();
  private readonly results = new Map<string, { result: Promise<object>; asked: number }>();
  private readonly weights = new Map<string, string>();
  private readonly server = createServer((request, response) => void this.take(request, response));
  private draws = 0;
  private last: Promise<unknown> = Promise.resolve();

  private constructor(private readonly options: TinkerServerOptions) {}

  static async start(options: TinkerServerOptions): Promise<TinkerServer> {
    const started = new TinkerServer(options);
    await new Promise<void>((resolve) => started.server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Models that were not unloaded. */
  get held(): number {
    return this.models.size;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    for (const { trainer } of this.models.values()) await trainer.close();
    for (const trainer of this.samplers.values()) await trainer.close();
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = (status: number, body: object) => {
      const isBinary = body instanceof Uint8Array;
      response
        .writeHead(status, { 'content-type': isBinary ? PROTOBUF : 'application/json' })
        .end(isBinary ? body : JSON.stringify(body));
    };
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const name = request.url!.replace(/^\/api\/v1\//, '');
    if (name === 'get_server_capabilities') {
      answer(200, { supported_models: [{ model_name: BASE, max_context_length: 512 }] });
      return;
    }
    const { archive } = this.options;
    if (archive && /^training_runs\/[\w-]+\/checkpoints\/[\w-]+\/archive$/.test(name)) {
      response.writeHead(302, { location: '/store' }).end();
      return;
    }
    if (name === '/store') {
      this.storeKeys.push(request.headers['x-api-key']);
      response.end(archive);
      return;
    }
    if (!(name in REQUESTS)) {
      answer(404, { detail: 'Not Found' });
      return;
    }
    const route = name as Route;
    const form = route === 'forward_backward' ? PROTOBUF : 'application/json';
    if (request.headers['content-type'] !== form) {
      answer(415, { detail: `${route} wants ${form}.` });
      return;
    }
    const body = Buffer.concat(parts);
    const read = REQUESTS[route].safeParse(
      route === 'forward_backward' ? decodeScoring(body) : JSON.parse(body.toString()),
    );
    if (!read.success) {
      answer(422, { detail: z.prettifyError(read.error) });
      return;
    }
    const key = request.headers['x-api-key'] as string | undefined;
    this.requests.push({ route, body: read.data as Record<string, unknown>, key });
    const status = this.options.fault?.(route, read.data);
    if (status === 'lost') response.destroy();
    if (typeof status === 'number') answer(status, { detail: `A fault of ${status}, key ${key ?? 'none'}.` });
    else if (route === 'create_session') answer(200, { type: route, session_id: `session-${randomUUID()}` });
    else if (route === 'client/config') answer(200, { pjwt_auth_enabled: false });
    else if (route === 'get_info') {
      const { model_id } = read.data as { model_id: string };
      answer(200, { type: route, model_id, model_data: { model_name: BASE } });
    } else if (route === 'session_heartbeat' || route === 'cancel_future') answer(200, {});
    else if (route === 'retrieve_future')
      await this.retrieve((read.data as { request_id: string }).request_id, answer);
    else {
      const { model_id, seq_id } = read.data as { model_id?: string; seq_id?: number };
      const request_id = seq_id === undefined || !model_id ? randomUUID() : `${model_id}-${seq_id}`;
      if (this.results.has(request_id)) {
        answer(200, { request_id });
        return;
      }
      // One after another, in the order in which they came.
      const result = this.last.then(() => this.work(route, read.data as never));
      this.last = result.catch(() => undefined);
      this.results.set(request_id, { result, asked: 0 });
      answer(200, { request_id });
    }
  }

  private async retrieve(id: string, answer: (status: number, body: object) => void): Promise<void> {
    const promise = this.results.get(id);
    if (!promise) return answer(404, { detail: 'Future not found' });
    promise.asked += 1;
    if (promise.asked <= (this.options.patience ?? 0)) {
      await sleep(50);
      return answer(200, { type: 'try_again', request_id: id, queue_state: 'active' });
    }
    await promise.result.then(
      (result) => {
        answer(200, result);
      },
      (error: Error) => {
        answer(200, { error: error.message, category: 'user' });
      },
    );
  }

  private async work(route: Route, body: never): Promise<object> {
    switch (route) {
      case 'create_model': {
        const { base_model } = body as { base_model: string };
        if (base_model !== BASE) throw new Error(`There is no ${base_model}.`);
        const model_id = `model-${this.models.size}-${randomUUID().slice(0, 8)}`;
        this.models.set(model_id, { trainer: await openEmbedded(this.options.model), next: 1 });
        return { type: 'create_model', model_id };
      }
      case 'unload_model': {
        const { model_id } = body as { model_id: string };
        await this.models.get(model_id)?.trainer.close();
        this.models.delete(model_id);
        return { type: 'unload_model', model_id };
      }
      case 'forward_backward':
        return this.score(body as z.infer<typeof REQUESTS.forward_backward>);
      case 'optim_step': {
        const { adam_params: p, ...of } = body as z.infer<typeof REQUESTS.optim_step>;
        const { gradNorm } = await this.model(of).optimStep({
          learningRate: p.learning_rate,
          betas: [p.beta1, p.beta2],
          eps: p.eps,
          weightDecay: p.weight_decay,
          gradClip: p.grad_clip_norm > 0 ? p.grad_clip_norm : null,
        });
        return { metrics: { 'skyrl.ai/grad_norm': gradNorm } };
      }
      case 'save_weights':
      case 'save_weights_for_sampler': {
        const { path, ...of } = body as z.infer<typeof REQUESTS.save_weights_for_sampler>;
        const kind = route === 'save_weights' ? 'weights' : 'sampler_weights';
        const at = `tinker://${of.model_id}/${kind}/${path ?? `ephemeral-${randomUUID()}`}`;
        if (this.weights.has(at)) throw new Error(`${at} exists already.`);
        const folder = join(this.options.folder, randomUUID());
        mkdirSync(folder);
        this.weights.set(at, folder);
        await this.model(of).save(folder);
        if (route === 'save_weights') return { type: route, path: at };
        const id = `sampling-${randomUUID()}`;
        this.samplers.set(
          id,
          await openEmbedded({ ...this.options.model, model: { folder }, seed: this.draws++ }),
        );
        return { type: route, path: at, sampling_session_id: id };
      }
      case 'load_weights': {
        const { path, optimizer, ...of } = body as z.infer<typeof REQUESTS.load_weights>;
        if (of.seq_id !== 1) throw new Error('Weights are loaded by the first request to a model only.');
        const folder = this.weights.get(path);
        if (folder === undefined) throw new Error(`There is no ${path}.`);
        await this.model(of).load(folder, optimizer ? 'everything' : 'weights');
        return { type: route, path };
      }
      case 'asample':
        return this.sample(body as z.infer<typeof REQUESTS.asample>);
      default:
        throw new Error(`${route} is not a piece of work.`);
    }
  }

  /** The model, if this is its next request. */
  private model({ model_id, seq_id }: { model_id: string; seq_id: number }): EmbeddedTrainer {
    const model = this.models.get(model_id);
    if (!model) throw new Error(`There is no ${model_id}.`);
    if (seq_id !== model.next) throw new Error(`Request ${seq_id} came where ${model.next} was due.`);
    model.next += 1;
    return model.trainer;
  }

  private async score({
    data: rows,
    forward_only,
    ...of
  }: z.infer<typeof REQUESTS.forward_backward>): Promise<Uint8Array> {
    const trainer = this.model(of);
    const groups = await Promise.all(
      rows.map(async ({ model_input: { chunks }, loss_fn_inputs: { target_tokens, weights } }) => {
        const targets = target_tokens.data;
        const length = chunks.reduce((n, chunk) => n + this.lengthOf(chunk), 0);
        if (length !== targets.length || length !== weights.data.length)
          throw new Error(
            `A row of ${length} tokens has ${targets.length} targets and ${weights.data.length} weights.`,
          );
        // The last chunk is what the completion has but its last token; a completion of one token has none.
        const last = chunks.at(-1)!;
        const inputs = last.type === 'image' ? [] : last.tokens;
        const written = String(targets.slice(-1 - inputs.length, -1)) === String(inputs) ? inputs.length : 0;
        const before = targets.length - 1 - written;
        if (targets.slice(0, before).some((id) => id !== 0))
          throw new Error('The targets are not the input, shifted by one.');
        const completion = targets.slice(before);
        const prompt = written === 0 ? chunks : chunks.slice(0, -1);
        return {
          prompt: await this.read(trainer, prompt),
          completions: [
            {
              segments: [
                { tokens: completion, trained: true, weights: this.divided(weights.data.slice(before)) },
              ],
            },
          ],
          before,
        };
      }),
    );
    const logprobs = forward_only
      ? (await trainer.forward(groups, { model: 'policy', temperature: 1 })).map(
          (group) => group[0]![0]!.logprobs,
        )
      : (await trainer.forwardBackward(groups, { temperature: 1 })).logprobs.map((group) => group[0]![0]!);
    return encodeScores(logprobs.map((row, i) => [...new Array<number>(groups[i]!.before).fill(0), ...row]));
  }

  private divided(weights: number[]): number[] {
    const sum = weights.reduce((a, b) => a + b, 0);
    return this.options.divides ? weights.map((w) => w / Math.max(sum, 1e-9)) : weights;
  }

  private async sample({
    sampling_session_id,
    prompt: { chunks },
    num_samples: n,
    sampling_params: { max_tokens: maxTokens, temperature, top_p: topP, stop },
  }: z.infer<typeof REQUESTS.asample>): Promise<object> {
    const trainer = this.samplers.get(sampling_session_id);
    if (!trainer) throw new Error(`There is no ${sampling_session_id}.`);
    if (String(stop) !== String([SPECIAL.end]))
      throw new Error(`It stops at ${SPECIAL.end}, not at ${String(stop)}.`);
    const prompt = await this.read(trainer, chunks);
    const [group] = await trainer.sample([prompt], { n, maxTokens, temperature, topP });
    return message((w) => {
      for (const { tokens, logprobs, stopReason } of group!)
        w.message(1, (sequence) => {
          if (stopReason === 'length') sequence.integer(1, 1);
          sequence.bytes(2, bytesOf(Int32Array.from(tokens)));
          sequence.bytes(3, bytesOf(Float32Array.from(logprobs)));
        });
    });
  }

  private lengthOf = (chunk: Chunks[number]): number =>
    chunk.type === 'image' ? chunk.expected_tokens! : chunk.tokens.length;

  /** The messages that a chat template has turned into chunks. */
  private async read(trainer: EmbeddedTrainer, chunks: Chunks): Promise<Prompt> {
    const words = new Tokenizer(trainer.info().vocabulary!);
    const roles = {
      [SPECIAL.system]: 'system',
      [SPECIAL.user]: 'user',
      [SPECIAL.assistant]: 'assistant',
    } as const;
    const prompt: Message[] = [];
    for (const chunk of chunks) {
      if (chunk.type === 'image') {
        if (this.options.blind) continue;
        const { hash, tokens } = await trainer.putImage(Buffer.from(chunk.data, 'base64'));
        if (tokens !== chunk.expected_tokens)
          throw new Error(`An image of ${tokens} tokens was sent as ${chunk.expected_tokens}.`);
        prompt.at(-1)!.content.push({ image: hash, view: 'original' });
        continue;
      }
      for (const id of chunk.tokens) {
        const role = (roles as Record<number, Message['role']>)[id];
        if (role) prompt.push({ role, content: [] });
        else if (id !== SPECIAL.end) prompt.at(-1)!.content.push(words.decode([id]));
      }
    }
    if (prompt.at(-1)!.content.length === 0) prompt.pop();
    return prompt;
  }
}

const bytesOf = ({ buffer }: Int32Array | Float32Array | BigInt64Array): Uint8Array => new Uint8Array(buffer);

/** `ForwardBackwardRequest` of `tinker_public.proto`. */
function decodeScoring(body: Buffer): object {
  const all = (of: Buffer, field: number) =>
    [...fields(of)].filter(([number]) => number === field).map(([, value]) => value as Buffer);
  const ints = (of: Buffer, field: number) => [...fields(of)].find(([number]) => number === field)?.[1];
  const array = <T>(Type: new (buffer: ArrayBuffer) => Iterable<T>, raw: Buffer) => [
    ...new Type(new Uint8Array(raw).buffer),
  ];
  return {
    model_id: all(body, 1)[0]!.toString(),
    seq_id: Number(ints(body, 2)),
    loss_fn: all(body, 4)[0]!.toString(),
    forward_only: ints(body, 6) === 1n,
    data: all(body, 3).map((datum) => ({
      model_input: {
        chunks: all(datum, 1).map((chunk) => {
          const [image] = all(chunk, 2);
          return image
            ? {
                type: 'image',
                data: all(image, 1)[0]!.toString('base64'),
                format: all(image, 2)[0]!.toString(),
                expected_tokens: Number(ints(image, 3)),
              }
            : { type: 'encoded_text', tokens: array(Int32Array, all(all(chunk, 1)[0]!, 1)[0]!) };
        }),
      },
      loss_fn_inputs: Object.fromEntries(
        all(datum, 2).map((entry) => {
          const [tensor] = all(entry, 2);
          const dense = all(tensor!, 1)[0]!;
          const data =
            ints(tensor!, 3) === 2n ? array(BigInt64Array, dense).map(Number) : array(Float32Array, dense);
          return [all(entry, 1)[0]!.toString(), { data }];
        }),
      ),
    })),
  };
}

/** `ForwardBackwardOutput`. */
const encodeScores = (rows: readonly number[][]): Uint8Array =>
  message((w) => {
    w.text(1, 'ArrayRecord');
    w.message(2, (record) => {
      record.message(2, (field) => {
        field.text(1, 'logprobs');
        field.message(2, (tensor) => {
          tensor.bytes(1, bytesOf(Float32Array.from(rows.flat())));
          let end = 0;
          const ends = rows.map((row) => BigInt((end += 4 * row.length)));
          tensor.bytes(2, bytesOf(BigInt64Array.from([0n, ...ends])));
          tensor.integer(3, 1);
        });
      });
      record.integer(3, rows.length);
    });
  });

/** The files from which a client makes the tokens of an embedded model: the ids are the engine's own. */
function processorFiles(
  words: readonly string[],
  { imageSize, patchSize }: { imageSize: number; patchSize: number },
): Record<string, string> {
  const marks = ['<|pad|>', '<|image_pad|>', '<|system|>', '<|user|>', '<|assistant|>', '<|im_end|>'];
  const pixels = imageSize ** 2;
  return {
    'tokenizer.json': JSON.stringify({
      version: '1.0',
      added_tokens: marks.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: {
        type: 'Split',
        pattern: {
          Regex: String.raw`"[^"\n]*"|</?\w+>|\d+(?:\.\d+)?|\p{L}[\p{L}\p{N}]*(?:[-'’_][\p{L}\p{N}]+)*|[^\s]`,
        },
        behavior: 'Removed',
        invert: true,
      },
      post_processor: null,
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
      model: {
        type: 'WordLevel',
        unk_token: '<|pad|>',
        vocab: Object.fromEntries([...marks, ...words].map((word, id) => [word, id])),
      },
    }),
    'tokenizer_config.json': JSON.stringify({
      eos_token: '<|im_end|>',
      tokenizer_class: 'PreTrainedTokenizerFast',
    }),
    'chat_template.jinja': `{%- for m in messages %}<|{{ m.role }}|>
      {%- for part in m.content %}{% if part.type == 'image' %}<|image_pad|>{% else %}{{ part.text }}{% endif %}{% endfor %}
      {%- if m.role == 'assistant' %}<|im_end|>{% endif %}
      {%- endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}`,
    'preprocessor_config.json': JSON.stringify({
      image_processor_type: 'Qwen2VLImageProcessor',
      patch_size: patchSize / 2,
      merge_size: 2,
      min_pixels: pixels,
      max_pixels: pixels,
    }),
  };
}

/** Writes those files, for an engine to read. */
export function writeProcessor(folder: string, ...of: Parameters<typeof processorFiles>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(processorFiles(...of))) writeFileSync(join(folder, name), text);
}

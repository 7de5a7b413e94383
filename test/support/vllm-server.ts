import { type IncomingMessage, type ServerResponse } from 'node:http';
import * as z from 'zod';
import type { Message } from '../../src/core/prompts/message.ts';
import { NoRoom } from '../../src/engines/features.ts';
import type { Trainer } from '../../src/engines/trainer.ts';
import { bodyOf, serveLocally, type LocalServer } from './local-server.ts';

/*
 * The parts of vLLM's OpenAI server that rollouts use, as vLLM 0.32 answers them (`test/python/vllm.slow.test.ts` asks
 * it the same). Fields that it refuses, such as `mm_processor_kwargs`, and fields unknown here are refused. What it
 * answers is computed by an engine of ours, with the adapters that it was told to load, so tokens and
 * log-probabilities are real.
 */

const part = z.union([
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({
    type: z.literal('image_url'),
    image_url: z.strictObject({ url: z.string().startsWith('data:image/png;base64,') }),
  }),
]);
const chat = z.strictObject({
  model: z.string(),
  messages: z.array(
    z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.array(part) }),
  ),
  n: z.int(),
  temperature: z.number(),
  top_p: z.number(),
  top_k: z.literal(-1),
  min_p: z.literal(0),
  repetition_penalty: z.literal(1),
  presence_penalty: z.literal(0),
  frequency_penalty: z.literal(0),
  max_tokens: z.int(),
  stop: z.array(z.string()),
  seed: z.int().optional(),
  logprobs: z.literal(true),
  top_logprobs: z.literal(0),
  return_token_ids: z.literal(true),
  add_generation_prompt: z.boolean(),
  continue_final_message: z.boolean(),
});
const load = z.strictObject({ lora_name: z.string(), lora_path: z.string() });
const unload = z.strictObject({ lora_name: z.string() });

export class VllmServer {
  readonly url: string;
  /** Every route that was called, with the adapter's or the model's name. */
  readonly calls: string[] = [];
  readonly keys = new Set<string | undefined>();
  /** The adapters that are loaded. */
  readonly adapters = new Set<string>();
  /** Changes an answer before it is sent, as another server would. */
  distort: (answer: Record<string, unknown>) => void = () => undefined;
  /** Answers to a route with an error. */
  refusal: { route: string; status: number; words: string } | null = null;

  private constructor(
    private readonly model: Trainer,
    private readonly server: LocalServer,
  ) {
    this.url = server.url;
  }

  static async start(model: Trainer): Promise<VllmServer> {
    const server = await serveLocally((request, response) => void started.handle(request, response));
    const started = new VllmServer(model, server);
    return started;
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.model.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(request);
    this.keys.add(request.headers.authorization);
    const { route, status, words } = this.refusal ?? {};
    if (route === request.url) {
      response.statusCode = status!;
      return void response.end(
        JSON.stringify({ error: { message: words, type: 'Error', param: null, code: status } }),
      );
    }
    try {
      const body = JSON.parse(text) as unknown;
      const answer = await this.answer(request.url!, body);
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    } catch (error) {
      const { message } = error as Error;
      response.statusCode = 400;
      // In vLLM's words.
      const said = error instanceof NoRoom ? "This model's maximum context length is 12 tokens." : message;
      response.end(JSON.stringify({ error: { message: said } }));
    }
  }

  private async answer(route: string, body: unknown): Promise<unknown> {
    if (route === '/v1/load_lora_adapter') {
      const { lora_name, lora_path } = load.parse(body);
      this.calls.push(`load ${lora_name}`);
      await this.model.load(lora_path, 'weights');
      this.adapters.add(lora_name);
      return `Success: LoRA adapter '${lora_name}' added successfully.`;
    }
    if (route === '/v1/unload_lora_adapter') {
      const { lora_name } = unload.parse(body);
      this.calls.push(`unload ${lora_name}`);
      if (!this.adapters.delete(lora_name))
        throw new Error(`The lora adapter '${lora_name}' cannot be found.`);
      return `Success: LoRA adapter '${lora_name}' removed successfully.`;
    }
    if (route !== '/v1/chat/completions') throw new Error(`no route ${route}`);
    const { model, messages, ...wanted } = chat.parse(body);
    this.calls.push(`chat ${model}`);
    // The newest adapter is the one that is computed with.
    if ([...this.adapters].at(-1) !== model) throw new Error(`The model ${model} does not exist.`);
    const prompt = await Promise.all(messages.map((message) => this.read(message)));
    const { prompt: ids } = await this.model.encode(prompt);
    const [drawn] = await this.model.sample([prompt], {
      n: wanted.n,
      temperature: wanted.temperature,
      topP: wanted.top_p,
      maxTokens: wanted.max_tokens,
      ...(wanted.stop.length > 0 && { stop: wanted.stop }),
    });
    const answer = {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model,
      prompt_token_ids: ids,
      // In any order.
      choices: drawn!.map(({ tokens, logprobs, text, stopReason }, index) => ({
        index,
        message: { role: 'assistant', content: text },
        logprobs: {
          content: logprobs.map((logprob) => ({ token: '', logprob, bytes: null, top_logprobs: [] })),
        },
        finish_reason: stopReason === 'length' ? 'length' : 'stop',
        stop_reason: stopReason === 'stop' ? wanted.stop[0] : null,
        token_ids: tokens,
      })),
    };
    answer.choices.reverse();
    this.distort(answer);
    return answer;
  }

  private async read({ role, content }: z.infer<typeof chat>['messages'][number]): Promise<Message> {
    const parts = content.map(async (each) => {
      if (each.type === 'text') return each.text;
      const bytes = Buffer.from(each.image_url.url.split(',')[1]!, 'base64');
      return { image: (await this.model.putImage(bytes)).hash, view: 'original' as const };
    });
    return { role, content: await Promise.all(parts) };
  }
}

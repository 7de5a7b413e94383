import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Sample } from '../../src/rows/sample/sample.ts';
import type { EmbeddedTrainer } from '../../src/engines/embedded/embedded-engine.ts';
import { openEmbedded } from '../../src/engines/embedded/open-embedded.ts';
import { vocabularyOf } from '../../src/engines/embedded/tokenizer.ts';
import type { WeightedGroup } from '../../src/engines/trainer.ts';
import { decodeForModel } from '../../src/lab/images/decode.ts';
import { pictures } from '../../src/lab/torch/quick-check.ts';
import { tinyProject } from '../unit/lab/recipes/cli.ts';
import { BASE, TinkerServer, writeProcessor, type TinkerServerOptions } from './tinker-server.ts';
import { parseRows } from './rows.ts';

/** A folder with worlds, and servers with a model that has learnt the form of an answer to their questions. */
export class TinkerProject {
  private constructor(
    private readonly folder: string,
    private readonly options: TinkerServerOptions,
  ) {}

  static async make(folder: string): Promise<TinkerProject> {
    await tinyProject(folder);
    const rows = await readFile(join(folder, 'train/data.qa.jsonl'), 'utf8');
    const tests = await readFile(join(folder, 'val/data.qa.jsonl'), 'utf8');
    const { question, answers } = await pictures();
    const texts = (value: unknown): string[] =>
      typeof value === 'string'
        ? [value]
        : value instanceof Object
          ? Object.values(value).flatMap(texts)
          : [];
    const lines = parseRows<unknown>(`${rows}${tests}`);
    const words = vocabularyOf([
      question,
      ...answers,
      '<think> </think> <answer> </answer>',
      ...lines.flatMap(texts),
    ]);
    const shape = {
      width: 16,
      layers: 1,
      heads: 2,
      imageSize: 32,
      patchSize: 16,
      promptTokens: 64,
      completionTokens: 24,
    };
    writeProcessor(join(folder, 'processor'), words, shape);
    await mkdir(join(folder, 'kept'));
    const model = await openEmbedded({
      model: { shape, words },
      seed: 1,
      threads: 1,
      decodeImage: decodeForModel,
    });
    for (let step = 0; step < 30; step++) await learn(model, lines as Sample[]);
    await model.save(join(folder, 'taught'));
    await model.close();
    return new TinkerProject(folder, {
      model: { model: { folder: join(folder, 'taught') }, seed: 1, threads: 1, decodeImage: decodeForModel },
      folder: join(folder, 'kept'),
    });
  }

  /** Starts a server and writes a config for it, as `NAME.run.yaml`. */
  async serve(name: string, more: Partial<TinkerServerOptions> = {}): Promise<TinkerServer> {
    const server = await TinkerServer.start({ ...this.options, ...more });
    const grpo = parse(await readFile(join(this.folder, 'grpo.run.yaml'), 'utf8')) as Record<string, unknown>;
    delete grpo.init;
    const config = {
      ...grpo,
      steps: 4,
      prompt: '{question}',
      engine: {
        kind: 'tinker',
        url: server.url,
        base_model: BASE,
        processor: 'processor',
        reference_url: server.url,
      },
      loss: { beta: 0.01 },
      evaluate: { every: 4, max_tokens: 8 },
    };
    await writeFile(join(this.folder, `${name}.run.yaml`), stringify(config));
    return server;
  }
}

/** Teaches the form of an answer, so that some completions earn more than others. */
async function learn(model: EmbeddedTrainer, rows: readonly Sample[]): Promise<void> {
  const groups = await Promise.all(
    rows.map(async ({ question, answer }): Promise<WeightedGroup> => {
      const prompt = [{ role: 'user' as const, content: [question] }];
      const target = `<think> ${answer} </think> <answer> ${answer} </answer>`;
      const { target: tokens } = await model.encode(prompt, target);
      const weights = tokens.map(() => 1 / (rows.length * tokens.length));
      return { prompt, completions: [{ segments: [{ tokens, trained: true, weights }] }] };
    }),
  );
  await model.forwardBackward(groups, { temperature: 1 });
  await model.optimStep({ learningRate: 1e-2, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, gradClip: 1 });
}

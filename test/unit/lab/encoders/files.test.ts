import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { encodeModel, type OnnxNode } from '../../../../src/engines/embedded/onnx.ts';
import { openEncoder } from '../../../../src/lab/encoders/open-encoder.ts';
import { readMiniLm } from '../../../../src/lab/encoders/fetch-encoder.ts';
import { encoderOf } from '../../../../src/lab/models/recipe-tools.ts';
import { RunConfig } from '../../../../src/core/config/run-config.ts';
import { sha256 } from '../../../../src/lab/files/atomic.ts';
import { folderOfTests } from '../../../support/folder.ts';

const root = folderOfTests('encoder-files-');
afterEach(() => vi.unstubAllEnvs());

/** Word pieces with the hub's post-processing, and a length and padding that are to be ignored. */
const tokenizer = JSON.stringify({
  truncation: { max_length: 3, strategy: 'LongestFirst', stride: 0 },
  padding: { strategy: { Fixed: 128 }, direction: 'Right', pad_id: 0, pad_type_id: 0, pad_token: '[PAD]' },
  added_tokens: [],
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [1], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [2], tokens: ['[SEP]'] },
    },
  },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: { '[PAD]': 0, '[CLS]': 1, '[SEP]': 2, '[UNK]': 3, left: 4, right: 5, of: 6 },
  },
});

/** A model with the hub's inputs that returns, for each of 5 tokens, what it was given. */
function echo(
  inputs = ['input_ids', 'attention_mask', 'token_type_ids'],
  output = 'last_hidden_state',
): Uint8Array {
  const node = (
    op: string,
    from: string[],
    to: string,
    attributes: OnnxNode['attributes'] = {},
  ): OnnxNode => ({
    op,
    domain: '',
    inputs: from,
    output: to,
    attributes,
  });
  return encodeModel({
    nodes: [
      ...inputs.flatMap((name) => [
        node('Cast', [name], `${name}_float`, { to: 1 }),
        node('Unsqueeze', [`${name}_float`, 'last'], `${name}_column`),
      ]),
      node(
        'Concat',
        inputs.map((name) => `${name}_column`),
        output,
        { axis: 2 },
      ),
    ],
    inputs: inputs.map((name) => ({ name, dtype: 'int64', shape: [1, 5] })),
    outputs: [{ name: output, dtype: 'float', shape: [1, 5, inputs.length] }],
    constants: [{ name: 'last', dtype: 'int64', shape: [1], data: BigInt64Array.of(2n) }],
  });
}

async function folderWith(files: Record<string, string | Uint8Array>): Promise<string> {
  const folder = await mkdtemp(join(root, 'folder-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

const open = (folder: string) => openEncoder({ encoder: 'minilm', encoder_path: folder });

test('openEncoder averages the token vectors of a model in the hub’s layout', async () => {
  const encoder = await open(await folderWith({ 'onnx/model.onnx': echo(), 'tokenizer.json': tokenizer }));
  const [vector] = await encoder.embed(['Left of RIGHT']);
  const mean = (1 + 4 + 6 + 5 + 2) / 5;
  const length = Math.hypot(mean, 1);
  expect(vector![0]).toBeCloseTo(mean / length, 6);
  expect(vector![1]).toBeCloseTo(1 / length, 6);
  expect(vector![2]).toBe(0);
  await encoder.close();
});

test('readMiniLm derives the identity from the bytes of the files', async () => {
  const one = await readMiniLm(await folderWith({ 'model.onnx': 'a', 'tokenizer.json': '{}' }));
  const same = await readMiniLm(await folderWith({ 'onnx/model.onnx': 'a', 'tokenizer.json': '{}' }));
  const other = await readMiniLm(await folderWith({ 'model.onnx': 'b', 'tokenizer.json': '{}' }));
  expect(same.identity).toBe(one.identity);
  expect(other.identity).not.toBe(one.identity);
});

test('openEncoder names the missing file, and refers to the documentation', async () => {
  await expect(open(join(root, 'nowhere'))).rejects.toThrow(
    /nowhere has no model\.onnx\.\n.*docs\/engines\.md/,
  );
  await expect(open(await folderWith({ 'model.onnx': echo() }))).rejects.toThrow('has no tokenizer.json');
});

test('readMiniLm rejects a file that does not match its checksum in the manifest', async () => {
  const files = { 'model.onnx': 'whole', 'tokenizer.json': '{}' };
  const manifest = (model: string) => JSON.stringify({ sha256: { 'model.onnx': sha256(model) } });
  await readMiniLm(await folderWith({ ...files, 'manifest.json': manifest('whole') }));
  const cut = await folderWith({ ...files, 'manifest.json': manifest('whole file') });
  await expect(readMiniLm(cut)).rejects.toThrow(/model\.onnx does not match its checksum/);
});

test('openEncoder rejects a model with other inputs or outputs', async () => {
  const pixels = await folderWith({ 'model.onnx': echo(['pixel_values']), 'tokenizer.json': tokenizer });
  await expect(open(pixels)).rejects.toThrow('requires pixel_values');
  const logits = await folderWith({ 'model.onnx': echo(undefined, 'logits'), 'tokenizer.json': tokenizer });
  const encoder = await open(logits);
  await expect(encoder.embed(['left of right'])).rejects.toThrow('no output last_hidden_state');
  await encoder.close();
});

test('encoderOf suggests a config line with the lexical encoder if MiniLM is missing', async () => {
  const config = RunConfig.parse({
    recipe: 'grpo',
    steps: 1,
    engine: { kind: 'embedded' },
    data: { train: 'a' },
    rewards: {
      accuracy: { weight: 1 },
      semantic: { weight: 0.5, encoder: 'minilm', encoder_path: '/nowhere' },
    },
  });
  await expect(encoderOf(config)).rejects.toThrow(
    /\/nowhere has no model\.onnx[^]*`rewards: \{ semantic: \{ weight: 0\.5, encoder: lexical \}, accuracy: \{ weight: 1 \} \}`$/,
  );
});

test('openEncoder names the hub URL and the documentation if the download fails', async () => {
  vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1/');
  await expect(openEncoder({ encoder: 'minilm' }, { cacheDir: root })).rejects.toThrow(
    /Cannot download .*127\.0\.0\.1:1\/sentence-transformers\/all-MiniLM-L6-v2\/resolve\/1110a243\S+\/onnx\/model\.onnx: .*\n.*docs\/engines\.md/,
  );
});

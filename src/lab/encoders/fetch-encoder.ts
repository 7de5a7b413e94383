import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { parseRecord } from '../../base/record.ts';
import { sha256 } from '../files/atomic.ts';
import { cacheDir } from '../files/folders.ts';
import { download, type Download } from './download.ts';
import { readBytes, readText } from '../files/regular.ts';

/** Files of a model repository, fixed by revision and checksums, so that no mirror of the Hub must be trusted. */
interface HubFiles {
  repository: string;
  revision: string;
  files: readonly { path: string; bytes: number; sha256: string }[];
}

export interface FetchOptions {
  /** Called with the number of downloaded bytes, and the total number of bytes. */
  onProgress?: (done: number, total: number) => void;
  /** Cache folder. Default: the platform's cache folder. */
  cacheDir?: string;
}

/**
 * Downloads the files that are not cached from the Hugging Face Hub (`HF_ENDPOINT`, default huggingface.co).
 * @returns the folder with the files under their paths in the repository
 */
export async function fetchFromHub(wanted: HubFiles, options: FetchOptions = {}): Promise<string> {
  const endpoint = (process.env.HF_ENDPOINT || 'https://huggingface.co').replace(/\/+$/, '');
  const folder = join(options.cacheDir ?? cacheDir(), 'hub', wanted.repository, wanted.revision);
  const files = wanted.files.map((file): Download => ({
    ...file,
    url: `${endpoint}/${wanted.repository}/resolve/${wanted.revision}/${file.path}`,
    to: join(folder, file.path),
  }));
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  let before = 0;
  for (const file of files) {
    if (!existsSync(file.to)) await download(file, (done) => options.onProgress?.(before + done, total));
    before += file.bytes;
  }
  return folder;
}

/** Files of the MiniLM encoder. */
export interface MiniLmFiles {
  model: Uint8Array;
  tokenizer: string;
  /** Checksums of the model and the tokenizer, which identify the encoder. */
  identity: string;
}

const MINILM: HubFiles = {
  repository: 'sentence-transformers/all-MiniLM-L6-v2',
  revision: '1110a243fdf4706b3f48f1d95db1a4f5529b4d41',
  files: [
    {
      path: 'onnx/model.onnx',
      bytes: 90_405_214,
      sha256: '6fd5d72fe4589f189f8ebc006442dbb529bb7ce38f8082112682524616046452',
    },
    {
      path: 'tokenizer.json',
      bytes: 466_247,
      sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
    },
  ],
};

const FOLDER_HINT =
  'To use an encoder without the Hugging Face Hub (docs/engines.md), set rewards.semantic.encoder_path in the config, or pass `eval --sbert FOLDER`.';

/**
 * Reads the encoder from a folder (from scripts/minilm/export.py, or a copy of the Hugging Face Hub repository), or
 * else from the Hub through a cache.
 * @throws Error with the missing or damaged file and instructions
 */
export async function readMiniLm(
  folder: string | undefined,
  options: FetchOptions = {},
): Promise<MiniLmFiles> {
  const from = folder ?? (await fetched(options));
  const model = ['model.onnx', 'onnx/model.onnx'].find((path) => existsSync(join(from, path)));
  const tokenizer = 'tokenizer.json';
  if (!model || !existsSync(join(from, tokenizer)))
    throw new Error(`${from} has no ${model ? tokenizer : 'model.onnx'}.\n  ${FOLDER_HINT}`);

  const stated = await statedChecksums(from);
  const read = async (path: string): Promise<[Buffer, string]> => {
    const bytes = await readBytes(join(from, path));
    const checksum = sha256(bytes);
    if (stated[path] !== undefined && stated[path] !== checksum)
      throw new Error(`${join(from, path)} does not match its checksum in manifest.json.\n  ${FOLDER_HINT}`);
    return [bytes, checksum];
  };
  const [modelBytes, modelSum] = await read(model);
  const [tokenizerBytes, tokenizerSum] = await read(tokenizer);
  return {
    model: modelBytes,
    tokenizer: tokenizerBytes.toString('utf8'),
    identity: `minilm-${modelSum.slice(0, 16)}-${tokenizerSum.slice(0, 16)}`,
  };
}

async function fetched(options: FetchOptions): Promise<string> {
  try {
    return await fetchFromHub(MINILM, options);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n  ${FOLDER_HINT}`, { cause: error });
  }
}

const checksumsSchema = z.object({ sha256: z.record(z.string(), z.string()) });

/** Returns the checksums that export.py recorded. A folder from the Hugging Face Hub has no such checksums. */
async function statedChecksums(folder: string): Promise<Record<string, string>> {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) return {};
  return parseRecord(checksumsSchema, await readText(path), { file: path }).sha256;
}

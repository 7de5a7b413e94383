import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { EngineConfig } from '../../../../src/core/config/engine-config.ts';
import { familyOf } from '../../../../src/core/seen/families.ts';
import { seenBy } from '../../../../src/core/seen/seen-map.ts';
import { sightNotes } from '../../../../src/lab/evaluation/sight-notes.ts';
import { familyOfEngine, familyOfFolder } from '../../../../src/lab/runs/model-family.ts';
import { scratchFolders } from '../../engines/tiny.ts';

const scratch = scratchFolders();
afterEach(() => vi.unstubAllEnvs());

const engineOf = (model: string, max_pixels = 1e9) =>
  EngineConfig.parse({ kind: 'torch', model, max_pixels });

const write = (folder: string, files: Record<string, object | string>) => {
  mkdirSync(folder, { recursive: true });
  for (const [name, value] of Object.entries(files))
    writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  return folder;
};

describe('the family of a model folder', () => {
  const of = (type: unknown, size?: unknown, patch_size?: unknown, more?: object) => ({
    image_processor_type: typeof type === 'string' ? `${type}ImageProcessor` : type,
    ...(size !== undefined && { size }),
    ...(patch_size !== undefined && { patch_size }),
    ...more,
  });
  const edges = (longest_edge: number | null, shortest_edge?: number) => ({ longest_edge, shortest_edge });
  const square = (side: number) => ({ height: side, width: side });
  /** With the canvases of LLaVA 1.6 that have these heights and widths. */
  const tiles = (type: string, side: number, lengths: number[]) =>
    of(type, edges(null, side), undefined, {
      crop_size: square(side),
      image_grid_pinpoints: [
        [336, 672],
        [672, 336],
        [672, 672],
        [1008, 336],
        [336, 1008],
      ].filter((canvas) => canvas.every((length) => lengths.includes(length))),
    });
  const qwen = of('Qwen2VL', edges(12845056, 3136), 14);
  const limits = { min_pixels: 3136, max_pixels: 1003520 };

  // What `save_pretrained` of transformers 5.23 writes, and older versions wrote.
  it.each([
    ['llava-1.5', of('CLIP', edges(null, 336), undefined, { crop_size: square(336) }), 'llava'],
    ['clip', of('CLIP'), 'clip'],
    ['qwen2.5-vl', qwen, 'qwen2_5_vl'],
    ['qwen2-vl', { ...qwen, image_processor_type: 'Qwen2VLImageProcessorFast' }, 'qwen2_vl'],
    ['qwen2.5-vl@1003520', of('Qwen2VL', undefined, 14, limits), 'qwen2_5_vl'],
    ['qwen3-vl', of('Qwen2VL', edges(16777216, 65536), 16), 'qwen3_vl'],
    ['glm-4.1v', of('Glm4v', edges(11760000, 12544), 14), 'glm4v'],
    ['emu3', of('Emu3', undefined, undefined, { min_pixels: 262144, max_pixels: 1048576 }), 'emu3'],
    ['gemma-3', of('Gemma3', square(896)), 'gemma3'],
    ['paligemma', of('Siglip', square(224)), 'paligemma'],
    ['idefics2', of('Idefics2', edges(980, 378)), 'idefics2'],
    ['kimi-k2.5', of('Kimi_K25', { max_height: 512, max_width: 512 }, 14), 'kimi_k25'],
    ['pixtral', of('Pixtral', edges(1024), square(16)), 'llava'],
    ['llama-4', of('Llama4', square(336), undefined, { max_patches: 16 }), 'llama4'],
    ['llama-3.2-vision', of('Mllama', square(560), undefined, { max_image_tiles: 4 }), 'mllama'],
    ['llava-next', tiles('LlavaNext', 336, [672, 336, 1008]), 'llava_next'],
    ['smolvlm', of('SmolVLM', { longest_edge: 1536 }, undefined, { max_image_size: edges(384) }), 'smolvlm'],
    ['smolvlm-256m', of('SmolVLM', { longest_edge: 2048 }, undefined, { max_image_size: edges(512) }), ''],
    ['phi-4-multimodal', of('Phi4Multimodal', square(448), 14, { dynamic_hd: 36 }), ''],
    ['gemma-4', of('Gemma4', undefined, 16, { max_soft_tokens: 280 }), 'gemma4'],
    ['gemma-4@322560', of('Gemma4', undefined, 16, { max_soft_tokens: 140 }), 'gemma4'],
    // The processor of InternVL cuts into tiles, whatever the file says.
    [
      'internvl',
      of('GotOcr2', square(448), undefined, { crop_to_patches: false, max_patches: 12 }),
      'internvl',
    ],
    ['internvl-untiled', of('GotOcr2', square(448), undefined, { crop_to_patches: false }), 'got_ocr2'],
    // Other settings than those of the table, and one without a rule.
    [null, of('Llama4', square(336), undefined, { max_patches: 4 }), 'llama4'],
    [null, of('SmolVLM', { longest_edge: 1536 }, undefined, { do_image_splitting: false }), 'smolvlm'],
    [null, tiles('LlavaNext', 336, [672, 336]), 'llava_next'],
    [null, of('CLIP', edges(null, 336), undefined, { crop_size: square(224) }), 'llava'],
    [null, of('Siglip', square(448)), 'paligemma'],
    [null, of('Molmo2', square(378)), 'molmo2'],
    [null, of('__proto__'), ''],
    [null, of(7, 'large'), ''],
  ])('the family of a model folder is %s', async (family, processor, model_type) => {
    const plain = write(scratch(), { 'preprocessor_config.json': processor, 'config.json': { model_type } });
    expect(await familyOfEngine(engineOf(plain))).toBe(family);
    const whole = write(scratch(), {
      'processor_config.json': { image_processor: processor },
      'config.json': { model_type },
    });
    expect(await familyOfEngine(engineOf(whole))).toBe(family);
  });

  it('sightNotes warns about rows whose object is barely visible to the model', async () => {
    const crops = of('CLIP', edges(null, 336), undefined, { crop_size: square(336) });
    // Of 640 × 480, the columns from 80 to 560 remain.
    const boxes = [
      [5, 9, 45, 49],
      [70, 9, 100, 39],
      [300, 9, 301, 10],
      [300, 9, 320, 29],
    ];
    const images = [{ path: 'p.png', w: 640, h: 480 }];
    const row = { question: 'Which colour?', answer: 'red', images, box_format: 'xyxy_px' };
    const rows = boxes.map((box, i) => ({ id: `r${i}`, ...row, boxes: [box] }));
    const root = write(scratch(), {
      'preprocessor_config.json': crops,
      'a.qa.jsonl': rows.map((row) => JSON.stringify(row)).join('\n'),
    });
    const sets = { a: join(root, 'a.qa.jsonl') };
    const notes = await sightNotes(engineOf(root), { sets, root, symmetric: true });
    expect(notes!.warnings).toEqual([
      expect.stringMatching(
        /^3 of 4 rows .* llava-1\.5 \(1 unseen, 1 cut, 1 small\): r0, r1, r2\. To list the objects/,
      ),
    ]);
    expect(await sightNotes(engineOf(scratch()), { sets, root, symmetric: false })).toBeNull();
  });

  it('the family includes the pixel limit of the engine, and is found in the hub cache', async () => {
    const hub = scratch();
    vi.stubEnv('HF_HUB_CACHE', hub);
    const own = join(hub, 'models--Qwen--Qwen2.5-VL-3B-Instruct');
    write(join(own, 'refs'), { main: 'abc123\n' });
    write(join(own, 'snapshots', 'abc123'), {
      'preprocessor_config.json': qwen,
      'config.json': { model_type: 'qwen2_5_vl' },
    });
    const family = await familyOfEngine(engineOf('Qwen/Qwen2.5-VL-3B-Instruct', 200_704));
    expect(family).toBe('qwen2.5-vl@200704');
    // 18 × 13 cells of 28 pixels.
    expect(seenBy(familyOf(family!), { w: 1600, h: 1200 })!.size).toEqual({ w: 504, h: 364 });
    expect(() => familyOf('llava-1.5@200704')).toThrow('Remove @200704');
  });

  it('a run of the embedded engine has the square and the patches of its last checkpoint', async () => {
    const run = scratch();
    const config = {
      recipe: 'sft',
      steps: 1,
      engine: { kind: 'embedded' },
      data: { train: 'a.qa.jsonl', root: '.' },
    };
    write(run, { 'run.yaml': JSON.stringify(config) });
    expect(await familyOfFolder(run)).toBeNull();
    const checkpoint = (step: string, shape: object) =>
      write(join(run, 'checkpoints', step), { 'config.json': { model: 'chirality-embedded', ...shape } });
    checkpoint('step-000001', { image_size: 64, patch_size: 16 });
    const last = checkpoint('step-000002', { image_size: 96, patch_size: 16, fill: 'right' });
    for (const folder of [run, last]) expect(await familyOfFolder(folder)).toBe('embedded@96,16,right');
    // The longer side is scaled to 96, and 24 rows below are padding; 6 × 6 patches.
    expect(seenBy(familyOf('embedded@96,16,right'), { w: 640, h: 480 })).toMatchObject({
      size: { w: 96, h: 72 },
      fill: [0, 0, 0, 24],
      tokens: 36,
      shift: 0,
    });
    expect(seenBy(familyOf('embedded@64,16'), { w: 640, h: 480 })).toMatchObject({
      size: { w: 64, h: 64 },
      crop: [0, 0, 640, 480],
      tokens: 16,
      shift: 0,
    });
  });

  it('the family is found in a model folder, a run and a checkpoint', async () => {
    const model = write(scratch(), { 'preprocessor_config.json': of('CLIP') });
    const run = scratch();
    write(join(run, 'checkpoints', '000010'), {});
    const engine = { kind: 'torch', model };
    const config = { recipe: 'sft', steps: 1, engine, data: { train: 'a.qa.jsonl', root: '.' } };
    write(run, { 'run.yaml': JSON.stringify(config) });
    for (const folder of [model, run, join(run, 'checkpoints', '000010')])
      expect(await familyOfFolder(folder)).toBe('clip');
    expect(await familyOfFolder(scratch())).toBeNull();
  });

  it.each(['', '{', '[]', 'null'])('a family is null for the file %j and for missing files', async (text) => {
    const folder = write(scratch(), { 'preprocessor_config.json': text });
    expect(await familyOfEngine(engineOf(folder))).toBeNull();
    expect(await familyOfEngine(engineOf(scratch()))).toBeNull();
    expect(await familyOfEngine(engineOf('../../etc'))).toBeNull();
    expect(await familyOfEngine(EngineConfig.parse({ kind: 'embedded' }))).toBeNull();
  });
});

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { RunConfig } from '../../../../src/core/config/run-config.ts';
import { exportCheckpoint, licenceIn } from '../../../../src/lab/models/export-checkpoint.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

const RECORDED = 'test/fixtures/recorded/project/runs/spatial/eval/step-000004';
let folder: string;
folderOfEachTest('chirality-export-', (made) => (folder = made));

/** Exports the adapter of a run on a model, and reads its card and settings. */
async function exported(model: string, engine: object = {}) {
  const run = join(folder, 'runs/svqa');
  const checkpoint = join(run, 'checkpoints/step-000004');
  mkdirSync(checkpoint, { recursive: true });
  writeFileSync(join(checkpoint, 'adapter_model.safetensors'), 'weights');
  writeFileSync(
    join(checkpoint, 'adapter_config.json'),
    JSON.stringify({ r: 16, base_model_name_or_path: model }),
  );
  cpSync(RECORDED, join(run, 'eval/step-000004'), { recursive: true });
  const config = RunConfig.parse({
    recipe: 'grpo',
    steps: 4,
    engine: { kind: 'torch', model, ...engine },
    data: { train: '/home/me/train.qa.jsonl', root: '/home/me' },
    init: '/home/me/runs/sft/checkpoints/step-000001',
    prompt: '{question} Think | first.',
    batch: { rows: 8 },
    rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5 } },
  });
  const out = join(folder, 'out');
  await exportCheckpoint(config, run, 4, out, false);
  const card = readFileSync(join(out, 'README.md'), 'utf8');
  const [, head, text] = card.split('---\n') as [string, string, string];
  const settings = readFileSync(join(out, 'adapter_config.json'), 'utf8');
  return {
    head: parse(head) as object,
    text,
    all: card + settings,
    settings: JSON.parse(settings) as object,
  };
}

describe('exportCheckpoint', () => {
  it('exportCheckpoint writes a model card with origin, settings and results', async () => {
    const { head, text, all, settings } = await exported('Qwen/Qwen2.5-VL-3B-Instruct');
    expect(head).toEqual({
      base_model: 'Qwen/Qwen2.5-VL-3B-Instruct',
      base_model_relation: 'adapter',
      license: 'other',
      license_name: 'as-base-model',
      license_link: 'https://huggingface.co/Qwen/Qwen2.5-VL-3B-Instruct',
      library_name: 'peft',
      pipeline_tag: 'image-text-to-text',
      tags: ['chirality', 'grpo', 'lora'],
    });
    expect(settings).toMatchObject({ base_model_name_or_path: 'Qwen/Qwen2.5-VL-3B-Instruct' });
    expect(text).toContain('# svqa, step 4\n');
    expect(text).toContain('| own | original | accuracy | 50.0% | 7.7–92.3 | 4 |');
    expect(text).toContain(
      '- adapter: LoRA, rank 16, alpha 16, on q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj\n',
    );
    expect(text).toContain('- rewards: format × 0.5, semantic × 0.5\n');
    expect(text).toContain('- prompt: `{question} Think   first.`\n');
    expect(all).not.toContain('/home/me');
  });

  it('names a local base model without local paths', async () => {
    const model = join(folder, 'models/tiny');
    mkdirSync(model, { recursive: true });
    writeFileSync(join(model, 'README.md'), '---\nlicense: apache-2.0\ntags: [a]\n---\n# Tiny\n');
    const { head, text, all, settings } = await exported(model);
    expect(head).toMatchObject({ license: 'apache-2.0', library_name: 'peft' });
    expect(head).not.toHaveProperty('base_model');
    expect(settings).toEqual({ r: 16, base_model_name_or_path: 'tiny' });
    expect(text).toContain('trained from `tiny`');
    expect(all).not.toContain(folder);
  });
});

it('licenceIn: reads the licence of a card, and returns null for an invalid licence', () => {
  expect(licenceIn('---\nlicense: mit\nlicense_link: LICENSE\nlicense_other: 3\n---\n')).toEqual({
    license: 'mit',
    license_link: 'LICENSE',
  });
  for (const card of ['', '# Card', '---\n- a\n---\n', '---\n{\n---\n', '---\nlicense: [mit]\n---\n'])
    expect(licenceIn(card), card).toBeNull();
});

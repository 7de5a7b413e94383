import { expect, it } from 'vitest';
import { loadRun } from '../../../../src/core/config/load.ts';

const config = (engine: string, more: string) => `
recipe: grpo
engine: { kind: tinker, base_model: m, processor: p, ${engine.startsWith('url') ? '' : 'url: http://node:8000, '}${engine} }
data: { train: rows.qa.jsonl }
steps: 4
rewards: { accuracy: { weight: 1 } }
views: { mirror: false }
coupling: { eta: 0 }
${more}`;

it.each([
  ['', 'loss: { beta: 0.04 }', 'loss.beta', 'reference_url'],
  ['', 'sampling: { temperature: 0.9 }', 'sampling.temperature', 'Set sampling.temperature to 1'],
  [
    'server: skyrl',
    'optimizer: { betas: [0.9, 0.95], weight_decay: 0.01 }',
    'optimizer.betas',
    'Set optimizer.betas to [0.9,0.999]',
  ],
  ['server: skyrl', 'optimizer: { weight_decay: 0.1 }', 'optimizer.weight_decay', 'engine.server_adam'],
  [
    'server: skyrl',
    'optimizer: { grad_clip: 0, weight_decay: 0.01 }',
    'optimizer.grad_clip',
    'Set optimizer.grad_clip to 1',
  ],
  ['server_adam: { weight_decay: 0.1 }', '', 'engine.server_adam', 'Set engine.server to skyrl'],
  // The server's alpha cannot be set.
  ['alpha: 16', '', 'engine', 'Known fields: kind, url, base_model, processor, server'],
  ['url: "node:8000"', '', 'engine.url', 'Start the address with http:// or https://'],
  ['url: ftp://node', '', 'engine.url', 'Start the address with http:// or https://'],
  ['url: "http://me:secret@node"', '', 'engine.url', 'Remove these parts'],
  ['url: "http://node?key=secret"', '', 'engine.url', 'Remove these parts'],
  ['reference_url: "http://node?key=secret"', '', 'engine.reference_url', 'Remove these parts'],
])('loadRun: rejects a run on a Tinker server with %s %s', (engine, more, field, words) => {
  const beta = more.includes('loss') ? '' : 'loss: { beta: 0 }';
  const { config: loaded, problems } = loadRun(config(engine, `${more}\n${beta}`), 'x.run.yaml', () => null);
  expect(loaded).toBeNull();
  const found = problems.filter(({ severity }) => severity === 'error');
  expect(found, JSON.stringify(problems)).toHaveLength(1);
  expect(found[0]!.path).toContain(field);
  expect(`${found[0]!.message} ${found[0]!.fix}`).toContain(words);
  expect(JSON.stringify(problems)).not.toContain('secret');
});

it.each([
  ['reference_url: http://node:8000', 'loss: { beta: 0.04 }'],
  ['server: tinker', 'loss: { beta: 0 }\noptimizer: { betas: [0.9, 0.95], weight_decay: 0.1, grad_clip: 0 }'],
  [
    'server: skyrl, server_adam: { betas: [0.9, 0.95], grad_clip: 0 }',
    'loss: { beta: 0 }\noptimizer: { betas: [0.9, 0.95], weight_decay: 0.01, grad_clip: 0 }',
  ],
])('loadRun: accepts a run on a Tinker server with %s', (engine, more) => {
  const { problems } = loadRun(config(engine, more), 'x.run.yaml', () => null);
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
});

it('loadRun: rejects a key in the address of the sampling endpoint', () => {
  const torch = config('', 'sampling: { endpoint: "http://me:secret@node:8000" }').replace(
    /engine: .*/,
    'engine: { kind: torch, model: m }',
  );
  const { problems } = loadRun(torch, 'x.run.yaml', () => null);
  expect(problems).toMatchObject([{ code: 'server-key', path: 'sampling.endpoint' }]);
});

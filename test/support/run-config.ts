import { RunConfig } from '../../src/core/config/run-config.ts';

/** The config of a run that is never started. */
export const idleConfig = (steps: number) =>
  RunConfig.parse({ recipe: 'sft', steps, engine: { kind: 'embedded' }, data: { train: 'rows.qa.jsonl' } });

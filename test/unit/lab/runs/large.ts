import { join } from 'node:path';
import { LineWriter } from '../../../../src/lab/runs/line-writer.ts';
import { lockFolder } from '../../../../src/lab/runs/folder-lock.ts';
import { writeState } from '../../../../src/lab/runs/state.ts';
import { followRun } from '../../../../src/lab/runs/tail.ts';
import { thisProcess } from '../../../../src/lab/files/process.ts';

/** Resumes and follows a run with large files; prints how many rows it saw, and the most memory that it took, in MB. */
const dir = process.argv[2]!;
const lock = await lockFolder(dir);
for (const name of ['metrics.jsonl', 'timings.jsonl'])
  await (await LineWriter.open(lock, join(dir, name), ({ step }) => Number(step) > 1)).close();
const status = { status: 'finished', phase: 'finished', step: 1, steps: 1, message: '' } as const;
await writeState(dir, { ...status, ...(await thisProcess()), heartbeat: new Date().toISOString() });
let rows = 0;
for await (const news of followRun(dir, new AbortController().signal)) rows += news.metrics.length;
await lock.release();
console.log(JSON.stringify({ rows, mb: Math.round(process.resourceUsage().maxRSS / 1024) }));

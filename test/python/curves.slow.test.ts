import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PythonWriter } from '../../src/lab/curves/python-writer.ts';
import type { PythonTool } from '../../src/lab/curves/targets.ts';
import { cacheDir } from '../../src/lab/files/folders.ts';
import { ForeignRun } from '../../src/lab/foreign/foreign-run.ts';
import { findForeign } from '../../src/lab/foreign/find.ts';
import { pythonOf } from '../../src/lab/torch/python.ts';
import { scratch, torch } from './open.ts';

/** What a tool has of a run: its reward, and how it ended. */
interface Shown {
  rewards: [step: number, reward: number][];
  ended: unknown;
}

/** Each tool with the packages it needs, and a program that reads a run through it and prints `Shown`. */
const TOOLS: Record<PythonTool, { packages: string[]; read: string; ends: unknown[] }> = {
  trackio: {
    packages: ['trackio==0.43.0'],
    read: `
from trackio.sqlite_storage import SQLiteStorage
rows = SQLiteStorage.get_logs("chirality", "eta 1")
rewards = [[row["step"], row["train/reward"]] for row in rows if "train/reward" in row]
ended = None`,
    ends: [null, null],
  },
  wandb: {
    packages: ['wandb==0.31.0'],
    // wandb has no reader in Python, but the records of its log are its own.
    read: `
import glob, os, struct
from wandb.proto import wandb_internal_pb2 as proto
def records(path):
    data, at, parts = open(path, "rb").read(), 7, b""
    while at + 7 <= len(data):
        length, kind = struct.unpack("<HB", data[at + 4:at + 7])
        parts += data[at + 7:at + 7 + length]
        if kind in (1, 4):
            yield proto.Record.FromString(parts)
            parts = b""
        at += 7 + length
rewards, ended = [], []
for path in sorted(glob.glob(os.path.join(folder, "wandb", "offline-run-*", "*.wandb"))):
    for record in records(path):
        row = {"/".join(item.nested_key) or item.key: json.loads(item.value_json) for item in record.history.item}
        if "train/reward" in row:
            rewards.append([row["train/global_step"], row["train/reward"]])
        if record.HasField("exit"):
            ended.append(record.exit.exit_code)`,
    ends: [[255], [255, 0]],
  },
  mlflow: {
    packages: ['mlflow==3.17.2'],
    read: `
import os, mlflow
mlflow.set_tracking_uri("sqlite:///" + os.path.join(folder, "mlflow", "mlflow.db"))
mlflow.set_experiment("chirality")
[run] = mlflow.search_runs(output_format="list")
history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "train/reward")
rewards = [[one.step, one.value] for one in history]
ended = run.info.status`,
    ends: ['KILLED', 'FINISHED'],
  },
};

describe.skipIf(!torch).each(Object.entries(TOOLS))(
  'curves written to %s by the tool itself',
  (name, { packages, read, ends }) => {
    const tool = name as PythonTool;
    const env = join(cacheDir(), packages[0]!.replace('==', '-'));
    const folder = join(scratch(), 'eta 1');
    const lost: string[] = [];
    const open = (resumed: boolean) =>
      PythonWriter.open(
        tool,
        [pythonOf(env)],
        { name: 'eta 1', folder, config: { steps: 2, loss: { betas: [0.9, 0.99] } }, resumed, sendTo: null },
        (why) => lost.push(why),
      );
    const shown = (): Shown =>
      JSON.parse(
        execFileSync(
          pythonOf(env),
          [
            '-c',
            `import json, sys\nfolder = sys.argv[1]${read}\nprint("\\n" + json.dumps(dict(rewards=rewards, ended=ended)))`,
            folder,
          ],
          {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
            env: { ...process.env, MLFLOW_DISABLE_TELEMETRY: 'true' },
          },
        )
          .trimEnd()
          .split('\n')
          .at(-1)!,
      ) as Shown;

    beforeAll(() => {
      mkdirSync(folder);
      process.env.TRACKIO_DIR = folder;
      if (existsSync(join(env, 'complete'))) return;
      execFileSync(torch!.python, ['-m', 'venv', env]);
      execFileSync(pythonOf(env), ['-m', 'pip', 'install', '-q', ...packages]);
      writeFileSync(join(env, 'complete'), '');
    }, 600_000);

    it('curves contain every step', async () => {
      const writer = await open(false);
      await writer.row({ step: 1, reward: 0.5, kl: null });
      await writer.row({ step: 1, step_time: 2 });
      await writer.row({ step: 2, reward: 0.75 });
      await writer.close('stopped');
      const { rewards, ended } = shown();
      expect(rewards).toEqual([[1, 0.5], [2, 0.75]]); // prettier-ignore
      expect(ended).toEqual(ends[0]);
    }, 120_000);

    it('curves continue in the same run after a resume', async () => {
      const writer = await open(true);
      await writer.row({ step: 2, reward: 0.25 });
      await writer.row({ step: 3, reward: 1 });
      await writer.close('finished');
      expect(shown().rewards.slice(2)).toEqual([[2, 0.25], [3, 1]]); // prettier-ignore
      expect(shown().ended).toEqual(ends[1]);
      expect(lost).toEqual([]);
    }, 120_000);

    it.skipIf(tool === 'mlflow')('ForeignRun reads the curves, with recomputed steps replaced', async () => {
      const [run, ...others] = await findForeign([folder]);
      expect(others).toEqual([]);
      const { metrics } = await new ForeignRun(run!.dir).read();
      expect([...metrics]).toEqual([
        [1, { reward: 0.5, step_time: 2 }],
        [2, { reward: 0.25 }],
        [3, { reward: 1 }],
      ]);
    });

    it('a curve writer reports the end of its tool only once, and drops later rows', async () => {
      const writer = await open(true);
      process.kill((writer as unknown as { child: { pid: number } }).child.pid, 'SIGKILL');
      await expect.poll(() => lost.length, { timeout: 10_000 }).toBe(1);
      await writer.row({ step: 1, reward: 1 });
      await writer.close('failed');
      expect(lost[0]).toMatch(`${tool} ended`);
    }, 60_000);
  },
);

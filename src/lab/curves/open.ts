import { reportTargets } from '../../core/config/report-to.ts';
import type { RunConfig } from '../../core/config/run.ts';
import type { ActiveRun } from '../runs/run.ts';
import { candidates } from '../torch/python.ts';
import { EventWriter } from './event-writer.ts';
import { PythonWriter } from './python-writer.ts';

/** Also writes the curves of a run for the tools that its config names, from a committed step on. */
export async function reportTo(run: ActiveRun, config: RunConfig, step: number): Promise<void> {
  const lost = (why: string) => void run.event('fallback', why);
  const about = { name: run.name, folder: run.dir, config, resumed: step > 0 };
  for (const { tool, sendTo } of reportTargets(config.report_to))
    run.reportTo(
      tool === 'tensorboard'
        ? await EventWriter.open(run.dir, step)
        : await PythonWriter.open(tool, await pythons(), { ...about, sendTo }, lost),
    );
}

const pythons = async (): Promise<string[]> => [
  ...(await candidates()).map(({ python }) => python),
  process.platform === 'win32' ? 'python' : 'python3',
];

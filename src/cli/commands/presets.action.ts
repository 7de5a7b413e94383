import { loadRun } from '../../core/config/load.ts';
import { listPresets, readPreset } from '../../lab/library.ts';
import { candidates } from '../../lab/torch/python.ts';
import { forecast, timedFolders } from '../pace.ts';

/** Returns the presets, with whether their engine is set up, and the training time that a dry run would forecast. */
export async function describedPresets() {
  const isSetUp = (await candidates()).length > 0;
  const folders = await timedFolders();
  return Promise.all(
    listPresets().map(async (preset) => {
      const ready = preset.engine !== 'torch' || isSetUp;
      // The data do not change the forecast.
      const { config } = loadRun(
        `{ preset: ${preset.name}, data: { train: rows, eval: { rows: rows } } }`,
        preset.name,
        readPreset,
      );
      const time = ready && config ? await forecast([config], folders) : null;
      return { ...preset, ready, seconds: time && time.seconds };
    }),
  );
}

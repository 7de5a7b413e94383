import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MirrorVariant, Sample } from '../../rows/sample/sample.ts';
import { isTrusted } from '../../rows/sample/variant.ts';
import { mirrorToAsk } from '../../rows/views/view.ts';
import { rowOfScene, sceneOfRow } from '../../core/worlds/sandbox/scene-row.ts';
import type { SandboxScene } from '../../core/worlds/sandbox/sandbox-scene.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { encodePng } from '../../lab/images/png.ts';
import type { ImageFolders } from '../data-rows.reads.ts';

/** Scene as a row, together with the location of its image. */
export interface SceneRow {
  sample: Sample;
  /** Mirror of the row; null if the rules abstain. Without a mirror, the model answers only the original. */
  mirror: MirrorVariant | null;
  place: ImageFolders;
}

export const sandboxService = {
  sceneOfRow: ({ row }: { row: Sample }): SandboxScene | null => sceneOfRow(row),

  /** Renders a scene to `<name>.png` in a folder. @throws RangeError with a message if no question fits the scene */
  async drawScene({ scene, folder, name }: { scene: SandboxScene; folder: string; name: string }) {
    const file = `${name}.png`;
    const { sample, picture } = rowOfScene(scene, name, file);
    await makeFolder(folder);
    await writeFile(join(folder, file), await encodePng(picture));
    const mirror = mirrorToAsk(sample);
    const row: SceneRow = {
      sample,
      mirror: isTrusted(mirror) ? mirror : null,
      place: { folder, root: folder },
    };
    return row;
  },
};

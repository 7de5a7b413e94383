import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it; one that is there is fine. Node's own recursive `mkdir` never ends where a file
 * system takes no folders (`/proc`), for it takes the refusal for a missing parent.
 * @throws what the system says, with the path at which it said so.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    const lacksAbove = (error as NodeJS.ErrnoException).code === 'ENOENT' && !(await isFolder(above));
    if (!lacksAbove || above === path) throw error;
    await makeFolder(above);
    await makeFolder(path);
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

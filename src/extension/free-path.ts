import { existsSync } from 'node:fs';

/** The first path that nothing has. @param pathOf makes one of what follows its name: "", then "-2", "-3", … */
export function freePath(pathOf: (number: string) => string): string {
  for (let n = 1; ; n++) {
    const path = pathOf(n === 1 ? '' : `-${n}`);
    if (!existsSync(path)) return path;
  }
}

import { open } from 'node:fs/promises';

/** Reads a growing file of JSON lines piece by piece. A partial last line is held back until it is complete. */
export class Tail {
  private offset = 0;
  private rest = Buffer.alloc(0);

  constructor(private readonly path: string) {}

  /**
   * The rows that were added since the last call. A file that shrank (a resume cut it) is read anew from the start:
   * `restarted` says so.
   */
  async read(): Promise<{ rows: Record<string, unknown>[]; restarted: boolean }> {
    const file = await open(this.path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (!file) return { rows: [], restarted: false };
    try {
      const { size } = await file.stat();
      const restarted = size < this.offset;
      if (restarted) {
        this.offset = 0;
        this.rest = Buffer.alloc(0);
      }
      const fresh = Buffer.alloc(size - this.offset);
      const { bytesRead } = await file.read(fresh, 0, fresh.length, this.offset);
      this.offset += bytesRead;
      const bytes = Buffer.concat([this.rest, fresh.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(10) + 1;
      this.rest = bytes.subarray(end);
      const lines = bytes.subarray(0, end).toString('utf8').split('\n').filter(Boolean);
      return { rows: lines.map((line) => JSON.parse(line) as Record<string, unknown>), restarted };
    } finally {
      await file.close();
    }
  }
}

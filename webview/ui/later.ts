import { useEffect, useState } from 'preact/hooks';

/** Work that waits until nothing has asked for other work for a while. */
class Later {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ms: number) {}

  after(work: () => void): void {
    this.cancel();
    this.timer = setTimeout(work, this.ms);
  }

  /** Does the work at once, instead of what waits. */
  now(work: () => void): void {
    this.cancel();
    work();
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}

/** @param ms how long work waits. What still waits when the component goes is dropped. */
export function useLater(ms: number): Later {
  const [later] = useState(() => new Later(ms));
  useEffect(() => () => later.cancel(), []);
  return later;
}

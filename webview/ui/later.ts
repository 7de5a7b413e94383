import { useEffect, useState } from 'preact/hooks';

/** Delays work until no other work has been requested for a while. */
class Later {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ms: number) {}

  after(work: () => void): void {
    this.cancel();
    this.timer = setTimeout(work, this.ms);
  }

  /** Does the work at once, and drops work that waits. */
  now(work: () => void): void {
    this.cancel();
    work();
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}

/** @param ms how long work waits. Work that still waits when the component is removed is dropped. */
export function useLater(ms: number): Later {
  const [later] = useState(() => new Later(ms));
  useEffect(() => () => later.cancel(), []);
  return later;
}

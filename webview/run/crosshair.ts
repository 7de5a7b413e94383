import { useEffect, useState } from 'preact/hooks';

type Listener = (x: number | null, source: object | null) => void;

const listeners = new Set<Listener>();
let current: number | null = null;

/** Where a person points, as a value of the x-axis that all charts share. */
export const crosshair = {
  set(x: number | null, source: object | null = null): void {
    if (x === current) return;
    current = x;
    for (const listener of listeners) listener(x, source);
  },
  listen(listener: Listener): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export function useCrosshair(): number | null {
  const [x, setX] = useState(current);
  useEffect(() => crosshair.listen(setX), []);
  return x;
}

interface Props {
  /** Names the columns it separates, for screen readers. */
  label: string;
  /** Width of the left column, in pixels. */
  value: number;
  min: number;
  max: number;
  set: (value: number) => void;
}

const STEP = 24;

/** A line between two columns that can be dragged, or moved with the arrow keys. */
export function Splitter({ label, value, min, max, set }: Props) {
  const to = (wanted: number) => set(Math.round(Math.min(max, Math.max(min, wanted))));
  const keys: Record<string, () => void> = {
    ArrowLeft: () => to(value - STEP),
    ArrowRight: () => to(value + STEP),
    Home: () => to(min),
    End: () => to(max),
  };
  return (
    <div
      class="splitter"
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={Math.round(value)}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onKeyDown={(event) => {
        const act = keys[event.key];
        if (!act) return;
        event.preventDefault();
        act();
      }}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const before = event.currentTarget.previousElementSibling!.getBoundingClientRect();
        to(event.clientX - before.left);
      }}
    />
  );
}

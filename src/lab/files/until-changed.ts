import { RecentMap } from '../../core/recent-map.ts';

/** What was read at some places: each is read again when its version has changed, or if reading it failed. */
export class UntilChanged<T> {
  private readonly kept: RecentMap<string, { version: string; value: Promise<T> }>;

  /** @param limit how many to keep */
  constructor(limit = Infinity) {
    this.kept = new RecentMap(limit);
  }

  of(place: string, version: string, read: () => Promise<T>): Promise<T> {
    const kept = this.kept.get(place);
    if (kept?.version === version) return kept.value;
    const entry = { version, value: read() };
    this.kept.set(place, entry);
    entry.value.catch(() => {
      if (this.kept.get(place) === entry) this.kept.delete(place);
    });
    return entry.value;
  }
}

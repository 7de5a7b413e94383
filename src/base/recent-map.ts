/** A map of at most `limit` entries: a new entry drops the oldest entry. Setting an entry makes it the newest. */
export class RecentMap<K, V> extends Map<K, V> {
  constructor(private readonly limit: number) {
    super();
  }

  override set(key: K, value: V): this {
    this.delete(key);
    super.set(key, value);
    if (this.size > this.limit) this.delete(this.keys().next().value!);
    return this;
  }
}

/**
 * Returns a function of strings that caches at least its last `limit` results, and at most twice as many. Callers must
 * not change the results. Results for more than 4,000 characters are not cached.
 */
export function remembered<Texts extends string[], V>(
  limit: number,
  of: (...texts: Texts) => V,
): (...texts: Texts) => V {
  let [young, old] = [new Map<string, { value: V }>(), new Map<string, { value: V }>()];
  return (...texts) => {
    // Uses a single text as the key, because a joined string would be hashed again at each call.
    const key = texts.length === 1 ? texts[0]! : texts.join('\0');
    const before = young.get(key) ?? old.get(key);
    if (before) return before.value;
    const value = of(...texts);
    if (key.length > 4000) return value;
    if (young.size === limit) [young, old] = [new Map(), young];
    young.set(key, { value });
    return value;
  };
}

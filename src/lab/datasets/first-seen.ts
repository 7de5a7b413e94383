import type { Sample } from '../../rows/sample/sample.ts';
import { imageKey } from './splits.ts';

/** First location of a text: the number of a file, and a line or row in the file. */
export interface Sighting {
  file: number;
  at: number;
}

/** Hash of a text, computed once for use in several tables. */
type TextKey = number;

/**
 * Stores the first location of millions of texts, in about 13 bytes per text: a 53-bit hash of the text with its
 * location. Two different texts among a million share a hash with probability 0.00006.
 */
export class FirstSeen {
  private hashes = new Float64Array(1 << 10);
  private files = new Uint8Array(1 << 10);
  private places = new Uint32Array(1 << 10);
  size = 0;

  /** Returns a text's earlier location. For a new text, stores the location and returns null. At most 256 files. */
  note(hash: TextKey, { file, at }: Sighting): Sighting | null {
    const slot = this.slot(hash);
    if (this.hashes[slot] === hash) return this.sighting(slot);
    this.put(slot, hash, file, at);
    this.size += 1;
    if (this.size > 0.7 * this.hashes.length) this.grow();
    return null;
  }

  find(hash: TextKey): Sighting | null {
    const slot = this.slot(hash);
    return this.hashes[slot] === hash ? this.sighting(slot) : null;
  }

  private sighting(slot: number): Sighting {
    return { file: this.files[slot]!, at: this.places[slot]! };
  }

  /** Returns the slot of a hash in the table, or a free slot for the hash. */
  private slot(hash: number): number {
    const mask = this.hashes.length - 1;
    let slot = hash % this.hashes.length;
    while (this.hashes[slot] !== 0 && this.hashes[slot] !== hash) slot = (slot + 1) & mask;
    return slot;
  }

  private put(slot: number, hash: number, file: number, at: number): void {
    this.hashes[slot] = hash;
    this.files[slot] = file;
    this.places[slot] = at;
  }

  private grow(): void {
    const { hashes, files, places } = this;
    this.hashes = new Float64Array(hashes.length * 2);
    this.files = new Uint8Array(hashes.length * 2);
    this.places = new Uint32Array(hashes.length * 2);
    hashes.forEach((hash, i) => {
      if (hash !== 0) this.put(this.slot(hash), hash, files[i]!, places[i]!);
    });
  }
}

/** Computes cyrb53, from 1 to 2⁵³ (0 marks a free slot). Not cryptographic. */
export function keyOf(text: string): TextKey {
  let h1 = 0xdeadbeef;
  let h2 = 0x41c6ce57;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    h1 = Math.imul(h1 ^ code, 2654435761);
    h2 = Math.imul(h2 ^ code, 1597334677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909);
  return 4294967296 * (2097151 & h2) + (h1 >>> 0) + 1;
}

/** Hashes of a row and its images, for finding rows and images that repeat. */
export class RowKeys {
  readonly row: TextKey;
  readonly pictures: readonly TextKey[];

  constructor({ question, answer, images }: Sample) {
    this.row = keyOf(JSON.stringify([question.trim(), answer.trim(), images]));
    this.pictures = images.map(imageKey).flatMap((key) => (key === undefined ? [] : keyOf(key)));
  }
}

export class Repeats {
  private readonly rows = new FirstSeen();
  private readonly pictures = new FirstSeen();

  /** Stores a row. @returns the first locations of the row and of each image, or null if they are new */
  add(
    { row, pictures }: RowKeys,
    sighting: Sighting,
  ): { row: Sighting | null; pictures: (Sighting | null)[] } {
    return {
      row: this.rows.note(row, sighting),
      pictures: pictures.map((key) => this.pictures.note(key, sighting)),
    };
  }
}

import type { Sample } from '../../rows/sample/sample.ts';
import { imageKey } from './splits.ts';

/** Where a text was seen first: the number of a file, and a line or row in it. */
export interface Sighting {
  file: number;
  at: number;
}

/** What is kept of a text: a hash, so that texts that several tables look for are hashed once. */
type TextKey = number;

/**
 * Remembers for millions of texts where each was seen first, in 13 bytes and a bit per text: only a 53-bit hash is
 * kept. Two different texts among a million share a hash with probability 0.00006.
 */
export class FirstSeen {
  private hashes = new Float64Array(1 << 10);
  private files = new Uint8Array(1 << 10);
  private places = new Uint32Array(1 << 10);
  size = 0;

  /**
   * Returns the earlier sighting of a text; if there is none, remembers this one and returns null. At most 256 files.
   */
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

  /** The slot that holds a hash, or the free slot where it belongs. */
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

/** cyrb53, from 1 to 2⁵³ (0 marks a free slot). Not cryptographic. */
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

/** The keys of a row, by which it and its images are met again. */
export class RowKeys {
  readonly row: TextKey;
  readonly pictures: readonly TextKey[];

  constructor({ question, answer, images }: Sample) {
    this.row = keyOf(JSON.stringify([question.trim(), answer.trim(), images]));
    this.pictures = images.map(imageKey).flatMap((key) => (key === undefined ? [] : keyOf(key)));
  }
}

/** Rows and images that were met before. */
export class Repeats {
  private readonly rows = new FirstSeen();
  private readonly pictures = new FirstSeen();

  /** Notes a row. @returns where it and each of its images were seen first; null for what was not seen before */
  add(
    { row, pictures }: RowKeys,
    sighting: Sighting,
  ): { row: Sighting | null; pictures: (Sighting | null)[] } {
    return {
      row: this.rows.note(row, sighting),
      pictures: pictures.map((key) => this.pictures.note(key, sighting)),
    };
  }

  /** Where a row was seen first, or at least one of its images. */
  find({ row, pictures }: RowKeys): { row: Sighting | null; picture: Sighting | null } {
    const seen = pictures.map((key) => this.pictures.find(key));
    return { row: this.rows.find(row), picture: seen.find((sighting) => sighting !== null) ?? null };
  }
}

import type { BoxFormat, Size } from '../sample/boxes.ts';
import type { PixelView } from '../view-list.ts';

/** Objects in an image and the relations between them. Field names are those of the files (docs/records.md). */
export interface SceneGraph {
  version: 1;
  image?: Size;
  objects: SceneObject[];
  relations: SceneRelation[];
  frame?: 'viewer';
  source?: 'model' | 'dataset' | 'user';
  view?: PixelView;
  [key: string]: unknown;
}

export interface SceneObject {
  id: string;
  label: string;
  box?: [number, number, number, number];
  box_format?: BoxFormat;
  /** Pixels, or the unit of `box_format`. */
  centroid?: [number, number];
  /** A larger depth is farther away. */
  depth?: number;
  depth_unit?: 'm' | 'rel';
  size?: { w?: number; h?: number; d?: number; unit: 'm' };
  count?: number;
  attributes?: Record<string, string> | string[];
  /** Horizontal displacement between two images: to the left, none, to the right. */
  motion?: -1 | 0 | 1;
  facing?: string;
  /** 0–1. */
  confidence?: number;
  [key: string]: unknown;
}

export interface SceneRelation {
  subject: string;
  predicate: string;
  object: string;
  /** Whose left and right: the picture's viewer, the object itself, a named agent, or the compass. */
  frame: 'viewer' | 'object' | 'agent' | 'world' | 'none';
  agent?: string;
  value?: { n: number; unit: string };
  confidence?: number;
  [key: string]: unknown;
}

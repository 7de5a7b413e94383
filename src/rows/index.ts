// Entry point of the package. Its functions read, mirror and check a row (README.md).
export type { Problem } from '../base/problem.ts';
export { parseSample, type ParsedSample } from './sample/parse-sample.ts';
export { checkSample } from './sample/check-sample.ts';
export type {
  ImageRef,
  Mask,
  Meta,
  MirrorVariant,
  PolarityVariant,
  Sample,
  Variant,
  ViewVariant,
} from './sample/sample.ts';
export type { BoxFormat, Size, Xyxy } from './sample/boxes.ts';
export { applyVariant, isTrusted } from './sample/variant.ts';
export { readGraph, type GraphReading } from './scene-graph/read-graph.ts';
export type { SceneGraph, SceneObject, SceneRelation } from './scene-graph/scene-graph.ts';
export { checkGraph } from './views/check-row.ts';
export { flipPolarity } from './views/polarity/flip.ts';
export { mirrorSample, type MirrorOptions } from './views/mirror/mirror-sample.ts';
export { checkVariant, inView, rewriteFor } from './views/view.ts';
export { isViewId, VIEW_IDS, viewLabel, type VariantName, type ViewId } from './view-list.ts';

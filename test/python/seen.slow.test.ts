import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAMILIES, MEASURED, SHAPES } from '../../src/core/seen/families.ts';
import { framesTaken, type ClipRule } from '../../src/core/seen/clip-frames.ts';
import { seenBy, type SeenFamily, type SeenRule } from '../../src/core/seen/seen-map.ts';
import { torch } from './open.ts';
import { parseRows } from '../support/rows.ts';

/** A map as the worker measures it, or why it could not. */
type Measured = { width: number; height: number } & (
  | { error: string }
  | {
      size: [number, number];
      crop: [number, number, number, number];
      fill: [number, number, number, number];
      tiles: [number, number, number, number, boolean][];
      shift: number;
      reason: 'crop' | 'fill' | null;
    }
);

/** What reaches a model of a clip: the frames, in its order, and the geometry of each. */
type MeasuredClip = { width: number; height: number; count: number; rate: number } & (
  | { error: string }
  | { taken: number[]; size: null }
  | { taken: number[]; size: [number, number]; crop: number[]; fill: number[] }
);

interface Family {
  name: string;
  processor: string;
  settings: Record<string, number>;
  /** Heights and widths of the canvases that a processor may choose from. */
  canvases: [number, number][] | null;
  published: Record<string, unknown>;
  modes: Record<string, string>;
  maps: Measured[];
  /** Settings of the video processor; empty without one. */
  videos: Record<string, number>;
  clips: MeasuredClip[];
}

const RECORD = process.env.CHIRALITY_RECORD === '1';
const TABLE = 'src/core/seen/families.json';

function measure(names: string[]): { families: Family[]; versions: Record<string, string> } {
  const lines = process.env.CHIRALITY_SEEN
    ? readFileSync(process.env.CHIRALITY_SEEN, 'utf8')
    : execFileSync(torch!.python, ['test/python/seen_families.py', ...names], {
        encoding: 'utf8',
        maxBuffer: 1e8,
      });
  const all = parseRows<Family & { versions: Record<string, string> }>(lines);
  return {
    families: all.filter(({ name }) => name),
    versions: all.find(({ versions }) => versions)!.versions,
  };
}

/** The most that a measured place may be off, in source pixels: what snapping and rounding of levels leave open. */
const OFF = 0.75;

const near = (a: number, b: number, scale: number) => Math.abs(a - b) <= OFF * Math.max(1, scale);

/** Why a rule's map is not the measured one; null if it is. */
function differs(rule: SeenFamily, measured: Measured): string | null {
  const { width, height } = measured;
  const map = seenBy(rule, { w: width, h: height });
  const at = `${width} × ${height}`;
  if ('error' in measured) {
    if (measured.error.startsWith('refused')) return map === null ? null : `${at} is refused`;
    // Too small to be read back; no rule is wrong there.
    return measured.error.startsWith('too-small') ? null : `${at}: ${measured.error}`;
  }
  if (!map) return `${at} is not refused`;
  const scale = (map.crop[2] - map.crop[0]) / map.size.w;
  const tile = Math.max(...[width / map.size.w, height / map.size.h]);
  const tiles = map.tiles.map(({ place, whole }) => [...place, Number(whole)]);
  const same =
    map.size.w === measured.size[0] &&
    map.size.h === measured.size[1] &&
    map.fill.every((x, i) => x === measured.fill[i]) &&
    map.crop.every((x, i) => near(x, measured.crop[i]!, scale)) &&
    near(map.shift, measured.shift, scale) &&
    tiles.length === measured.tiles.length &&
    tiles.every((place, i) => place.every((x, k) => near(x, Number(measured.tiles[i]![k]), tile)));
  return same ? null : `${at}: ${JSON.stringify({ map, measured })}`;
}

/** Why a rule gives other frames of a clip, or another geometry, than those measured; null if it does not. */
function clipDiffers(rule: ClipRule, clip: MeasuredClip): string | null {
  const { width: w, height: h, count, rate } = clip;
  const taken = framesTaken(rule, count, rate);
  const at = `${count} frames at ${rate} a second`;
  if ('error' in clip) {
    // Without a rule for its size, nothing says whether a frame is refused.
    const refuses =
      taken === null || rule.frame === null || !seenBy(framed(rule.frame), { w, h }, new Set(taken).size);
    return refuses || !clip.error.startsWith('refused') ? null : `${at} are refused`;
  }
  if (taken?.join() !== clip.taken.join()) return `${at}: ${taken?.join()}, measured ${clip.taken.join()}`;
  if (rule.frame === null || clip.size === null) return null;
  const map = seenBy(framed(rule.frame), { w, h }, new Set(taken).size);
  const same =
    map !== null &&
    [map.size.w, map.size.h, ...map.fill].join() === [...clip.size, ...clip.fill].join() &&
    map.crop.every((x, i) => near(x, clip.crop[i]!, w / clip.size[0]));
  return same ? null : `${w} × ${h}, ${at}: ${JSON.stringify({ map, clip })}`;
}

const framed = (rule: SeenRule): SeenFamily => ({ rule, patch: null, cell: null });

/** The first rule for clips that gives what was measured; null without one. */
function clipRule({ videos, clips }: Pick<Family, 'videos' | 'clips'>): ClipRule | null {
  const { fps, num_frames, min_frames, max_frames, temporal_patch_size = 1 } = videos;
  if (clips.every((clip) => 'error' in clip)) return null;
  const fits = (rule: ClipRule) => clips.every((clip) => clipDiffers(rule, clip) === null);
  for (const take of ['all', 'rounded', 'even', 'ticks', 'paced'] as const)
    for (const rate of new Set([fps ?? null, null]))
      for (const least of new Set([min_frames ?? 1, 1, 4]))
        for (const most of [num_frames, max_frames, 640, 2048])
          for (const group of new Set([1, temporal_patch_size])) {
            if (most === undefined) continue;
            const rule: ClipRule = { take, rate, least, most, group, frame: null };
            if (!fits(rule)) continue;
            const frames = candidates({ settings: videos, canvases: null }).flatMap((frame): SeenRule[] =>
              frame.kind === 'grid' ? [frame, { ...frame, shared: temporal_patch_size }] : [frame],
            );
            return frames.map((frame) => ({ ...rule, frame })).find(fits) ?? rule;
          }
  return null;
}

/** The rules by which a processor with these settings may cut images into tiles. */
function* tilings(settings: Record<string, number>, given: [number, number][] | null): Generator<SeenRule> {
  const long = settings['size.longest_edge'];
  const side =
    settings['max_image_size.longest_edge'] ?? settings['size.width'] ?? settings['size.shortest_edge'];
  const most = ['max_image_tiles', 'max_patches', 'dynamic_hd', 'max_tiles', 'max_crops'].map(
    (name) => settings[name],
  );
  const { crop_to_patches: tiles = 1 } = settings;
  if (!side || !tiles) return;
  const canvases = given
    ? given.map(([h, w]) => [w / side, h / side] as const)
    : (most.find((x) => x !== undefined) ?? (long === undefined ? undefined : Math.ceil(long / side)));
  if (canvases === undefined) return;
  for (const choose of ['ratio', 'pixels', 'cover', 'longer'] as const)
    for (const fit of ['stretch', 'canvas', 'tile'] as const)
      for (const at of fit === 'stretch' ? (['end'] as const) : (['end', 'middle'] as const))
        for (const rounds of fit === 'stretch' ? (['down'] as const) : (['down', 'up'] as const))
          for (const whole of ['never', 'first', 'last, if tiled'] as const)
            yield { kind: 'tiles', side, canvases, choose, fit, at, rounds, whole };
}

/** The rules that a processor with these settings may follow. */
function candidates({ settings, canvases }: Pick<Family, 'settings' | 'canvases'>): SeenRule[] {
  const of = (...names: string[]) => names.map((name) => settings[name]).find((x) => x !== undefined);
  const patch = of('patch_size', 'patch_size.height') ?? 14;
  const merge = of('merge_size', 'downsample_factor', 'downsample_ratio') ?? 1;
  const [width, height] = [of('size.width'), of('size.height')];
  const short = of('size.shortest_edge');
  const long = of('size.longest_edge', 'max_image_size.longest_edge', 'max_image_size');
  const min = of('min_pixels', 'size.min_pixels', 'size.shortest_edge') ?? 0;
  const max = of('max_pixels', 'size.max_pixels', 'size.longest_edge') ?? 1e15;
  const frames = of('temporal_patch_size') ?? 1;
  const rules: SeenRule[] = [];
  if (width && height) {
    rules.push({ kind: 'stretch', width, height });
  }
  const side = of('crop_size.width');
  if (short && side)
    for (const rounds of ['down', 'near'] as const) rules.push({ kind: 'crop', short, side, rounds });
  const square = width ?? long;
  if (square)
    for (const at of ['end', 'middle'] as const)
      for (const rounds of ['down', 'near'] as const)
        rules.push({
          kind: 'square',
          side: square,
          least: of('min_image_size', 'min_size') ?? 1,
          at,
          rounds,
        });
  if (long)
    for (const factor of new Set([1, patch]))
      rules.push({ kind: 'limit', longest: long, least: of('size.shortest_edge') ?? 1, factor });
  const factors = [...new Set([patch * merge, patch, patch * 2, patch * 4, of('spatial_factor') ?? patch])];
  for (const factor of factors)
    for (const grows of [false, true])
      for (const times of [1, 1 / frames])
        rules.push({ kind: 'grid', factor, min: min * times, max: max * times, grows });
  for (const factor of new Set([patch * merge, patch, width ?? patch]))
    for (const always of [{}, { always: true } as const])
      rules.push({
        kind: 'fill',
        factor,
        patch,
        max: of('max_patches') ?? null,
        side: of('size.max_width') ?? null,
        ...always,
      });
  const tokens = patch * of('merge_size', 'pooling_kernel_size')!;
  if (settings.max_soft_tokens)
    rules.push({ kind: 'budget', factor: tokens, max: settings.max_soft_tokens * tokens ** 2 });
  if (settings.min_image_tokens && settings.max_image_tokens)
    rules.push({
      kind: 'align',
      factor: tokens,
      min: settings.min_image_tokens * tokens ** 2,
      max: settings.max_image_tokens * tokens ** 2,
    });
  return [...rules, ...tilings(settings, canvases)];
}

/** The first rule that gives what was measured at all sizes. */
function fitted({ settings, canvases, maps }: Family): SeenFamily | null {
  const patch = settings.patch_size ?? settings['patch_size.height'] ?? null;
  for (const rule of candidates({ settings, canvases })) {
    const family = { rule, patch, cell: null };
    if (maps.every((map) => differs(family, map) === null)) return family;
  }
  return null;
}

/** One line a family, so that a change of one is a change of one line. */
function written(families: Family[], versions: Record<string, string>): string {
  const lines = families.map((family) => {
    const { name, processor, published, modes, maps, settings } = family;
    const patch = settings.patch_size ?? settings['patch_size.height'] ?? null;
    const merged = settings.merge_size ?? settings.pooling_kernel_size;
    const cell = patch !== null && merged !== undefined ? patch * merged : null;
    const shapes = SHAPES.map(({ w, h }) => {
      const map = maps.find(({ width, height }) => width === w && height === h)!;
      if ('error' in map) return null;
      const { size, tiles, ...rest } = map;
      const { crop, fill, shift, reason } = rest;
      return { size: { w: size[0], h: size[1] }, crop, fill, shift, reason, tiles: tiles.length };
    });
    const rule = fitted(family)?.rule ?? null;
    return `    ${JSON.stringify(name)}: ${JSON.stringify({ processor, published, rule, patch, cell, clip: clipRule(family), modes, shapes })}`;
  });
  return `{\n  "versions": ${JSON.stringify(versions)},\n  "families": {\n${lines.join(',\n')}\n  }\n}\n`;
}

describe.skipIf(!torch && !process.env.CHIRALITY_SEEN)('table of image processing by model family', () => {
  it.runIf(RECORD)('the table equals the regenerated table', { timeout: 7_200_000 }, () => {
    const { families, versions } = measure([]);
    writeFileSync(TABLE, written(families, versions));
  });

  it.skipIf(RECORD)('the table matches the processors of all families', { timeout: 7_200_000 }, () => {
    const { families, versions } = measure([]);
    expect(versions).toEqual(MEASURED);
    const wrong = families.flatMap(({ name, maps }) =>
      maps.flatMap((map) => {
        const { rule, ...family } = FAMILIES[name]!;
        const why = rule && differs({ ...family, rule }, map);
        return why === null ? [] : [`${name}: ${why}`];
      }),
    );
    expect(wrong).toEqual([]);
    const clips = families.flatMap(({ name, clips: measured }) =>
      measured.flatMap((clip) => {
        const { clip: rule } = FAMILIES[name]!;
        const why = rule && clipDiffers(rule, clip);
        return why === null ? [] : [`${name}: ${why}`];
      }),
    );
    expect(clips).toEqual([]);
    expect(families.map(({ name }) => name)).toEqual(Object.keys(FAMILIES));
    const ruled = families.filter(({ name }) => FAMILIES[name]!.rule);
    expect(ruled.every(({ maps }) => maps.length === 40)).toBe(true);
  });
});

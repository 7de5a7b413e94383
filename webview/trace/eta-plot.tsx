import { useMemo } from 'preact/hooks';
import { percentText, plain } from '../../src/base/format.ts';
import { changedShare } from '../../src/core/run-data/what-if.ts';
import type { TracedPair } from '../../src/core/run-data/trace.ts';
import {
  withChanges,
  type Changes,
  type Setting,
  type WhatIfConfig,
} from '../../src/core/run-data/what-if-settings.ts';

/** Where η is tried: its slider's range in so many parts. */
const PARTS = 40;
const HEIGHT = 56;
const WIDTH = 240;

interface EtaPlotProps {
  step: readonly TracedPair[];
  config: WhatIfConfig;
  changes: Changes;
  settings: readonly Setting[];
}

/** The share of a step's advantages that change their sign, against the strength of the penalty. */
export function EtaPlot({ step, config, changes, settings }: EtaPlotProps) {
  const setting = settings.find(({ name }) => name === 'eta');
  const runEta = config.coupling.eta;
  const eta = Number(changes.eta ?? runEta);
  const most = Math.max(setting?.kind === 'number' ? setting.max : 0, eta, runEta);
  const others = JSON.stringify({ ...changes, eta: undefined });
  const shareAt = (tried: number) =>
    changedShare(step, withChanges(config, { ...changes, eta: tried }, settings));
  const curve = useMemo(
    () =>
      Array.from({ length: PARTS + 1 }, (_, i) => (most * i) / PARTS).map(
        (tried) => [tried, shareAt(tried)] as const,
      ),
    [step, config, others, most],
  );
  const top = Math.max(0.05, ...curve.map(([, share]) => share));
  const x = (tried: number) => (WIDTH * tried) / most;
  const y = (share: number) => HEIGHT * (1 - share / top);
  const now = shareAt(eta);
  const name = `Advantages of this step that change sign: ${percentText(now)} at η ${plain(eta, 2)}, at most ${percentText(top)} up to η ${plain(most, 2)}.`;
  return (
    <figure class="eta-plot">
      <figcaption>
        <strong>{percentText(now)}</strong> of this step’s advantages change sign at η {plain(eta, 2)}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={name}>
        <line class="own" x1={x(runEta)} x2={x(runEta)} y1={0} y2={HEIGHT} />
        <path d={`M${curve.map(([tried, share]) => `${x(tried)},${y(share)}`).join('L')}`} />
        <line class="now" x1={x(eta)} x2={x(eta)} y1={0} y2={HEIGHT} />
      </svg>
      <div class="ends" aria-hidden="true">
        <span>η 0</span>
        <span>dashed: run ({plain(runEta, 2)})</span>
        <span>{plain(most, 2)}</span>
      </div>
    </figure>
  );
}

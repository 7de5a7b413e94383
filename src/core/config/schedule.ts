/** The learning rate of an optimiser step, from 1 to `steps`. */
export function learningRate(
  step: number,
  steps: number,
  optimizer: {
    learning_rate: number;
    schedule: 'constant' | 'linear' | 'cosine';
    warmup_steps: number;
    final_share: number;
  },
): number {
  const { learning_rate, schedule, warmup_steps, final_share } = optimizer;
  if (step <= warmup_steps) return (learning_rate * step) / warmup_steps;
  if (schedule === 'constant') return learning_rate;
  const progress = (step - warmup_steps) / Math.max(1, steps - warmup_steps);
  const left = schedule === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return learning_rate * (final_share + (1 - final_share) * left);
}

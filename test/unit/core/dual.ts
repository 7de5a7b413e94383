/** Forward-mode automatic differentiation: a value with its derivative along one direction. Test code only. */
export interface Dual {
  v: number;
  d: number;
}

export const constant = (v: number): Dual => ({ v, d: 0 });
export const add = (a: Dual, b: Dual): Dual => ({ v: a.v + b.v, d: a.d + b.d });
export const sub = (a: Dual, b: Dual): Dual => ({ v: a.v - b.v, d: a.d - b.d });
export const mul = (a: Dual, b: Dual): Dual => ({ v: a.v * b.v, d: a.d * b.v + a.v * b.d });
export const exp = (a: Dual): Dual => ({ v: Math.exp(a.v), d: a.d * Math.exp(a.v) });
export const log = (a: Dual): Dual => ({ v: Math.log(a.v), d: a.d / a.v });
export const min = (a: Dual, b: Dual): Dual => (a.v <= b.v ? a : b);
export const clamp = (a: Dual, low: number, high: number): Dual =>
  a.v < low ? constant(low) : a.v > high ? constant(high) : a;
export const sum = (list: Dual[]): Dual => list.reduce(add, constant(0));

/** log softmax(z / T) at index k. */
export const logProbability = (z: Dual[], temperature: number, k: number): Dual => {
  const scaled = z.map((value) => mul(value, constant(1 / temperature)));
  return sub(scaled[k]!, log(sum(scaled.map(exp))));
};

/** How many gaps the gamma law of the arrivals puts into each bin. */
import type { Bins } from './histogram.ts';
import { meantRate, type Target } from './rates.ts';

/** Parts of a bin, and rates of a ramp, over which the law is averaged. */
const PARTS = 8;
const RATES = 64;

/**
 * Expected counts per bin of `count` gaps with gamma law of shape `burstiness` and the meant rates; along a ramp the
 * mean over its rates. null for constant gaps, which have no density.
 */
export function expectedCounts({ edges }: Bins, target: Target, count: number): Float64Array | null {
  const shape = target.burstiness;
  if (shape === 0) return null;
  const rates = Array.from({ length: target.ramp ? RATES : 1 }, (_, i) =>
    meantRate(target, i + 0.5, RATES + 1),
  );
  const density = (gap: number) =>
    rates.reduce((sum, rate) => sum + gammaDensity(gap, shape, rate), 0) / rates.length;
  return Float64Array.from({ length: edges.length - 1 }, (_, i) => {
    const part = (edges[i + 1] - edges[i]) / PARTS;
    let share = 0;
    for (let k = 0; k < PARTS; k++) share += part * density(edges[i] + (k + 0.5) * part);
    return count * share;
  });
}

/** Of a gamma law with this shape and mean 1 / rate. */
function gammaDensity(gap: number, shape: number, rate: number): number {
  const x = gap * rate * shape;
  return x > 0 ? Math.exp((shape - 1) * Math.log(x) - x - logGamma(shape)) * rate * shape : 0;
}

/** Stirling's series (Abramowitz and Stegun 6.1.41) after moving the argument above 8; exact to 1e-10. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 8; z++) shift += Math.log(z);
  const inverse = 1 / z;
  const series = inverse / 12 - inverse ** 3 / 360 + inverse ** 5 / 1260;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - shift;
}

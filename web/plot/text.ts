/** Numbers as readers want to see them. */
const grouped = new Intl.NumberFormat('en-US');

/** 12,345; a dash where there is nothing. */
export function count(value: number): string {
  return Number.isNaN(value) ? '–' : grouped.format(value);
}

const thousandths = new Intl.NumberFormat('en-US', { minimumFractionDigits: 3, maximumFractionDigits: 3 });

/** 1,234.568 s */
export function seconds(value: number): string {
  return `${thousandths.format(value)} s`;
}

/** 123.456 ms, and from one second on 1.235 s; a dash where there is nothing. */
export function duration(value: number): string {
  if (Number.isNaN(value)) return '–';
  return Math.abs(value) < 1 ? `${thousandths.format(value * 1000)} ms` : seconds(value);
}

/** 2026-03-01 08:30:00 UTC */
export function moment(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Ticks `step` apart need no more decimals than that. */
export function tick(value: number, step: number): string {
  const decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

// What the children have in common: they report to their parent, and end with it.

export interface Report {
  what: string;
  reason?: string;
  port?: number;
  /** How long nothing ran in the process, ms. */
  ms?: number;
}

export function say(report: Report): void {
  process.send?.(report);
}

/** Reports when the process stood still, and ends it when the parent is gone. */
export function watchLoop(): void {
  process.on('disconnect', () => process.exit(0));
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (now - last > 1_000) say({ what: 'stood still', ms: now - last });
    last = now;
  }, 100);
}

// Rows for a terminal: columns as wide as their longest cell.

export function table(rows: Record<string, string>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))];
  const widths = names.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** In this machine's time, to the minute; `infinity` is no date in JavaScript. */
export function moment(time: Date | number | null): string {
  if (time === null) return '';
  return time instanceof Date ? time.toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' }) : 'never';
}

// Which tasks are chosen. Pure.

export function toggled(chosen: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** The same for all from one row to another, in the order they stand in `ids`: as the last of them will be. */
export function toggledRange(
  chosen: ReadonlySet<number>,
  ids: readonly number[],
  { from, to }: { from: number | undefined; to: number },
): ReadonlySet<number> {
  const [first, last] = [ids.indexOf(from ?? to), ids.indexOf(to)].sort((a, b) => a - b);
  if (first === undefined || last === undefined || first < 0) return toggled(chosen, to);
  const next = new Set(chosen);
  const isChosen = !chosen.has(to);
  for (const id of ids.slice(first, last + 1)) {
    if (isChosen) next.add(id);
    else next.delete(id);
  }
  return next;
}

// The path of a small chart. Pure.

export interface ChartBox {
  /** How many points the width is for; fewer stand at its end. */
  room: number;
  width: number;
  height: number;
}

/** A line through the points, broken where there is none, and the area below it. */
export function pathOf(points: readonly (number | null)[], { room, width, height }: ChartBox) {
  const most = Math.max(1, ...points.map((point) => point ?? 0));
  const step = width / Math.max(1, room - 1);
  const first = room - points.length;
  const runs: [number, number][][] = [];
  let run: [number, number][] | undefined;
  for (const [index, point] of points.entries()) {
    if (point === null) {
      run = undefined;
      continue;
    }
    if (!run) {
      run = [];
      runs.push(run);
    }
    run.push([round((first + index) * step), round(height - 2 - (point / most) * (height - 6))]);
  }
  const line = runs.map((dots) => `M${dots.map(([x, y]) => `${x} ${y}`).join('L')}`).join('');
  const area = runs.map((dots) => areaOf(dots, height)).join('');
  return { line, area };
}

function areaOf(dots: readonly [number, number][], height: number): string {
  const [left] = dots;
  const right = dots.at(-1);
  if (!left || !right) return '';
  return `M${left[0]} ${height}L${dots.map(([x, y]) => `${x} ${y}`).join('L')}L${right[0]} ${height}Z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

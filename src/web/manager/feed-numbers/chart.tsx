// One figure over the last minute: a number to read, and a line to see where it comes from. Time goes from left to right
// in every language, as on any gauge.
import { pathOf } from './chart.model.ts';

export interface ChartProps {
  name: string;
  value: string;
  detail: string;
  /** The oldest first; null where there was nothing to measure. */
  points: readonly (number | null)[];
  /** How many points the width is for. */
  room: number;
}

const width = 240;
const height = 56;

export function Chart({ name, value, detail, points, room }: ChartProps) {
  const { line, area } = pathOf(points, { room, width, height });
  return (
    <figure className="chart">
      <figcaption>
        <span className="label">{name}</span>
        <bdi className="figure digits">{value}</bdi>
        <span className="soft">{detail}</span>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        <path className="chart-area" d={area} />
        <path className="chart-line" d={line} vectorEffect="non-scaling-stroke" />
      </svg>
    </figure>
  );
}

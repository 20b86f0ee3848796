// The bar chart of docs/performance.md, drawn by hand: a group per row, a bar per column, longer is better.
import { type Column, columns, columnTitles } from './plan.ts';
import type { Cell } from './report.ts';

const colours: Record<Column, string> = {
  bare: '#9aa5b1',
  row: '#d9822b',
  id: '#e8b04a',
  decoded: '#7a6bb8',
  batched: '#a99bd6',
  listen: '#c4cad1',
  emit: '#b0563f',
  taskfeed: '#1d7a8c',
};

const left = 150;
const width = 860;
const barHeight = 14;
const groupGap = 18;
const top = 66;

export function drawChart(cells: Cell[]): string {
  const shown = cells.filter(({ row }) => row.kind === 'throughput');
  const titles = [...new Set(shown.map(({ row }) => row.title))];
  const most = Math.max(...shown.map(({ tps }) => tps));
  const scale = (width - left - 90) / most;
  let y = top;
  const groups = titles.map((title) => {
    const group = shown.filter(({ row }) => row.title === title);
    const ordered = columns.flatMap((column) => group.filter((cell) => cell.column === column));
    const text = drawGroup(title, ordered, y, scale);
    y += ordered.length * barHeight + groupGap;
    return text;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="12">
<title id="title">Commits per second, by writers and method; longer is better</title>
<rect width="${width}" height="${y}" fill="#ffffff"/>
${legend(columns.filter((column) => shown.some((cell) => cell.column === column)))}
${groups.join('\n')}
</svg>
`;
}

function drawGroup(title: string, group: Cell[], y: number, scale: number): string {
  const middle = y + (group.length * barHeight) / 2 + 4;
  const lines = group.map(({ column, tps }, index) => {
    const at = y + index * barHeight;
    const length = Math.max(tps * scale, 1);
    const label = Math.round(tps).toLocaleString('en');
    const weight = column === 'taskfeed' ? ' font-weight="600"' : '';
    return `<rect x="${left}" y="${at}" width="${length.toFixed(1)}" height="${barHeight - 2}" fill="${colours[column]}"/>
<text x="${(left + length + 6).toFixed(1)}" y="${at + barHeight - 4}" font-size="11" fill="#1f2933"${weight}>${label}</text>`;
  });
  return `<text x="${left - 10}" y="${middle}" text-anchor="end" fill="#1f2933">${title}</text>\n${lines.join('\n')}`;
}

function legend(shown: readonly Column[]): string {
  return shown
    .map((column, index) => {
      const x = 20 + (index % 3) * 280;
      const y = 14 + Math.floor(index / 3) * 20;
      return `<rect x="${x}" y="${y}" width="12" height="12" fill="${colours[column]}"/>
<text x="${x + 18}" y="${y + 10}" fill="#1f2933">${columnTitles[column]}</text>`;
    })
    .join('\n');
}

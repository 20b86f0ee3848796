// Reads a QR code as a phone does, from its dark modules (ISO/IEC 18004): versions 1 to 6, level M, bytes. It shares nothing
// with what draws it. It corrects no errors: a code that needs it is wrong.

/** Codewords of data and blocks they are in, by version, for level M. */
const sizes: Record<number, [words: number, blocks: number]> = {
  1: [16, 1],
  2: [28, 1],
  3: [44, 1],
  4: [64, 2],
  5: [86, 2],
  6: [108, 4],
};

const masks: ((x: number, y: number) => number)[] = [
  (x, y) => (x + y) % 2,
  (_x, y) => y % 2,
  (x) => x % 3,
  (x, y) => (x + y) % 3,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2,
  (x, y) => ((x * y) % 2) + ((x * y) % 3),
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** `isDark(x, y)` of a code of `size` modules without its border. */
export function readQr(size: number, isDark: (x: number, y: number) => boolean): string {
  const version = (size - 17) / 4;
  const [words, blocks] = sizes[version] ?? [0, 0];
  if (words === 0) throw new Error(`not read here: version ${version}`);
  const format = formatOf(isDark);
  if (format >> 13 !== 0) throw new Error('not of level M');
  const bits = bitsOf(size, isDark, masks[(format >> 10) & 7]);
  const bytes = Array.from({ length: words }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2));
  const each = words / blocks;
  const data = Array.from({ length: words }, (_, at) => bytes[(at % each) * blocks + Math.floor(at / each)] ?? 0);
  const stream = data.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  if (stream.slice(0, 4) !== '0100') throw new Error('not in bytes');
  const length = Number.parseInt(stream.slice(4, 12), 2);
  const text = Array.from({ length }, (_, at) => Number.parseInt(stream.slice(12 + at * 8, 20 + at * 8), 2));
  return Buffer.from(text).toString('utf8');
}

function formatOf(isDark: (x: number, y: number) => boolean): number {
  const down = [0, 1, 2, 3, 4, 5].map((y): [number, number] => [8, y]);
  const along = [9, 10, 11, 12, 13, 14].map((bit): [number, number] => [14 - bit, 8]);
  const places = [...down, [8, 7], [8, 8], [7, 8], ...along] as [number, number][];
  return places.reduce((sum, [x, y], bit) => sum | (Number(isDark(x, y)) << bit), 0) ^ 0x5412;
}

function isData(size: number, x: number, y: number): boolean {
  const inCorner = (x < 9 && y < 9) || (x >= size - 8 && y < 9) || (x < 9 && y >= size - 8);
  const inAlignment = size > 21 && Math.abs(x - (size - 7)) <= 2 && Math.abs(y - (size - 7)) <= 2;
  return !(inCorner || inAlignment || x === 6 || y === 6);
}

// Two columns at a time from the right, up and down by turns; the column of the timing pattern is left out.
function bitsOf(size: number, isDark: (x: number, y: number) => boolean, mask = masks[0]): string {
  let bits = '';
  for (let right = size - 1; right > 0; right -= right === 8 ? 3 : 2) {
    const isUpward = ((right + (right < 6 ? 2 : 1)) & 2) === 0;
    for (let step = 0; step < size; step += 1) {
      const y = isUpward ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (isData(size, x, y)) bits += Number(isDark(x, y) !== (mask?.(x, y) === 0));
      }
    }
  }
  return bits;
}

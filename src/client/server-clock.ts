// The server's clock, told by its pulses. A message is never early, only late, so the largest difference of the last
// minute is the truest one; an older one would keep an error that the machine's clock has lost meanwhile.
const samples = 12;

/** Server's clock minus this machine's, ms, newest last. */
export type Offsets = readonly number[];

export function withSample(offsets: Offsets, serverTime: string, wall: number): Offsets {
  const time = Date.parse(serverTime);
  return Number.isNaN(time) ? offsets : [...offsets.slice(1 - samples), time - wall];
}

/** ms to add to this machine's clock; 0 before the server has told its own. */
export function offsetOf(offsets: Offsets): number {
  return offsets.length === 0 ? 0 : Math.max(...offsets);
}

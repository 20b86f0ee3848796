// The server's clock, as far as its messages tell. A message is never early, only late: it shows at least how far ahead
// the server's clock is. An answer also shows at most how far, since it was not given before it was asked for. Without
// that second bound, a first answer that has lain in a buffer would make everything behind it look fresh.
const samples = 12;

export interface ServerClock {
  /** Server's clock minus this machine's, ms, at least; newest last. Old ones go, since clocks drift. */
  readonly least: readonly number[];
  /** The same, at most. */
  readonly most: number | undefined;
}

export const unknownClock: ServerClock = { least: [], most: undefined };

/** After a message of the server that was heard at `wall`, and asked for at `asked`, if it was. */
export function withMessage(
  clock: ServerClock,
  serverTime: string,
  { wall, asked }: { wall: number; asked?: number | undefined },
): ServerClock {
  const time = Date.parse(serverTime);
  if (Number.isNaN(time)) return clock;
  const least = [...clock.least.slice(1 - samples), time - wall];
  const most = asked === undefined ? clock.most : Math.min(clock.most ?? Number.POSITIVE_INFINITY, time - asked);
  return { least, most };
}

/** ms to add to this machine's clock; 0 before the server has told its own. */
export function offsetOf({ least }: ServerClock): number {
  return least.length === 0 ? 0 : Math.max(...least);
}

/** ms for which the server may have been silent since it has said this; never too few. */
export function ageOf(clock: ServerClock, serverTime: string, wall: number): number {
  const offset = Math.max(offsetOf(clock), clock.most ?? Number.NEGATIVE_INFINITY);
  return wall + offset - Date.parse(serverTime);
}

// A cursor taken apart by hand, without any code of the project: `<epoch>.<xmin>:<xmax>:<running,…>`, as docs/protocol.md
// tells. Its snapshot says which transactions a reader at that place has seen.

export type AsOf = readonly [xmax: number, minusRunning: number];

export interface Place {
  epoch: string;
  xmax: number;
  running: Set<number>;
  asOf: AsOf;
}

export function placeOf(cursor: string): Place {
  const [epoch = '', snapshot = ''] = cursor.split('.');
  const [, xmax = '', list = ''] = snapshot.split(':');
  const running = new Set(list === '' ? [] : list.split(',').map(Number));
  if (epoch === '' || !/^\d+$/.test(xmax)) throw new Error(`This is not a cursor: ${cursor}`);
  return { epoch, xmax: Number(xmax), running, asOf: [Number(xmax), -running.size] };
}

/** Whether `a` comes after `b` in the order of as_of. */
export function isLater(a: AsOf, b: AsOf): boolean {
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
}

/** Whether the changes of a committed transaction are visible at a place. */
export function sees(place: Place, xid: number): boolean {
  return xid < place.xmax && !place.running.has(xid);
}

// What a field, an id, a query or a header must never be, and one good value for each kind of field.

export type Kind = 'text' | 'name' | 'id' | 'status' | 'version' | 'time' | 'ids' | 'items' | 'set' | 'hours' | 'bool';

export const valid: Record<Kind, unknown> = {
  text: 'fine',
  name: 'fine',
  id: 1,
  status: 'in_progress',
  version: 1,
  time: '2026-01-01T00:00:00Z',
  ids: [1],
  items: [{ id: 1 }],
  set: { note: 'fine' },
  hours: 5,
  bool: true,
};

let deep: unknown = 'bottom';
for (let level = 0; level < 3_000; level += 1) deep = level % 2 ? [deep] : { deep };

export const never = [
  {},
  [[[]]],
  deep,
  'a\0b',
  'half \ud800 pair',
  '\udfff',
  -0.5,
  1e308,
  'x'.repeat(10_001),
  { toString: 1 },
];
export const wrong: Record<Kind, unknown[]> = {
  text: [...never, 0, true, []],
  name: [...never, null, '', '   ', 7],
  id: [...never, '1', -2_147_483_649, 2_147_483_648, 9e15, true, [1], 1.5],
  status: [...never, null, 'SENT', '', 0, ['sent'], '__proto__', 'constructor'],
  version: [...never, null, '1', 0, -1, 2 ** 53, true],
  time: [
    ...never,
    0,
    'today',
    '2026-13-01T00:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00',
    '0000-01-01T00:00:00Z',
    '2026-01-01T00:00:00+23:59',
  ],
  ids: [...never, null, 1, [], [-2_147_483_649], [1, 1], ['1'], [null], Array(201).fill(1)],
  items: [
    ...never,
    null,
    [],
    [1],
    [{ id: 1 }, { id: 1 }],
    [{ id: 1, version: '1' }],
    [{ id: 1, __proto: 1 }],
    Array(1001).fill({ id: 1 }),
  ],
  set: [...never, null, [], 1, { id: 1 }, { title: null }, { version: 1 }, { status: 'received ' }, { constructor: 1 }],
  hours: [...never, null, 0, 8761, '5', 1.5],
  bool: [...never, null, 'true', 0, []],
};

export const badIds = [
  '-',
  '-2147483649',
  '2147483648',
  '9'.repeat(400),
  '1e3',
  '1.5',
  'x',
  '%00',
  '1%00',
  '%ZZ',
  '%',
  '%C0%80',
  '%ED%A0%80',
  '__proto__',
  'constructor',
  '%2e%2e',
  '1%2F2',
  "1'--",
  '%F0%9F%92%A3',
  ' '.replace(' ', '%20'),
];
export const badQueries = [
  'x=1',
  '__proto__=1',
  'constructor=1',
  'limit=0',
  'limit=1e3',
  'limit=',
  'limit[]=1',
  'after=-2147483649',
  'after=99999999999999999999',
  'after=%ZZ',
  'limit=1&limit=2',
  '%00=1',
  '%ZZ=%ZZ',
  `x${'='.repeat(3_000)}`,
  `${'a=1&'.repeat(1_500)}b=2`,
];
export const badKeys = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'id',
  'hasOwnProperty',
  '',
  'x\0',
  'title ',
  '$where',
];
export const badTypes = [
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
  'application/xml',
  'application/json; charset=klingon',
  'application/json; charset=utf-16le',
  ';;;',
  'application',
];

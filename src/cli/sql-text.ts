// The text side of the built-in SQL prompt, all pure: where a statement ends, and how results and errors look. The forms
// are psql's, so that what people know (and paste into a report) stays the same.

export interface Statement {
  readonly text: string;
  /** The line it begins on, counted from 1. */
  readonly line: number;
  /** A backslash command such as \dt. */
  readonly isMeta: boolean;
}

export interface Scan {
  readonly statements: Statement[];
  /** What follows the last complete statement; empty if that is only blanks and comments. */
  readonly rest: string;
  readonly restLine: number;
}

// Strings and comments count as one token, so what is inside them ends nothing. An unclosed one reaches to the end.
const token = new RegExp(
  [
    /--[^\n]*/, // comment
    /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'?/, // string with backslash escapes
    /'[^']*(?:''[^']*)*'?/,
    /"[^"]*(?:""[^"]*)*"?/,
    /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/, // opens a dollar-quoted string
    /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/, // word
    /\/\*/,
    /\s+/,
    /[\s\S]/,
  ]
    .map((part) => part.source)
    .join('|'),
  'gy',
);

/** Cuts a text at the semicolons that end statements: not those in strings, comments, brackets or function bodies. */
export function scan(text: string): Scan {
  const statements: Statement[] = [];
  let start = 0;
  let hasContent = false;
  let brackets = 0;
  let bodies = 0;
  let word = '';
  let at = 0;
  let line = 1;
  let startLine = 1;
  const cut = (end: number, isMeta: boolean) => {
    if (hasContent) statements.push({ text: text.slice(start, end), line: startLine, isMeta });
    [hasContent, brackets, bodies, word] = [false, 0, 0, ''];
  };
  while (at < text.length) {
    const piece = pieceAt(text, at);
    const isBlank = /^(?:\s|--|\/\*)/.test(piece);
    if (piece === '\\' && !hasContent) {
      const end = (text.indexOf('\n', at) + 1 || text.length + 1) - 1;
      [start, startLine, hasContent] = [at, line, true];
      cut(end, true);
      at = end;
      continue;
    }
    if (piece === ';' && brackets <= 0 && bodies <= 0) cut(at, false);
    else if (!isBlank) {
      if (!hasContent) [start, startLine, hasContent] = [at, line, true];
      if (piece === '(') brackets += 1;
      if (piece === ')') brackets -= 1;
      bodies += bodyStep(piece, word, bodies);
      word = piece.toLowerCase();
    }
    at += piece.length;
    if (piece.includes('\n')) line += piece.split('\n').length - 1;
  }
  return { statements, rest: hasContent ? text.slice(start) : '', restLine: startLine };
}

function pieceAt(text: string, at: number): string {
  token.lastIndex = at;
  const piece = token.exec(text)?.[0] ?? '';
  if (piece.startsWith('$') && piece.length > 1) {
    const end = text.indexOf(piece, at + piece.length);
    return end < 0 ? text.slice(at) : text.slice(at, end + piece.length);
  }
  return piece === '/*' ? text.slice(at, commentEnd(text, at)) : piece;
}

/** Comments of this kind nest in SQL. */
function commentEnd(text: string, at: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = at;
  let depth = 0;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return mark.lastIndex;
  }
  return text.length;
}

/** `begin atomic … end` is a function's body with semicolons of its own, in which `case … end` may stand. */
function bodyStep(piece: string, previous: string, depth: number): number {
  const word = piece.toLowerCase();
  if (word === 'atomic' && previous === 'begin') return 1;
  if (depth === 0) return 0;
  if (word === 'case') return 1;
  return word === 'end' ? -1 : 0;
}

export interface Column {
  readonly name: string;
  readonly isNumber: boolean;
}

/** An aligned table with its row count, as psql prints it; null is blank. */
export function formatTable(columns: Column[], rows: (string | null)[][]): string {
  const cells = rows.map((row) =>
    row.map((value) => (value ?? '').replaceAll('\r', '\\r').replaceAll('\t', '    ').split('\n')),
  );
  const widths = columns.map((column, index) =>
    cells.reduce((most, row) => Math.max(most, ...(row[index] ?? []).map(widthOf)), widthOf(column.name)),
  );
  const header = columns.map(({ name }, index) => ` ${center(name, widths[index] ?? 0)} `).join('|');
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  const body = cells.flatMap((row) => formatRow(row, columns, widths));
  return [header, rule, ...body, `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`, '', ''].join('\n');
}

/** A cell of several lines makes its row as high; a plus says that the cell goes on below. */
function formatRow(row: string[][], columns: Column[], widths: number[]): string[] {
  const height = Math.max(1, ...row.map((lines) => lines.length));
  return Array.from({ length: height }, (_, n) =>
    columns
      .map(({ isNumber }, index) => {
        const lines = row[index] ?? [];
        const text = lines[n] ?? '';
        const blank = ' '.repeat((widths[index] ?? 0) - widthOf(text));
        const goesOn = n + 1 < lines.length;
        const isLast = index === columns.length - 1;
        if (isLast && !goesOn) return isNumber ? ` ${blank}${text}` : ` ${text}`;
        return ` ${isNumber ? blank + text : text + blank}${goesOn ? '+' : ' '}`;
      })
      .join('|'),
  );
}

function center(text: string, width: number): string {
  const blank = width - widthOf(text);
  return ' '.repeat(Math.floor(blank / 2)) + text + ' '.repeat(Math.ceil(blank / 2));
}

const noWidth = /[\p{Mn}\p{Me}\p{Cf}]/u;
const doubleWidth =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Columns that a text takes in a terminal. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += noWidth.test(char) ? 0 : doubleWidth.test(char) ? 2 : 1;
  return width;
}

export interface ServerMessage {
  readonly severity?: string | undefined;
  readonly message?: string | undefined;
  readonly position?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly where?: string | undefined;
}

/** An error or notice of the server, with the place in the statement that it is about. */
export function formatMessage(message: ServerMessage, statement = ''): string {
  const lines = [`${message.severity ?? 'ERROR'}:  ${message.message ?? ''}`];
  if (message.position !== undefined) lines.push(...pointAt(statement, Number(message.position)));
  if (message.detail) lines.push(`DETAIL:  ${message.detail}`);
  if (message.hint) lines.push(`HINT:  ${message.hint}`);
  // Of errors only, as psql does.
  if (message.where && /ERROR|FATAL|PANIC/.test(message.severity ?? 'ERROR')) lines.push(`CONTEXT:  ${message.where}`);
  return `${lines.join('\n')}\n`;
}

const aroundPosition = 40;

function pointAt(statement: string, position: number): string[] {
  // The server counts characters from 1; JavaScript counts a character beyond U+FFFF as two.
  const before = Array.from(statement)
    .slice(0, position - 1)
    .join('');
  const line = before.split('\n').length;
  const column = before.length - (before.lastIndexOf('\n') + 1);
  const whole = statement.split('\n')[line - 1] ?? '';
  const from = Math.max(0, column - aroundPosition);
  const to = Math.min(whole.length, column + aroundPosition);
  const lead = `LINE ${line}: ${from > 0 ? '...' : ''}`;
  const shown = whole.slice(from, to) + (to < whole.length ? '...' : '');
  return [lead + shown, `${' '.repeat(lead.length + widthOf(whole.slice(from, column)))}^`];
}

// Ids in the address of a page. Pure.

/** Those of a list with commas, each once; what is none is left out. PostgreSQL's ids may be 0 or less, put in by hand. */
export function parseIds(text: string | null): number[] {
  const parts = (text ?? '').split(',').filter((part) => /^(0|-?[1-9]\d{0,9})$/.test(part));
  return [...new Set(parts.map(Number))];
}

/** The one that is named. */
export function parseId(text: string | null): number | undefined {
  return parseIds(text)[0];
}

// Reading an error that came from Node itself. By its shape, not with instanceof: under jest (and in any other realm) the
// errors of the file system are of another Error class than ours.

/** `ENOENT` and its like; PostgreSQL's SQLSTATE for an error of the database; empty when there is none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return String(error.code);
}

export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return String(error.message);
}

// The one error of the embedded server. Its message is a single line for a person: what is wrong, then what to do.

import { codeOf, messageOf } from './errno.ts';

export class PostgresError extends Error {
  override readonly name = 'PostgresError';
}

const noSpaceText = /No space left on device/i;

export function saysNoSpace(text: string): boolean {
  return noSpaceText.test(text);
}

export function diskFull(folder: string): PostgresError {
  return new PostgresError(
    `The disk that holds ${folder} is full (No space left on device). ` +
      'Free some space there, or set DATA_DIR to a folder on another disk, and start again.',
  );
}

/** Turns what the file system says into a line for a person; what it does not know goes on as it came. */
export function explain(error: unknown, folder: string): unknown {
  if (error instanceof PostgresError) return error;
  const code = codeOf(error);
  // 53100 is PostgreSQL's own disk_full.
  if (code === 'ENOSPC' || code === '53100' || saysNoSpace(messageOf(error))) return diskFull(folder);
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new PostgresError(
      `The database cannot be kept in ${folder}: ${whoAmI()} may not do what it needs there (${messageOf(error)}). ` +
        'Start as the user who owns the folder, or set DATA_DIR to a folder that is writable.',
      { cause: error },
    );
  }
  return error;
}

function whoAmI(): string {
  return process.getuid === undefined ? 'this user' : `user id ${process.getuid()}`;
}

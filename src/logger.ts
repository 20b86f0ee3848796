// One log for the process: JSON lines for machines, readable lines on a terminal. Nothing here ever sees a token, a
// password or a request body: those who log leave them out, and what is named like a secret is taken out here once more.
import { type DestinationStream, type Logger, type LoggerOptions, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

const secrets = [
  'token',
  'link',
  'password',
  'password_hash',
  'token_hash',
  'secret',
  'cookie',
  'authorization',
  'url',
];

export interface LoggerSettings {
  level: string;
  isTerminal?: boolean;
  /** Instead of standard output. */
  destination?: DestinationStream;
}

export function createLogger(options: LoggerSettings): Logger {
  const { level, isTerminal = process.stdout.isTTY, destination } = options;
  const base: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '…' },
    serializers: { err: describeError },
  };
  if (destination) return pino(base, destination);
  if (!isTerminal) return pino(base);
  return pino(base, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }));
}

// Errors of libraries carry whole requests, settings and rows (PostgreSQL's `detail`). What helps to find the cause is
// taken, and nothing else.
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown };
  const { type, message, stack } = stdSerializers.err(error);
  const cause = error.cause === undefined ? {} : { cause: describeError(error.cause) };
  return { type, message, stack, code, constraint, table, ...cause };
}

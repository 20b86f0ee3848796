// One log for the process: JSON lines for machines, readable lines on a terminal. Nothing here ever sees a token, a
// password or a request body.
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';

export type { Logger };

export function createLogger(options: { level: string; isTerminal?: boolean }): Logger {
  const { level, isTerminal = process.stdout.isTTY } = options;
  const base = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!isTerminal) return pino(base);
  return pino(base, pretty({ colorize: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' }));
}

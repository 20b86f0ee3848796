// Which database a command works on: the one of DATABASE_URL, or the embedded one in DATA_DIR, started if need be.
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { isServed } from './instance-lock.ts';

export interface Database {
  /** For the application: reads and writes rows. */
  appUrl: string;
  /** For LISTEN and the drain session: never through a transaction pooler. */
  directUrl: string;
  /** For migrations. */
  ownerUrl: string;
  isEmbedded: boolean;
  /** Stops the embedded server if this process started it. */
  release(): Promise<void>;
}

export interface DatabaseOptions {
  config: Config;
  log: (line: string) => void;
  /** A short command: the embedded server stays if it ran before, or if an app uses it meanwhile. */
  isCommand?: boolean;
}

export async function openDatabase({ config, log, isCommand }: DatabaseOptions): Promise<Database> {
  const { DATABASE_URL: url, DATABASE_DIRECT_URL: direct, MIGRATE_DATABASE_URL: owner } = config;
  if (url) {
    const nothing = () => Promise.resolve();
    return { appUrl: url, directUrl: direct ?? url, ownerUrl: owner ?? url, isEmbedded: false, release: nothing };
  }
  // Loaded only here: with a DATABASE_URL the embedded server is not even looked for.
  const { startEmbedded } = await import('../postgres/embedded.ts');
  const server = await startEmbedded({ dataDir: join(config.DATA_DIR, 'postgres'), log });
  return {
    appUrl: server.appUrl,
    directUrl: server.appUrl,
    ownerUrl: server.ownerUrl,
    isEmbedded: true,
    release: async () => {
      // An app may have attached to the server that a command started.
      if (isCommand && (server.attached || (await isServed(config.DATA_DIR)))) return;
      await server.stop();
    },
  };
}

/** The role in a PostgreSQL URL, as the application's role is told to the triggers. */
export function roleOf(url: string): string | undefined {
  return decodeURIComponent(new URL(url).username) || undefined;
}

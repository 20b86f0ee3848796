// A PostgreSQL of a test run's own: the platform's embedded one, or that of other binaries.
import { startEmbedded } from '../../src/postgres/embedded.ts';
import { createDataDir } from './data-dir.ts';

export interface OwnServer {
  adminUrl: string;
  /** Stops it and takes away all that it wrote. */
  stop(): Promise<void>;
}

// Nothing here has to survive a power cut.
const settings = { fsync: 'off', wal_level: 'logical', max_prepared_transactions: '10' };

export async function startOwnServer(binaries?: string): Promise<OwnServer> {
  const { dataDir, remove } = await createDataDir();
  try {
    const other = binaries === undefined ? {} : { binaries };
    const server = await startEmbedded({ dataDir, settings, initSync: false, ...other });
    return { adminUrl: server.ownerUrl, stop: () => server.stop().then(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

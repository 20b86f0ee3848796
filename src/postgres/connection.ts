// From a PostgreSQL URL to what the driver takes. What the URL says about TLS is read here, with the meaning that it has
// for psql and every other program of PostgreSQL; the driver's own reading of it differs from version to version.
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';

/** Where the database is cannot be used as it was said; `message` says why and what to do. */
export class ConnectionError extends Error {
  override name = 'ConnectionError';
}

const ofTls = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const;

/**
 * `sslmode` in the URL, or PGSSLMODE: `disable`, `require` (encrypted; the server's certificate is looked at only if a
 * root certificate is given), `verify-ca`, `verify-full` (certificate and host name). The root certificate is
 * `sslrootcert`, or PGSSLROOTCERT; without one, or with `system`, Node's own list. Throws ConnectionError.
 */
export function connectionOf(url: string, env: NodeJS.ProcessEnv = process.env): ClientConfig {
  const plain = new URL(url);
  const [mode, root, cert, key] = ofTls.map((name) => {
    const value = plain.searchParams.get(name) ?? env[`PG${name.toUpperCase()}`];
    plain.searchParams.delete(name);
    return value === '' || value === null ? undefined : value;
  });
  if (mode === undefined) return { connectionString: plain.href };
  if (mode === 'disable') return { connectionString: plain.href, ssl: false };
  if (mode !== 'require' && mode !== 'verify-ca' && mode !== 'verify-full') throw unusable(mode);
  const isRootGiven = root !== undefined && root !== 'system';
  const ssl: ConnectionOptions = {
    rejectUnauthorized: mode !== 'require' || isRootGiven,
    ...(isRootGiven ? { ca: read('sslrootcert', root) } : {}),
    ...(cert === undefined ? {} : { cert: read('sslcert', cert) }),
    ...(key === undefined ? {} : { key: read('sslkey', key) }),
    // Only verify-full asks whose certificate it is.
    ...(mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
  };
  return { connectionString: plain.href, ssl };
}

/** The same error with what to do about it, where it is about TLS. */
export function explainConnection(error: unknown): unknown {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  const advice = advices.find(({ of }) => of.test(String(code)) || of.test(String(message)));
  return advice ? new ConnectionError(`${advice.cause} (${String(message)}) ${advice.step}`, { cause: error }) : error;
}

const advices = [
  {
    of: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    cause: 'The certificate of the database server is for another host.',
    step: 'Use the name that it is for in DATABASE_URL; sslmode=verify-ca would accept any name.',
  },
  {
    of: /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?)$/,
    cause: 'The certificate of the database server is signed by nobody who is known here.',
    step: 'Give the certificate of who signed it: PGSSLROOTCERT=/path/to/root.crt, or sslrootcert in DATABASE_URL.',
  },
  {
    of: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    cause: 'The certificate of the database server is not valid at this time.',
    step: 'Renew it, or set the clocks.',
  },
  {
    of: /^The server does not support SSL connections$/,
    cause: 'The database server does not offer TLS.',
    step: 'Switch it on there (ssl = on), or say sslmode=disable in DATABASE_URL if the network is trusted.',
  },
  {
    of: /no encryption|hostssl/,
    cause: 'The database server takes encrypted connections only.',
    step: 'Say sslmode=verify-full in DATABASE_URL.',
  },
];

// Both fall back to no encryption without a word, so whoever is in between decides.
function unusable(mode: string): ConnectionError {
  const known = ['prefer', 'allow', 'no-verify'].includes(mode);
  const reason = known ? 'protects from nobody who can change the traffic' : 'is not known';
  return new ConnectionError(`sslmode=${mode} ${reason}. Use verify-full, verify-ca, require or disable.`);
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConnectionError(`${name} ${path} cannot be read (${code}). Check the path and who may read it.`);
  }
}

// /healthz: the process answers. /readyz: it can do its job; otherwise 503 with the reasons.
import { Router } from 'express';

export interface Readiness {
  isReady: boolean;
  reasons: string[];
}

export function healthRoutes(readiness: () => Promise<Readiness>): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const { isReady, reasons } = await readiness();
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ready' : 'not ready', reasons });
  });
  return router;
}

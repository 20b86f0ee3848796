// The Express application: routes in, problem documents out. It works with or without a Socket.IO server beside it,
// since nothing here emits.
import express, { type Express, type RequestHandler } from 'express';
import type { Knex } from 'knex';
import type { Logger } from '../logger.ts';
import { createEmployee, type Employee, updateEmployee } from '../protocol/employee.ts';
import { TaskfeedError } from '../protocol/errors.ts';
import { createSystem, type System, updateSystem } from '../protocol/system.ts';
import { createDirectory } from '../tasks/directory.ts';
import { isOwnOrigin } from './origin.ts';
import { problemHandler, unknownRoute } from './problem.ts';
import { directoryRoutes } from './routes/directory.ts';
import { healthRoutes, type Readiness } from './routes/health.ts';
import { taskRoutes } from './routes/tasks.ts';

export interface AppOptions {
  knex: Knex;
  logger: Logger;
  readiness: () => Promise<Readiness>;
  /** Folder with the built pages; none are served without it. */
  pages?: string;
}

const systems = createDirectory<System>({ what: 'system', table: 'public.systems' });
const employees = createDirectory<Employee>({ what: 'employee', table: 'public.employees' });

export function createApp({ knex, logger, readiness, pages }: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(healthRoutes(readiness));
  app.use('/api', sameOrigin, jsonBody, express.json({ limit: '256kb' }));
  app.use('/api/tasks', taskRoutes(knex));
  app.use(
    '/api/systems',
    directoryRoutes({
      knex,
      directory: systems,
      one: 'system',
      many: 'systems',
      createBody: createSystem,
      updateBody: updateSystem,
    }),
  );
  app.use(
    '/api/employees',
    directoryRoutes({
      knex,
      directory: employees,
      one: 'employee',
      many: 'employees',
      createBody: createEmployee,
      updateBody: updateEmployee,
    }),
  );
  app.use('/api', unknownRoute);
  if (pages) app.use(express.static(pages, { index: 'index.html', fallthrough: true }));
  app.use(unknownRoute);
  app.use(problemHandler(logger));
  return app;
}

// A page of another origin may neither read nor write here. Programs send no Origin and are let through.
const sameOrigin: RequestHandler = (request, _response, next) => {
  if (!isOwnOrigin(request.headers)) throw new TaskfeedError('forbidden_origin');
  next();
};

// A body that is not JSON would be ignored silently and look like an empty request.
const jsonBody: RequestHandler = (request, _response, next) => {
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length']) > 0;
  if (hasBody && !request.is(['application/json', 'application/*+json'])) {
    throw new TaskfeedError('unsupported_media_type');
  }
  next();
};

// Who is asking. Until there is sign-in the server answers to loopback only, so it is somebody at this machine.
import type { Request } from 'express';

export function actorOf(_request: Request): string {
  return 'local';
}

// Everything that this server offers over HTTP, in the order in which people should read it.

import type { Group } from './operation.ts';
import { directoryGroups } from './operations-directory.ts';
import { imageGroup } from './operations-images.ts';
import { linkHolderGroup } from './operations-link-holder.ts';
import { serverGroup } from './operations-server.ts';
import { sessionGroup } from './operations-session.ts';
import { taskGroups } from './operations-tasks.ts';

export const groups: Group[] = [
  ...taskGroups,
  imageGroup,
  ...directoryGroups,
  linkHolderGroup,
  sessionGroup,
  serverGroup,
];

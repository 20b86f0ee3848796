// The package's entry `taskfeed/client`.

export type { Employee } from '../protocol/employee.ts';
export type { Change } from '../protocol/feed.ts';
export type { Link, LinkPage } from '../protocol/link.ts';
export type { System } from '../protocol/system.ts';
export type { ListedTask, Task } from '../protocol/task.ts';
export type { Freshness, FreshnessState } from './freshness.ts';
export { RequestError } from './http.ts';
export { createLinkFeed, type LinkFeed, type LinkFeedOptions } from './link-feed.ts';
export type { Patch } from './overlays.ts';
export type { Changed, Notice, Store } from './store.ts';
export { createTaskfeed, type Taskfeed, type TaskfeedOptions } from './taskfeed.ts';
export type { Rows, Topic } from './topics.ts';

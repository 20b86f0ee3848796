// The stores of all topics, changed together: first every store, then every listener, so that one that looks into
// another store sees the same moment there.
import type { AsOf } from '../protocol/cursor.ts';
import type { BatchEvent, Change } from '../protocol/feed.ts';
import type { ListedTask } from '../protocol/task.ts';
import type { Effect } from './line-state.ts';
import { RowStore, type StoreRule, type ToldChange } from './row-store.ts';
import { type AnyRow, type Rows, type Topic, toldIn } from './topics.ts';

export interface StoresOptions {
  topics: readonly Topic[];
  scope: 'live' | 'all';
  withLastChange: boolean;
  serverNow: () => number;
  rule?: StoreRule;
  onError: (error: unknown) => void;
}

const liveMs = 30 * 24 * 3_600_000;

export class Stores {
  readonly #byTopic: { readonly [T in Topic]: RowStore<Rows[T], Change> };
  readonly #options: StoresOptions;

  constructor(options: StoresOptions) {
    this.#options = options;
    const { onError, rule } = options;
    this.#byTopic = {
      task: new RowStore(onError, rule),
      system: new RowStore(onError, rule),
      employee: new RowStore(onError, rule),
      link: new RowStore(onError, rule),
    };
  }

  of<T extends Topic>(topic: T): RowStore<Rows[T], Change> {
    return this.#byTopic[topic];
  }

  /** One step for every reader. */
  show({ snapshot, batches, upTo }: Extract<Effect, { do: 'show' }>): void {
    const { topics } = this.#options;
    for (const topic of topics) {
      const store = this.#any(topic);
      if (snapshot) store.swap(snapshot.lists.get(topic) ?? []);
    }
    for (const { events, as_of } of batches) this.#apply(events, as_of);
    for (const topic of topics) this.#any(topic).bury(upTo);
    this.turn();
  }

  bury(upTo: AsOf): void {
    for (const topic of this.#options.topics) this.#any(topic).bury(upTo);
  }

  /** Makes visible what has changed, in all stores, then tells. */
  turn(): void {
    const tells = this.#options.topics.map((topic) => this.#any(topic).turn());
    for (const tell of tells) tell();
  }

  #apply(events: readonly BatchEvent[], asOf: AsOf): void {
    const told = new Map<Topic, ToldChange<AnyRow, Change>[]>();
    for (const event of events) {
      const found = toldIn(event);
      if (!found || !this.#options.topics.includes(found.topic)) continue;
      const { topic, kind, row } = found;
      const changes = told.get(topic) ?? [];
      told.set(topic, changes);
      changes.push({
        kind,
        row: topic === 'task' ? this.#withLastChange(row as ListedTask, event.change) : row,
        change: event.change,
      });
    }
    for (const [topic, changes] of told) {
      this.#any(topic).apply(changes, asOf, topic === 'task' ? (row) => this.#isWanted(row as ListedTask) : undefined);
    }
  }

  // The rows of a topic fit its store; the types of the four cannot say so together.
  #any(topic: Topic): RowStore<AnyRow, Change> {
    return this.#byTopic[topic] as unknown as RowStore<AnyRow, Change>;
  }

  // As the server's lists: changes of the task itself count, not those of what is shown beside it.
  #withLastChange(row: ListedTask, { actor, actor_name, at, count }: Change): ListedTask {
    if (!this.#options.withLastChange) return row;
    const last_change = count > 0 ? { actor, actor_name, at } : (this.#byTopic.task.known(row.id)?.last_change ?? null);
    return { ...row, last_change };
  }

  // What `?scope=live` would list. A task that is shown stays, also when it grows old.
  #isWanted({ status, completed_at, updated_at }: ListedTask): boolean {
    if (this.#options.scope === 'all' || status !== 'completed') return true;
    const completed = Date.parse(completed_at ?? updated_at);
    return Number.isNaN(completed) || completed >= this.#options.serverNow() - liveMs;
  }
}

// The list: a table body for each group, rows kept by the id of their task.
import type { BoardView } from './board.ts';
import { element, giveRoles, setChildren, setData, setText } from './dom.ts';
import type { GroupName } from './order.ts';
import { Row } from './row.ts';
import { inFull } from './times.ts';
import { groupWords } from './wording.ts';

interface Group {
  body: HTMLTableSectionElement;
  head: HTMLTableRowElement;
  count: HTMLElement;
}

/** From here on rows out of sight are not laid out; jumping to them may show them a moment later. */
const longList = 500;

export class TaskTable {
  readonly #table: HTMLTableElement;
  readonly #head: HTMLTableSectionElement;
  readonly #groups = new Map<GroupName, Group>();
  readonly #rows = new Map<number, Row>();

  constructor(table: HTMLTableElement) {
    this.#table = table;
    this.#head = table.tHead ?? table.createTHead();
    giveRoles(table);
    // Told in full when asked for: thousands of long dates would make the first drawing slow.
    table.addEventListener('pointerover', ({ target }) => {
      if (target instanceof HTMLTimeElement && target.dateTime) target.title = inFull(target.dateTime);
    });
  }

  draw({ groups, counts }: BoardView, now: number): void {
    const shown = new Set<number>();
    const bodies: Element[] = [this.#head];
    for (const { name, rows } of groups) {
      const group = this.#group(name);
      setText(group.count, String(counts[name]));
      const lines = rows.map((row) => {
        shown.add(row.task.id);
        const line = this.#row(row.task.id);
        line.draw(row, now);
        return line.element;
      });
      setChildren(group.body, [group.head, ...lines]);
      bodies.push(group.body);
    }
    for (const id of this.#rows.keys()) if (!shown.has(id)) this.#rows.delete(id);
    setData(this.#table, 'long', shown.size > longList ? 'yes' : undefined);
    setChildren(this.#table, bodies);
  }

  #row(id: number): Row {
    const row = this.#rows.get(id) ?? new Row(id);
    this.#rows.set(id, row);
    return row;
  }

  #group(name: GroupName): Group {
    const known = this.#groups.get(name);
    if (known) return known;
    const count = element('span', 'group-count');
    const title = element('th', 'group-title', groupWords[name], ' ', count);
    title.colSpan = this.#head.rows[0]?.cells.length ?? 1;
    title.setAttribute('scope', 'rowgroup');
    const head = element('tr', 'group-head', title);
    const body = element('tbody', `group ${name}`, head);
    giveRoles(body);
    const group = { body, head, count };
    this.#groups.set(name, group);
    return group;
  }
}

// The few steps in which elements are made and changed. Data only ever becomes text.

/** An element with a class name and children; strings become text. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Text of users: kept apart from its surroundings, in its own direction. */
export function userText(text: string, className = ''): HTMLElement {
  const made = element('bdi', className, text);
  made.dir = 'auto';
  return made;
}

export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setData(target: HTMLElement, name: string, value: string | undefined): void {
  if (target.dataset[name] === value) return;
  if (value === undefined) delete target.dataset[name];
  else target.dataset[name] = value;
}

/** Makes `wanted` the children of `parent`, in this order, moving only what is out of place. */
export function setChildren(parent: Element, wanted: readonly Element[]): void {
  const stay = new Set<Element>(wanted);
  for (const child of Array.from(parent.children)) if (!stay.has(child)) child.remove();
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
}

const roles: Record<string, string> = {
  table: 'table',
  thead: 'rowgroup',
  tbody: 'rowgroup',
  tr: 'row',
  td: 'cell',
};

/**
 * Says the roles of a table's elements once more: the list is laid out with grids, and browsers would then take away
 * the roles that the elements have by themselves.
 */
export function giveRoles(root: Element): void {
  for (const part of [root, ...Array.from(root.querySelectorAll('*'))]) {
    const name = part.localName;
    const role = name === 'th' ? (part.closest('thead') ? 'columnheader' : 'rowheader') : roles[name];
    if (role) part.setAttribute('role', role);
  }
}

/** The element of index.html with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}.`);
  return found;
}

// What a name that is being typed could become. Pure.
import type { LineNames } from './line.model.ts';
import { beginningWith, type Named } from './names.model.ts';

export interface Completion {
  kind: 'employee' | 'system';
  /** Where the sign stands in the text. */
  at: number;
  choices: readonly Named[];
}

const most = 6;

/** For the caret at `caret`; undefined where no name is being typed, or it is whole already. */
export function completionAt(text: string, caret: number, { employees, systems }: LineNames): Completion | undefined {
  const typed = /(?<=^|\s)([@#])([^\s@#]*(?: [^\s@#]+)?)$/.exec(text.slice(0, caret));
  if (!typed) return undefined;
  const [, sign, name = ''] = typed;
  const rows = sign === '@' ? employees : systems;
  const choices = beginningWith(name, rows).filter((row) => row.name.toLowerCase() !== name.toLowerCase());
  if (choices.length === 0) return undefined;
  return { kind: sign === '@' ? 'employee' : 'system', at: typed.index, choices: choices.slice(0, most) };
}

/** The text with the choice in it, and where the caret goes. */
export function complete(text: string, caret: number, at: number, name: string): { text: string; caret: number } {
  const head = `${text.slice(0, at + 1)}${name} `;
  return { text: head + text.slice(caret).replace(/^ /, ''), caret: head.length };
}

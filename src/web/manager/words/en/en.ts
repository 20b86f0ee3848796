// Every text of the board in English. Other languages have the same keys, and the plural forms of their own.
import { screens } from './screens.ts';
import { terms } from './terms.ts';

export const en = { ...terms, ...screens };

export type Words = { [Group in keyof typeof en]: Record<string, string> };

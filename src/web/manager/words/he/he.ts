// Every text of the board in Hebrew.
import type { Words } from '../en/en.ts';
import { screens } from './screens.ts';
import { terms } from './terms.ts';

export const he: Words = { ...terms, ...screens };

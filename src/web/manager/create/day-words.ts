// Words for days and for the small words before them, in the languages that a person may write in. Whatever the page's
// language is, all of them are understood: lists are pasted from anywhere. Pure.

/** Days from today. */
export const dayWords: Readonly<Record<string, number>> = {
  today: 0,
  tonight: 0,
  tomorrow: 1,
  היום: 0,
  מחר: 1,
  מחרתיים: 2,
};

/** Sunday is 0. */
export const weekdayWords: Readonly<Record<string, number>> = {
  ...named(['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']),
  ...named(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']),
  ...named(['ראשון', 'שני', 'שלישי', 'רביעי', 'חמישי', 'שישי', 'שבת']),
};

/** "at 14:00", "on Monday", "ב־14:00", "יום שני": said of the time, no part of the title. */
export const joints: ReadonlySet<string> = new Set(['at', 'on', 'by', 'due', 'until', 'ביום', 'יום', 'בשעה', 'עד']);

function named(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(words.map((word, day) => [word, day]));
}

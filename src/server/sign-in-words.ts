// The words of the pages for signing in and setting up.

export interface SignInWords {
  direction: 'ltr' | 'rtl';
  signIn: string;
  signInTo(site: string): string;
  email: string;
  password: string;
  name: string;
  wrong: string;
  tooMany(minutes: number): string;
  unavailable: string;
  busy: string;
  /** In place of a page: the server cannot reach its database, or something else went wrong. */
  trouble: { title: string; away: string; failed: string; again: string };
  forgot: string;
  /** There is no manager yet. */
  notSetUp: string;
  setUp(site: string): string;
  setUpHint: string;
  passwordHint: string;
  create: string;
  /** The set-up link does not work. */
  ended: string;
  endedHint: string;
  toSignIn: string;
  invalid: Record<'email' | 'name' | 'password', string>;
}

const english: SignInWords = {
  direction: 'ltr',
  signIn: 'Sign in',
  signInTo: (site) => `Sign in to ${site}`,
  email: 'E-mail address',
  password: 'Password',
  name: 'Your name',
  wrong: 'The e-mail address or the password is not right.',
  tooMany: (minutes) => `Too many tries from here. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
  unavailable: 'The database does not answer. Try again in a moment.',
  busy: 'Many people are signing in at the moment. Try again.',
  trouble: {
    title: 'This does not work right now',
    away: 'The server is running but cannot reach its database. Nothing is lost; try again in a minute.',
    failed: 'Something went wrong on the server. Try again; whoever runs it finds the reason in its log.',
    again: 'Try again',
  },
  forgot: 'Forgot it? Whoever runs the server can set a new one: taskfeed manager reset-password',
  notSetUp: 'Nobody can sign in yet. Open the set-up link that the server printed when it started.',
  setUp: (site) => `Set up ${site}`,
  setUpHint: 'You are the first manager. This link works once; more managers can be added later.',
  passwordHint: 'At least 10 characters. A few words are easy to remember and hard to guess.',
  create: 'Create and sign in',
  ended: 'This set-up link has ended',
  endedHint:
    'It works once, for 24 hours, while there is no manager. A new one is printed when the server starts again.',
  toSignIn: 'Go to sign-in',
  invalid: {
    email: 'Enter an e-mail address, like dana@example.org.',
    name: 'Enter a name of at most 200 characters.',
    password: 'Enter a password of 10 to 200 characters.',
  },
};

const hebrew: SignInWords = {
  direction: 'rtl',
  signIn: 'כניסה',
  signInTo: (site) => `כניסה אל ${site}`,
  email: 'כתובת דוא״ל',
  password: 'סיסמה',
  name: 'השם שלך',
  wrong: 'כתובת הדוא״ל או הסיסמה אינן נכונות.',
  tooMany: (minutes) => `יותר מדי ניסיונות מכאן. אפשר לנסות שוב בעוד ${minutes} דקות.`,
  unavailable: 'מסד הנתונים אינו עונה. כדאי לנסות שוב עוד רגע.',
  busy: 'הרבה אנשים נכנסים כרגע. כדאי לנסות שוב.',
  trouble: {
    title: 'זה לא עובד כרגע',
    away: 'השרת פועל אך אינו מצליח להגיע למסד הנתונים. שום דבר לא אבד; כדאי לנסות שוב בעוד דקה.',
    failed: 'משהו השתבש בשרת. כדאי לנסות שוב; מי שמפעיל אותו ימצא את הסיבה ביומן.',
    again: 'לנסות שוב',
  },
  forgot: 'שכחת? מי שמפעיל את השרת יכול לקבוע סיסמה חדשה: taskfeed manager reset-password',
  notSetUp: 'עדיין אי אפשר להיכנס. יש לפתוח את קישור ההתקנה שהשרת הדפיס בעת ההפעלה.',
  setUp: (site) => `הגדרת ${site}`,
  setUpHint: 'את או אתה המנהל הראשון. הקישור פועל פעם אחת; אפשר להוסיף מנהלים אחר כך.',
  passwordHint: 'לפחות 10 תווים. כמה מילים קל לזכור וקשה לנחש.',
  create: 'יצירה וכניסה',
  ended: 'קישור ההתקנה אינו בתוקף',
  endedHint: 'הוא פועל פעם אחת, למשך 24 שעות, כל עוד אין מנהל. קישור חדש מודפס כשהשרת מופעל מחדש.',
  toSignIn: 'למסך הכניסה',
  invalid: {
    email: 'יש להזין כתובת דוא״ל, למשל dana@example.org.',
    name: 'יש להזין שם באורך של עד 200 תווים.',
    password: 'יש להזין סיסמה באורך 10 עד 200 תווים.',
  },
};

export function signInWords(language: string): SignInWords {
  return /^(he|iw)\b/.test(language) ? hebrew : english;
}

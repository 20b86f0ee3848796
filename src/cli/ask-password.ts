// A password from the terminal, unseen and typed twice, or the first line of the input where it is no terminal.
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { newPassword } from '../protocol/manager.ts';

export interface PasswordInput {
  stdin: NodeJS.ReadStream;
  stderr: NodeJS.WriteStream;
}

/** Rejects with what is wrong with it, if it could not be a password. */
export async function askPassword({ stdin, stderr }: PasswordInput): Promise<string> {
  const isTerminal = stdin.isTTY === true;
  // What is typed is written nowhere; the questions go to stderr, so that output can be redirected.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: stdin, output: nowhere, terminal: isTerminal });
  const lines = prompt[Symbol.asyncIterator]();
  const ask = async (question: string) => {
    if (isTerminal) stderr.write(question);
    const { value } = await lines.next();
    if (isTerminal) stderr.write('\n');
    return String(value ?? '');
  };
  try {
    const password = await ask('New password: ');
    const parsed = newPassword.safeParse(password);
    if (!parsed.success) throw new Error(`The password ${parsed.error.issues[0]?.message ?? 'cannot be used'}.`);
    if (isTerminal && (await ask('Again: ')) !== password)
      throw new Error('The two are not the same. Nothing was changed.');
    return password;
  } finally {
    prompt.close();
  }
}

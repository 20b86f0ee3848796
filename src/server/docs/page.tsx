/** @jsxImportSource preact */
// GET /docs: the same as the two documents, for people. Plain HTML made on the server; nothing runs in the browser and
// nothing is asked of anybody else.
import type { VNode } from 'preact';
import { problems } from '../../protocol/errors.ts';
import { handshake } from '../../protocol/feed.ts';
import { Components, type JsonSchema } from './json-schema.ts';
import { type Channel, channels } from './messages.ts';
import { type Group, type Operation, problemsOf, type Who } from './operation.ts';
import { groups } from './operations.ts';
import { Shape } from './shape.tsx';
import { style } from './style.ts';

export function docsDocument({ nonce }: { nonce: string }): VNode {
  const components = new Components();
  const operations = groups.map((group) => <GroupSection key={group.id} group={group} components={components} />);
  const told = channels.map((channel) => <ChannelSection key={channel.id} channel={channel} components={components} />);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Taskfeed API</title>
        <style nonce={nonce}>{style}</style>
      </head>
      <body>
        <Head />
        <div class="frame">
          <Contents />
          <main>
            <Basics />
            {operations}
            {told}
            <Schemas schemas={components.schemas} />
            <Problems />
          </main>
        </div>
      </body>
    </html>
  );
}

function Head() {
  return (
    <header>
      <h1>Taskfeed API</h1>
      <p>
        HTTP to read and write, one socket to hear of every committed change, whoever made it. All of it is made from
        the schemas that the server itself parses with.
      </p>
      <div class="files">
        <a href="/docs/openapi.json">openapi.json</a>
        <a href="/docs/asyncapi.json">asyncapi.json</a>
      </div>
    </header>
  );
}

function Contents() {
  const parts = [
    { id: 'basics', title: 'Basics' },
    ...groups,
    ...channels.map(({ id, title }) => ({ id: `feed-${id}`, title: `Feed: ${title.toLowerCase()}` })),
    { id: 'schemas', title: 'Schemas' },
    { id: 'errors', title: 'Errors' },
  ];
  return (
    <nav aria-label="Contents">
      <ul>
        {parts.map(({ id, title }) => (
          <li key={id}>
            <a href={`#${id}`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Basics() {
  return (
    <section id="basics">
      <h2>Basics</h2>
      <p>
        A browser signs in and keeps a cookie; a program sends <code>Authorization: Bearer</code> with an API token (
        <code>taskfeed token create</code>). The holder of a link needs nothing but the token in its address.
      </p>
      <p>
        Lists come in the order of ids with a <code>cursor</code>: connect the feed with it, and you miss nothing. Ask
        for the next page with <code>after=next</code>. Times are ISO 8601. Fields that you do not know may appear at
        any time.
      </p>
      <p>
        Send <code>version</code> as you saw it, and a write is refused only where somebody else has changed the same
        fields. Errors are problem documents; decide by their <code>code</code>.
      </p>
      <pre>{`const { tasks, cursor } = await (await fetch('/api/tasks?scope=live')).json();
const socket = io({ auth: { protocol: 1, since: cursor } });
socket.on('task:updated', ({ task, change }) => console.log(task.title, change.changed));`}</pre>
    </section>
  );
}

function GroupSection({ group, components }: { group: Group; components: Components }) {
  return (
    <section id={group.id}>
      <h2>{group.title}</h2>
      <p>{group.about}</p>
      {group.operations.map((operation) => (
        <OperationEntry key={operation.id} operation={operation} components={components} />
      ))}
    </section>
  );
}

const openTo: Record<Who, string> = {
  anyone: 'Open to anyone.',
  manager: 'For managers and API tokens.',
  link: 'For whoever has the link.',
  local: 'For managers, API tokens, and programs on the server’s machine.',
};

function OperationEntry({ operation, components }: { operation: Operation; components: Components }) {
  const { id, method, path, summary, notes, who, query, body, answers, isOnce } = operation;
  const input = query && components.input(query);
  return (
    <details>
      <summary>
        <span class={`method ${method}`}>{method.toUpperCase()}</span>
        <code>{path}</code>
        <span>{summary}</span>
      </summary>
      <div class="inner" id={id}>
        <p>{[notes, openTo[who]].filter(Boolean).join(' ')}</p>
        {isOnce && (
          <p>
            With the header <code>Idempotency-Key</code> it may be repeated for 24 hours and is done once.
          </p>
        )}
        {input?.properties && <Part title="Query" schema={input} label={`${summary}: query`} />}
        {body && <Part title="Body" schema={components.input(body)} label={`${summary}: body`} />}
        {answers.map((answer) => (
          <div key={answer.status}>
            <h3>
              {answer.status} {answer.what}
            </h3>
            {typeof answer.body === 'string' && <p class="soft">{answer.body}</p>}
            {typeof answer.body === 'object' && (
              <Shape schema={components.output(answer.body)} label={`${summary}: ${answer.status}`} />
            )}
          </div>
        ))}
        <Refusals operation={operation} />
        <Sample operation={operation} />
      </div>
    </details>
  );
}

function Part({ title, schema, label }: { title: string; schema: JsonSchema; label: string }) {
  if (schema.type === 'object' && Object.keys(schema.properties ?? {}).length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <Shape schema={schema} label={label} />
    </>
  );
}

function Refusals({ operation }: { operation: Operation }) {
  const codes = problemsOf(operation);
  if (codes.length === 0) return null;
  return (
    <>
      <h3>Refused with</h3>
      <p>
        {codes.map((code, index) => (
          <span key={code}>
            {index > 0 && ', '}
            <a href={`#error-${code}`}>{code}</a>
          </span>
        ))}
      </p>
    </>
  );
}

function Sample({ operation: { method, path, example, isUpload, who } }: { operation: Operation }) {
  if (example === undefined && !isUpload) return null;
  const lines = [
    `curl -X ${method.toUpperCase()} "$URL${path.replace(':token', '$LINK').replace(/:\w+/g, '1')}"`,
    ...(who === 'manager' ? ['  -H "Authorization: Bearer $TOKEN"'] : []),
    ...(isUpload ? ['  -F images=@photo.jpg'] : []),
    ...(example === undefined ? [] : ["  -H 'Content-Type: application/json'", `  -d '${JSON.stringify(example)}'`]),
  ];
  return <pre>{lines.join(' \\\n')}</pre>;
}

function ChannelSection({ channel, components }: { channel: Channel; components: Components }) {
  const { id, title, about, told, heard } = channel;
  return (
    <section id={`feed-${id}`}>
      <h2>Feed: {title.toLowerCase()}</h2>
      <p>{about}</p>
      <Part title="Handshake: auth" schema={components.input(handshake)} label={`${title}: handshake`} />
      {[...told, ...heard].map(({ name, summary, payload }) => (
        <details key={name}>
          <summary>
            <span class="method told">{heard.some((message) => message.name === name) ? 'SEND' : 'HEAR'}</span>
            <code>{name}</code>
            <span>{summary}</span>
          </summary>
          <div class="inner">
            <Shape schema={components.output(payload)} label={`${title}: ${name}`} />
          </div>
        </details>
      ))}
    </section>
  );
}

function Schemas({ schemas }: { schemas: Record<string, JsonSchema> }) {
  const names = Object.keys(schemas).sort();
  return (
    <section id="schemas">
      <h2>Schemas</h2>
      <p>What answers and events are made of.</p>
      {names.map((name) => (
        <details key={name}>
          <summary>
            <code>{name}</code>
          </summary>
          <div class="inner" id={name}>
            <Shape schema={schemas[name] ?? {}} label={name} />
          </div>
        </details>
      ))}
    </section>
  );
}

const advice = {
  retry: 'Send the same again later.',
  resync: 'Load what is there now, then decide.',
  stop: 'Sending it again will not help.',
};

function Problems() {
  return (
    <section id="errors">
      <h2>Errors</h2>
      <p>
        <code>application/problem+json</code> with <code>type</code>, <code>title</code>, <code>status</code>,{' '}
        <code>code</code>, and often <code>detail</code>, <code>errors</code> or the current <code>task</code>.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <section class="scroll" tabIndex={0} aria-label="Errors">
        <table>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Status</th>
              <th scope="col">What it means</th>
              <th scope="col">What to do</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(problems).map(([code, { status, title, action }]) => (
              <tr key={code} id={`error-${code}`}>
                <td>
                  <code>{code}</code>
                </td>
                <td>{status}</td>
                <td>{title}.</td>
                <td class="soft">{advice[action]}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

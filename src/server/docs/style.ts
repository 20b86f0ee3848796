// The style of /docs: no files, no fonts from elsewhere, light and dark. It has no quotes, which would be escaped.
export const style = `
:root {
  color-scheme: light dark;
  --paper: #f5f7f6; --card: #ffffff; --ink: #12262b; --soft: #4a5f65; --rule: #d3dcda;
  --bar: #0b3a43; --bar-ink: #eef6f4; --bar-soft: #b7d0d0; --petrol: #0b5966; --code: #eaf0ef;
  --get: #0b5966; --post: #1f6a2c; --put: #7a4b00; --delete: #a3261a; --told: #5a3d8a;
  --family: system-ui, Segoe UI, Noto Sans, sans-serif;
  --mono: ui-monospace, SF Mono, Cascadia Mono, Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0e1618; --card: #142023; --ink: #e3ebe9; --soft: #a3b5b7; --rule: #2a3a3f;
    --bar: #0a2a31; --bar-ink: #e9f3f1; --bar-soft: #a9c4c5; --petrol: #6ccbd7; --code: #1d2b2f;
    --get: #6ccbd7; --post: #7fd391; --put: #e6b35a; --delete: #ff9584; --told: #c4a8f2;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 400 1rem/1.55 var(--family); }
a { color: var(--petrol); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--put); outline-offset: 2px; border-radius: 3px; }
code, pre { font-family: var(--mono); font-size: .875em; }
header { background: var(--bar); color: var(--bar-ink); padding: 2.25rem clamp(1rem, 4vw, 3rem) 2rem; }
header h1 { margin: 0; font-size: clamp(1.6rem, 4vw, 2.25rem); line-height: 1.15; letter-spacing: -.015em; text-wrap: balance; }
header p { margin: .6rem 0 0; max-width: 44rem; color: var(--bar-soft); }
header a { color: inherit; }
.files { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; margin-top: 1.1rem; }
.frame { display: grid; grid-template-columns: 14rem minmax(0, 1fr); gap: 2.5rem; max-width: 82rem; margin: 0 auto; padding: 1.75rem clamp(1rem, 4vw, 3rem) 4rem; }
nav { position: sticky; top: 1.25rem; align-self: start; max-height: calc(100vh - 2.5rem); overflow: auto; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: .3rem .6rem; color: var(--ink); text-decoration: none; border-left: 3px solid var(--rule); }
nav li a:hover { border-color: var(--petrol); color: var(--petrol); }
main > section { margin-bottom: 3rem; }
h2 { margin: 0 0 .4rem; font-size: 1.4rem; line-height: 1.25; letter-spacing: -.01em; }
h3 { margin: 1.4rem 0 .35rem; font-size: .8125rem; font-weight: 600; color: var(--soft); }
main > section > p { margin: 0 0 1rem; max-width: 46rem; color: var(--soft); }
details { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; margin-top: .5rem; }
details[open] { box-shadow: 0 1px 10px rgb(0 30 35 / .08); }
summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; padding: .55rem .9rem; cursor: pointer; list-style: none; border-radius: 8px; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--code); }
summary code { overflow-wrap: anywhere; }
summary span:last-child { color: var(--soft); margin-left: auto; }
.method { flex: none; min-width: 3.9rem; font: 700 .75rem/1.6 var(--mono); color: var(--get); }
.post { color: var(--post); } .put, .patch { color: var(--put); } .delete { color: var(--delete); } .told { color: var(--told); }
.inner { padding: .1rem .9rem 1rem; border-top: 1px solid var(--rule); }
.inner > p { max-width: 46rem; margin: .8rem 0 0; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: .8125rem; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
tr:last-child > td { border-bottom: 0; }
td:first-child { white-space: nowrap; }
.shape th:first-child { width: 28%; }
.shape th:last-child { width: 28%; }
.soft { color: var(--soft); }
pre { margin: .4rem 0 0; padding: .75rem .9rem; background: var(--code); border-radius: 6px; line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 52rem) {
  .frame { grid-template-columns: minmax(0, 1fr); gap: 1.25rem; }
  nav { position: static; max-height: none; }
  nav ul { display: flex; flex-wrap: wrap; gap: .35rem; }
  nav li a { border: 1px solid var(--rule); border-radius: 6px; }
  summary span:last-child { margin-left: 0; width: 100%; }
  td:first-child { white-space: normal; }
}
@media print { nav { display: none; } .frame { display: block; } details { break-inside: avoid; } }
`;

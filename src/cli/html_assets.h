// The style and the script of the page that inspect --html writes.
#pragma once

namespace tulle::cli {

inline constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1c2530; --soft: #5f6c79; --paper: #f7f6f2; --card: #fff; --rule: #dcdad2; --line: #a3adb7;
  --box: 92%; --edge: 45%; --tint: 60%; --mark: #d6336c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7ebef; --soft: #98a4b0; --paper: #14181d; --card: #1c2229; --rule: #313a44;
  --line: #566371; --box: 19%; --edge: 58%; --tint: 30%; --mark: #ff6b9d; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0; padding: 1.6rem 2rem; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1rem; margin: 1.6rem 0 .5rem; }
.soft { color: var(--soft); } p { margin: .1rem 0 1.2rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); gap: .8rem; }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: .7rem 1rem; overflow-wrap: anywhere; }
.card h3 { margin: 0 0 .3rem; font-size: .78rem; letter-spacing: .04em; text-transform: uppercase; color: var(--soft); font-weight: 600; }
.card b { font-weight: 600; }
.ops { display: grid; grid-template-columns: max-content max-content 1fr max-content; gap: .1rem .7rem; align-items: center; }
.ops span { text-align: right; } .ops i { height: .6rem; border-radius: 3px; background: hsl(var(--h) var(--tint) var(--edge)); min-width: .6rem; }
.stage { display: grid; grid-template-columns: minmax(0, 1fr) 360px; gap: .8rem; align-items: start; }
.drawing { overflow: auto; max-height: 86vh; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.side { position: sticky; top: .8rem; max-height: 86vh; overflow: auto; }
.side table { border-collapse: collapse; width: 100%; table-layout: fixed; } .side td { padding: .1rem .5rem .1rem 0; vertical-align: top; overflow-wrap: anywhere; }
.side td:first-child { color: var(--soft); width: 34%; }
input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--rule); border-radius: 6px; padding: .25rem .6rem; width: 100%; margin-bottom: .6rem; }
svg { display: block; } svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .small { font-size: 10.5px; fill: var(--soft); }
svg path { fill: none; stroke: var(--line); stroke-width: 1.3; } svg path.on { stroke: var(--mark); stroke-width: 2.2; }
svg g[data-node] { cursor: pointer; } svg rect.box { fill: hsl(var(--h) var(--tint) var(--box)); stroke: hsl(var(--h) 40% var(--edge)); rx: 7; }
svg rect.port { fill: var(--paper); stroke: var(--line); rx: 18; } svg rect.work { fill: hsl(var(--h) var(--tint) var(--edge)); rx: 1.5; }
svg g[data-node]:hover rect.box { stroke-width: 2; } svg g.on rect.box { stroke: var(--mark); stroke-width: 2.5; } svg g.dim { opacity: .25; }
@media (max-width: 900px) { .stage { grid-template-columns: 1fr; } .side { position: static; } }
)";

// `graphs` is an array, one entry a graph: an array of nodes {op, facts: [[name, text]]}.
inline constexpr const char* kScript = R"(
for (const stage of document.querySelectorAll('.stage')) {
  const nodes = graphs[stage.dataset.graph], table = stage.querySelector('table'), title = stage.querySelector('h3');
  const boxes = [...stage.querySelectorAll('g[data-node]')], search = stage.querySelector('input');
  let chosen = -1;
  const choose = (node, scroll) => {
    if (!(node in nodes)) return;
    chosen = node;
    title.textContent = 'node ' + node + ' \u00b7 ' + nodes[node].op;
    table.replaceChildren(...nodes[node].facts.map(fact => {
      const row = document.createElement('tr');
      for (const text of fact) row.insertCell().textContent = text;
      return row;
    }));
    for (const box of boxes) box.classList.toggle('on', +box.dataset.node === node);
    for (const path of stage.querySelectorAll('path')) path.classList.toggle('on', +path.dataset.from === node || +path.dataset.to === node);
    if (scroll) boxes.find(box => +box.dataset.node === node)?.scrollIntoView({block: 'center', inline: 'center'});
  };
  for (const box of boxes) box.addEventListener('click', () => choose(+box.dataset.node));
  search.addEventListener('input', () => {
    const wanted = search.value.toLowerCase();
    const fits = node => (nodes[node].op + ' ' + nodes[node].facts.flat().join(' ')).toLowerCase().includes(wanted);
    for (const box of boxes) box.classList.toggle('dim', wanted !== '' && !fits(+box.dataset.node));
    const first = boxes.find(box => !box.classList.contains('dim'));
    if (wanted && first) choose(+first.dataset.node, true);
  });
  stage.addEventListener('keydown', event => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step || event.target === search) return;
    event.preventDefault();
    choose(chosen + step, true);
  });
  if (nodes.length) choose(0);
}
)";

}  // namespace tulle::cli

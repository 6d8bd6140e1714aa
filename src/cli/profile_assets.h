// What the page of bench --html adds to the style of inspect --html, and its script.
#pragma once

namespace tulle::cli {

// A bar lies at --x, --w wide, in per cent of the whole; a chart shows what lies from --from on, --zoom times as wide.
inline constexpr const char* kProfileStyle = R"(
:root { --bar: 82%; --odd: .9; } @media (prefers-color-scheme: dark) { :root { --bar: 34%; --odd: .76; } }
.flame { position: relative; overflow: hidden; height: calc(var(--rows) * 38px - 2px); --from: 0; --zoom: 1; background: var(--card);
  border-radius: 6px; }
.flame i { position: absolute; height: 36px; top: calc(var(--row) * 38px); left: calc((var(--x) - var(--from)) * var(--zoom) * 1%);
  width: calc(var(--w) * var(--zoom) * 1%); background: hsl(var(--h) var(--tint) var(--bar)); container-type: inline-size;
  font-style: normal; cursor: pointer; overflow: hidden; transition: left .15s, width .15s; }
.flame i.odd { filter: brightness(var(--odd)); } .flame i.run { --tint: 8% !important; } .flame i.on, .flame i:hover { background: var(--mark); color: #fff; }
.flame span { display: block; padding: 2px 6px; font-size: 12.5px; line-height: 16px; white-space: nowrap; }
.flame small { display: block; font-size: 11px; opacity: .75; }
@container (max-width: 72px) { .flame small { visibility: hidden; } } @container (max-width: 22px) { .flame span { display: none; } }
.tip { position: fixed; z-index: 9; pointer-events: none; white-space: pre-line; background: var(--ink); color: var(--paper); border-radius: 7px;
  padding: .4rem .7rem; font-size: 13px; line-height: 1.4; max-width: 24rem; } .tip::first-line { font-weight: 600; }
.wide { overflow-x: auto; } .wide table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13.5px; }
.wide th { text-align: right; color: var(--soft); font-weight: 600; cursor: pointer; padding: .2rem .6rem; border-bottom: 1px solid var(--rule);
  white-space: nowrap; } .wide th[aria-sort=ascending]::after { content: ' \2191'; } .wide th[aria-sort=descending]::after { content: ' \2193'; }
.wide td { text-align: right; padding: .12rem .6rem; border-bottom: 1px solid var(--rule); white-space: nowrap; }
.wide .left { text-align: left; } .wide tr.on td { background: color-mix(in srgb, var(--mark) 18%, transparent); }
.wide td.share { min-width: 10rem; background: linear-gradient(hsl(var(--h) var(--tint) var(--bar)) 0 0) left / calc(var(--w) * .58%) 62% no-repeat; }
.dot { display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; background: hsl(var(--h) var(--tint) var(--edge)); margin-right: .5rem; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0 .9rem; } .facts span { color: var(--soft); }
)";

// Bars and rows carry data-tip, what hovering tells, and data-node, which ties the bars and the row of a node together.
inline constexpr const char* kProfileScript = R"(
const tip = document.querySelector('.tip'), table = document.querySelector('.wide table');
const of = node => node === undefined ? [] : document.querySelectorAll('[data-node="' + node + '"]');
let lit = [];
addEventListener('pointermove', event => {
  const over = event.target.closest?.('[data-tip], [data-node]');
  for (const one of lit) one.classList.remove('on');
  lit = [...of(over?.dataset.node)];
  for (const one of lit) one.classList.add('on');
  tip.hidden = !over?.dataset.tip;
  if (tip.hidden) return;
  tip.textContent = over.dataset.tip;
  tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)) + 'px';
  tip.style.top = (event.clientY + 20 + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 20) + 'px';
});
const zoom = (chart, from, width) => {
  chart.style.setProperty('--from', from);
  chart.style.setProperty('--zoom', 100 / width);
};
for (const chart of document.querySelectorAll('.flame'))
  chart.addEventListener('click', event => {
    const bar = event.target.closest('i');
    if (!bar) return;
    const number = name => +bar.style.getPropertyValue(name);
    const same = +chart.style.getPropertyValue('--from') === number('--x') && chart.style.getPropertyValue('--zoom') == 100 / number('--w');
    if (same) zoom(chart, 0, 100);
    else zoom(chart, number('--x'), number('--w'));
  });
addEventListener('keydown', event => {
  if (event.key === 'Escape') for (const chart of document.querySelectorAll('.flame')) zoom(chart, 0, 100);
});
table.tHead.addEventListener('click', event => {
  const head = event.target.closest('th'), body = table.tBodies[0];
  if (!head) return;
  const down = head.ariaSort ? head.ariaSort === 'ascending' : !head.classList.contains('left') && head.cellIndex > 0;
  for (const other of table.tHead.rows[0].cells) other.ariaSort = null;
  head.ariaSort = down ? 'descending' : 'ascending';
  const key = row => row.cells[head.cellIndex].dataset.v ?? row.cells[head.cellIndex].textContent;
  const text = head.classList.contains('left');
  body.append(...[...body.rows].sort((a, b) => (text ? key(a).localeCompare(key(b)) : key(a) - key(b)) * (down ? -1 : 1)));
});
)";

}  // namespace tulle::cli

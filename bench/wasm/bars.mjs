// Holds the figures against the bars of table.mjs: met (true), missed (false), no figure (null).
import {BARS, ENGINES} from './table.mjs';

const ran = entry => entry?.median_ms !== undefined;

// The fastest of the other engines that ran, however far off its answers; null without one.
export function best_peer(entries) {
  const peers = Object.keys(entries).filter(name => !ENGINES[name].own && ran(entries[name]));
  return peers.reduce((best, name) => (best && entries[best].median_ms <= entries[name].median_ms ? best : name), null);
}

// The build that the package takes by itself in a host.
export const usual = entries =>
  ['tulle_relaxed', 'tulle_simd128'].find(name => entries[name] && !entries[name].error) ?? null;

const own_of = (bar, entries) => (bar.own === 'usual' ? usual(entries) : bar.own);

const FIGURES = {
  speed(bar, results) {
    const entries = results.models[bar.model]?.hosts[bar.host]?.engines ?? {};
    const own = own_of(bar, entries), peer = best_peer(entries);
    if (!ran(entries[own]) || !peer) return {};
    return {figure: entries[own].over[peer].median, own, peer, far: entries[own].far};
  },
  native(bar, results) {
    const entries = results.models[bar.model]?.hosts[bar.host]?.engines ?? {};
    if (!ran(entries[bar.own]) || !ran(entries.native)) return {};
    return {figure: entries[bar.own].over.native.median, own: bar.own, peer: 'native'};
  },
  start(bar, results) {
    const entries = results.models[bar.model]?.hosts[bar.host]?.first_answer ?? {}, own = own_of(bar, entries);
    const [ours, theirs] = [own, bar.peer].map(name => entries[name]?.whole_ms);
    return ours && theirs ? {figure: ours / theirs, own, peer: bar.peer} : {};
  },
  size: (bar, results) => ({figure: results.modules[bar.file ?? bar.model]}),
};

// Every bar with its figure, but for those of models that were not asked for.
export function verdict(results) {
  return BARS.filter(bar => !bar.model || results.models[bar.model]).map(bar => {
    const {figure = null, ...found} = FIGURES[bar.kind](bar, results);
    const within = bound => ('least' in bar ? figure >= bound : figure <= bound);
    const met = figure === null ? null : within(bar.least ?? bar.most) && !found.far;
    return {...bar, ...found, figure, met, aimed: figure === null ? null : within(bar.aim) && !found.far};
  });
}

// Pixels: 8-bit RGB, cut and resampled as `tulle classify` does it (docs/metadata.md has the rules).

/** @typedef {{width: number, height: number, rgb: Uint8Array}} Picture rows of red, green, blue */

/** The picture in what decoders and canvases give: red, green, blue, alpha; alpha is dropped. */
export function fromRgba({ width, height, data }) {
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return { width, height, rgb };
}

/** A part of a picture. */
export function crop(picture, { x, y, width, height }) {
  const rgb = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; ++row) {
    const start = ((y + row) * picture.width + x) * 3;
    rgb.set(picture.rgb.subarray(start, start + width * 3), row * width * 3);
  }
  return { width, height, rgb };
}

/** The picture in grays, in three equal channels. */
export function gray({ width, height, rgb }) {
  const out = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i += 3)
    out[i] = out[i + 1] = out[i + 2] = (19595 * rgb[i] + 38470 * rgb[i + 1] + 7471 * rgb[i + 2] + 32768) >> 16;
  return { width, height, rgb: out };
}

function cubic(d, span) {
  const x = d / span;
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? -0.5 * (((x - 5) * x + 8) * x - 4) : 0;
}

/** Filters: the weight of a source pixel at a distance, in pixels, and how many spans that reaches. */
const kFilters = {
  bilinear: { weight: (d, span) => Math.max(0, 1 - d / span), support: 1 },
  area: { weight: (d, span) => Math.min(Math.max((span + 1) / 2 - d, 0), 1), support: 1 },
  bicubic: { weight: cubic, support: 2 },
};
const kOne = 2 ** 22; // weights are whole numbers, of which this one stands for 1

/** For each pixel of the result, the first pixel of the source and the weights from there. */
function taps(source, target, { weight, support }, antialias) {
  const step = source / target;
  const span = antialias ? Math.max(step, 1) : 1;
  return Array.from({ length: target }, (_, j) => {
    const centre = (j + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - support * span - 1));
    const end = Math.min(source, Math.ceil(centre + support * span + 1));
    const weights = Array.from({ length: end - first }, (_, i) => weight(Math.abs(first + i + 0.5 - centre), span));
    const sum = weights.reduce((a, b) => a + b, 0);
    const rounded = (x) => Math.sign(x) * Math.round(Math.abs(x)); // halves away from zero
    return { first, weights: weights.map((x) => rounded((x / sum) * kOne)) };
  });
}

/** One axis: `count` lines of pixels `stride` values apart, each line's start given by `line`. */
function resampleAxis(rgb, all, stride, lines, out) {
  for (const { from, to } of lines)
    all.forEach(({ first, weights }, j) => {
      for (let c = 0; c < 3; ++c) {
        let at = from + first * stride + c;
        let sum = kOne / 2;
        for (const weight of weights) {
          sum += weight * rgb[at];
          at += stride;
        }
        out[to + j * stride + c] = Math.min(Math.max(Math.floor(sum / kOne), 0), 255);
      }
    });
  return out;
}

/** The picture in another size: along the rows first, then along the columns. */
export function resample(picture, width, height, filter, antialias) {
  let { width: w, height: h, rgb } = picture;
  const kind = kFilters[filter];
  if (w !== width) {
    const rows = Array.from({ length: h }, (_, y) => ({ from: y * w * 3, to: y * width * 3 }));
    rgb = resampleAxis(rgb, taps(w, width, kind, antialias), 3, rows, new Uint8Array(width * h * 3));
    w = width;
  }
  if (h !== height) {
    const columns = Array.from({ length: w }, (_, x) => ({ from: x * 3, to: x * 3 }));
    rgb = resampleAxis(rgb, taps(h, height, kind, antialias), w * 3, columns, new Uint8Array(w * height * 3));
    h = height;
  }
  return { width: w, height: h, rgb };
}

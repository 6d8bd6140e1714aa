// The picture on the page, and what the model sees in it drawn over it.
import { labelOf } from '../shared/labels.mjs';
import { kLimbs } from '../shared/outputs.mjs';

const kMask = 0.55; // how much of its class's colour a pixel takes
const kLargest = 6; // small pictures are shown so many times as large, at most

/** A colour for each class; the golden angle keeps successive hues far apart. The command has the same. */
export function colour(index) {
  const hue = ((index * 137.508 + 20) % 360) / 60;
  return [5, 3, 1].map((n) => {
    const k = (n + hue) % 6;
    return Math.round(235 - 175 * Math.min(Math.max(Math.min(k, 4 - k), 0), 1));
  });
}
export const css = (rgb) => `rgb(${rgb})`;

/** A map of classes as a picture of their colours, which lets the background through. */
function mask({ width, height, cells }) {
  const image = new ImageData(width, height);
  cells.forEach((index, i) => image.data.set([...colour(index), index === 0 ? 0 : 255 * kMask], 4 * i));
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  canvas.getContext('2d').putImageData(image, 0, 0);
  return canvas;
}

export class Stage {
  #canvas;
  #frame;
  #source; // a bitmap or a video
  #found; // what the model says of it
  #labels = [];
  #mask;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#frame = canvas.parentElement;
    new ResizeObserver(() => this.draw()).observe(this.#frame);
  }

  get source() {
    return this.#source;
  }

  /** Shows another picture, or a video, or nothing. */
  show(source) {
    this.#source?.close?.();
    this.#source = source;
    this.#canvas.hidden = !source;
    this.mark();
  }

  /** Keeps the video's frame as a picture, and what was found in it. */
  freeze() {
    const { videoWidth: width, videoHeight: height } = this.#source;
    const still = Object.assign(document.createElement('canvas'), { width, height });
    still.getContext('2d').drawImage(this.#source, 0, 0);
    this.#source = still;
    this.draw();
  }

  /** Draws what was found; nothing where that is left out. */
  mark(found, labels = []) {
    this.#found = found;
    this.#labels = labels;
    this.#mask = found?.map && mask(found.map);
    this.draw();
  }

  /** Draws all of it in the size that there is. */
  draw() {
    if (!this.#source) return;
    const width = this.#source.videoWidth ?? this.#source.width;
    const height = this.#source.videoHeight ?? this.#source.height;
    if (!width) return; // a video before its first frame
    const shown = Math.min(kLargest, this.#frame.clientWidth / width, this.#frame.clientHeight / height);
    const dots = devicePixelRatio;
    const size = { width: Math.max(1, Math.round(width * shown * dots)), height: Math.max(1, Math.round(height * shown * dots)) };
    const canvas = this.#canvas;
    if (canvas.width !== size.width || canvas.height !== size.height) {
      Object.assign(canvas, size);
      Object.assign(canvas.style, { width: `${size.width / dots}px`, height: `${size.height / dots}px` });
    }
    const context = canvas.getContext('2d');
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, size.width, size.height);
    context.drawImage(this.#source, 0, 0, size.width, size.height);
    if (!this.#found) return;
    context.scale(dots, dots);
    const scale = size.width / dots / width;
    const { x, y, width: w, height: h } = this.#found.part;
    const part = { x: x * scale, y: y * scale, width: w * scale, height: h * scale };
    this.#dim(context, part, width * scale, height * scale);
    if (this.#mask) {
      context.imageSmoothingEnabled = false;
      context.drawImage(this.#mask, part.x, part.y, part.width, part.height);
    }
    if (this.#found.boxes) this.#boxes(context, part);
    if (this.#found.points) this.#pose(context, part);
  }

  /** What the model was not fed lies in the dark. */
  #dim(context, part, width, height) {
    context.fillStyle = 'rgb(0 0 0 / 0.45)';
    context.beginPath();
    context.rect(0, 0, width, height);
    context.rect(part.x, part.y, part.width, part.height);
    context.fill('evenodd');
  }

  #boxes(context, part) {
    context.font = '600 13px system-ui, sans-serif';
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    const all = this.#found.boxes.map(({ index, score, x0, y0, x1, y1 }) => ({
      colour: css(colour(index)),
      text: `${labelOf(this.#labels, index)} ${Math.round(score * 100)} %`,
      at: [part.x + x0 * part.width, part.y + y0 * part.height, (x1 - x0) * part.width, (y1 - y0) * part.height],
    }));
    context.lineWidth = 2.5;
    for (const box of all) {
      context.strokeStyle = box.colour;
      context.strokeRect(...box.at);
    }
    for (const box of all) {
      const [width, height] = [context.measureText(box.text).width + 12, 20];
      const x = Math.max(0, box.at[0] - 1.25);
      const y = Math.max(0, box.at[1] - height);
      context.fillStyle = box.colour;
      context.fillRect(x, y, width, height);
      context.fillStyle = '#101416';
      context.fillText(box.text, x + 6, y + height / 2 + 1);
    }
  }

  #pose(context, part) {
    const points = this.#found.points.map((point) => ({ ...point, x: part.x + point.x * part.width, y: part.y + point.y * part.height }));
    const thickness = Math.max(2, part.height / 110);
    context.lineWidth = thickness;
    context.lineCap = 'round';
    for (const [a, b] of kLimbs) {
      if (!points[a].sure || !points[b].sure) continue;
      context.strokeStyle = css(colour(Math.max(a, b)));
      context.beginPath();
      context.moveTo(points[a].x, points[a].y);
      context.lineTo(points[b].x, points[b].y);
      context.stroke();
    }
    context.fillStyle = '#fff';
    for (const { x, y, sure } of points) {
      if (!sure) continue;
      context.beginPath();
      context.arc(x, y, thickness, 0, 2 * Math.PI);
      context.fill();
    }
  }
}

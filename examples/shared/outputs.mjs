// What a model's outputs say about a picture, by their shapes, as the verbs classify, detect, segment and pose read them.

const f32 = Math.fround;
const kThreshold = { boxes: 0.5, pose: 0.2 }; // least scores that are shown, those of the command
const kTop = 5;

/** Reals of an output's codes or numbers, in float32. */
function reals({ data, dtype }, { name, scale, zeroPoint }) {
  if (!/^(float(32|64)|u?int(8|16|32|64)|bool)$/.test(dtype)) throw new Error(`output '${name}' is ${dtype}, which is not shown`);
  return Float32Array.from(data, scale ? (code) => f32(scale * (Number(code) - zeroPoint)) : Number);
}

/** A number as an index: what is none and what is below zero is 0. */
const toIndex = (value) => (value > 0 ? Math.floor(Math.min(value, 65535)) : 0);

/** Probabilities stay as they are; floats that are none go through softmax. */
function probabilities(scores, { dtype, scale }) {
  if (scores.every((x) => x >= 0 && x <= 1.001) || (!scale && dtype !== 'float32')) return scores;
  const most = scores.reduce((a, b) => Math.max(a, b));
  const powers = scores.map((x) => Math.exp(x - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}

/** Every class and its score, the best first; what is no number comes last. */
export function classes(output, info) {
  const scores = probabilities(reals(output, info), info);
  const key = (i) => (Number.isNaN(scores[i]) ? -Infinity : scores[i]);
  const order = Array.from(scores.keys()).sort((a, b) => key(b) - key(a) || a - b);
  return order.map((index) => ({ index, score: scores[index] }));
}

/** Boxes of a detector that ends in TFLite_Detection_PostProcess, as shares of what the model was fed. */
function boxes(outputs, infos) {
  const [corners, numbers, scores, count] = outputs.map((output, i) => reals(output, infos[i]));
  const found = Array.from({ length: Math.max(0, Math.min(scores.length, count[0] || 0)) }, (_, i) => {
    const [y0, x0, y1, x1] = corners.subarray(4 * i, 4 * i + 4);
    return { index: toIndex(numbers[i]), score: scores[i], x0, y0, x1, y1 };
  });
  return found.filter(({ score }) => score >= kThreshold.boxes);
}

/** The class of every cell: the output itself, or the channel that is largest. */
function map({ data, shape: [, height, width, channels = 1] }) {
  const cells = new Uint16Array(height * width);
  for (let cell = 0, at = 0; cell < cells.length; ++cell, at += channels) {
    if (channels === 1) {
      cells[cell] = toIndex(Number(data[at]));
      continue;
    }
    let most = 0;
    for (let c = 1; c < channels; ++c) if (data[at + c] > data[at + most]) most = c;
    cells[cell] = most;
  }
  return { width, height, cells };
}

/** The key points of COCO, in the order of MoveNet's output, and the limbs between them. */
const kPoints = [
  'nose', 'left eye', 'right eye', 'left ear', 'right ear', 'left shoulder', 'right shoulder', 'left elbow', 'right elbow',
  'left wrist', 'right wrist', 'left hip', 'right hip', 'left knee', 'right knee', 'left ankle', 'right ankle',
];
export const kLimbs = [
  [0, 1], [0, 2], [1, 3], [2, 4], [5, 6], [5, 7], [7, 9], [6, 8],
  [8, 10], [5, 11], [6, 12], [11, 12], [11, 13], [13, 15], [12, 14], [14, 16],
];

/** Key points as shares of what the model was fed; `sure` says which to show. */
function points(output, info) {
  const values = reals(output, info);
  return kPoints.map((name, i) => {
    const [y, x, score] = values.subarray(3 * i, 3 * i + 3);
    return { name, x, y, score, sure: score >= kThreshold.pose };
  });
}

const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);

function isBoxes(infos) {
  const [corners, numbers, scores] = infos.map(({ shape }) => shape);
  return infos.length === 4 && corners.length === 3 && corners[0] === 1 && corners[2] === 4 && same(numbers, [1, corners[1]]) &&
    same(scores, numbers);
}

/** A list of scores: nothing but the last dimension counts. */
const isScores = ({ shape }) => shape.length > 0 && shape.at(-1) > 0 && shape.reduce((a, b) => a * b, 1) === shape.at(-1);

/** Scores [1,H,W,C] of each cell, or the classes themselves, [1,H,W] or [1,H,W,1], which are integers. */
function isMap({ dtype, shape, scale }) {
  const [count, height, width, channels = 1] = shape;
  const areClasses = /^u?int/.test(dtype) && !scale;
  return [3, 4].includes(shape.length) && count === 1 && height * width * channels > 0 && (channels > 1 || areClasses);
}

/**
 * What the outputs say, by their shapes.
 * @param {import('tulle').Output[]} outputs in the model's order
 * @param {import('tulle').TensorInfo[]} infos the same
 * @returns {{kind: 'boxes' | 'pose' | 'classes' | 'map', boxes?: object[], points?: object[], top?: object[], map?: object}}
 */
export function interpret(outputs, infos) {
  const [output] = outputs;
  const [info] = infos;
  if (isBoxes(infos)) return { kind: 'boxes', boxes: boxes(outputs, infos) };
  if (info && same(info.shape, [1, 1, kPoints.length, 3])) return { kind: 'pose', points: points(output, info) };
  if (infos.length === 1 && isScores(info)) return { kind: 'classes', top: classes(output, info).slice(0, kTop) };
  if (info && isMap(info)) return { kind: 'map', map: map(output) };
  const shapes = infos.map(({ dtype, shape }) => `${dtype} [${shape}]`).join(', ') || 'none';
  throw new Error(`the model's outputs are ${shapes}: neither scores of classes, boxes, key points nor a map of classes`);
}

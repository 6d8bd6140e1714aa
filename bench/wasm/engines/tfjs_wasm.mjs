// TensorFlow.js on its WebAssembly backend. It reads no .tflite files: a MobileNetV2 with random weights is made in its
// own layers, with batch normalisation folded away as converters do.
import {tfjs, use} from './tfjs.mjs';

let tf;

export async function load(host) {
  tf = await tfjs(host, ['tfjs-core', 'tfjs-backend-cpu', 'tfjs-layers', 'tfjs-backend-wasm']);
  tf.wasm.setWasmPaths(host.package('@tensorflow/tfjs-backend-wasm/dist/'));
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await use(tf, 'wasm');
}

// Expansion, channels, repetitions, stride of the seventeen blocks.
const BLOCKS = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

const relu6 = x => tf.layers.reLU({maxValue: 6}).apply(x);
const point = (x, filters) => tf.layers.conv2d({filters, kernelSize: 1, padding: 'same'}).apply(x);

function block(x, expansion, filters, strides) {
  const before = x, channels = x.shape[3];
  if (expansion > 1) x = relu6(point(x, channels * expansion));
  x = relu6(tf.layers.depthwiseConv2d({kernelSize: 3, strides, padding: 'same'}).apply(x));
  x = point(x, filters);
  return strides === 1 && channels === filters ? tf.layers.add().apply([before, x]) : x;
}

function mobilenet_v2(shape, classes) {
  const input = tf.input({shape: shape.slice(1)});
  let x = relu6(tf.layers.conv2d({filters: 32, kernelSize: 3, strides: 2, padding: 'same'}).apply(input));
  for (const [expansion, filters, count, strides] of BLOCKS) {
    for (let i = 0; i < count; ++i) x = block(x, expansion, filters, i ? 1 : strides);
  }
  x = tf.layers.globalAveragePooling2d({}).apply(relu6(point(x, 1280)));
  return tf.model({inputs: input, outputs: tf.layers.dense({units: classes, activation: 'softmax'}).apply(x)});
}

export async function open(host, bytes, input) {
  const model = mobilenet_v2(input.shape, 1001);
  let tensor;
  return {
    set(values) {
      tensor?.dispose();
      tensor = tf.tensor(values, input.shape, 'float32');
    },
    async run() {
      const answer = model.predict(tensor);
      const values = await answer.data();
      answer.dispose();
      return values;
    },
  };
}

// TensorFlow Lite's web build behind TensorFlow.js.
import {tfjs, use} from './tfjs.mjs';

let tf;

export async function load(host) {
  tf = await tfjs(host, ['tfjs-core', 'tfjs-backend-cpu', 'tfjs-tflite']);
  tf.setWasmPath(host.package('@tensorflow/tfjs-tflite/wasm/'));
  await use(tf, 'cpu');
}

export async function open(host, bytes, input) {
  const model = await tf.loadTFLiteModel(bytes.buffer, {numThreads: 1});
  let tensor;
  return {
    set(values) {
      tensor?.dispose();
      // TensorFlow.js knows no bytes: its tensors of integers are of int32.
      const whole = input.dtype !== 'float32';
      tensor = tf.tensor(whole ? Int32Array.from(values) : values, input.shape, whole ? 'int32' : 'float32');
    },
    async run() {
      const answer = model.predict(tensor);
      const values = await answer.data();
      answer.dispose();
      return values;
    },
  };
}

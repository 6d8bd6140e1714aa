// What is measured and what is asked for. Nothing here runs anything.
//
// file     shared: a trained network of ../shared/models (TULLE_SHARED); made: what bench/models/make.py leaves in the
//          cache. The ONNX file of the same name always comes from the cache.
// picture  of ../shared/images, the first of the inputs; the second is noise
// pose     answers are key points: y, x, score. Noise has none, and scores are a few coarse steps, so what is compared
//          is where they are in the picture
// layers   the engine that makes its own network of this size stands beside this model
// cold     whether first answers are measured
export const MODELS = [
  {name: 'tf2_mobilenet_v2_1.0_224_ptq.float32', title: 'MobileNetV2 float32', file: 'made',
    picture: 'grace_hopper.bmp', layers: true, cold: true},
  {name: 'tf2_mobilenet_v2_1.0_224_ptq', title: 'MobileNetV2 int8', file: 'shared',
    picture: 'grace_hopper.bmp', cold: true},
  {name: 'movenet_single_pose_lightning_ptq', title: 'MoveNet int8', file: 'shared',
    picture: 'squat.bmp', pose: true},
  {name: 'mobilenet_v2_1.0_224_quant', title: 'MobileNetV2 uint8', file: 'shared', picture: 'grace_hopper.bmp'},
  {name: 'resnet50.float32', title: 'ResNet50 float32', file: 'made', picture: 'grace_hopper.bmp'},
  {name: 'resnet50.int8', title: 'ResNet50 int8', file: 'made', picture: 'grace_hopper.bmp'},
];

// In the order of the tables. model: the kind of file an engine reads; threads: how it is kept to one.
export const ENGINES = {
  tulle_relaxed: {title: 'Tulle relaxed', own: true, model: 'tflite', threads: 'the module has none'},
  tulle_simd128: {title: 'Tulle simd128', own: true, model: 'tflite', threads: 'the module has none'},
  litert: {title: 'LiteRT.js', package: '@litertjs/core', model: 'tflite',
    threads: '`loadLiteRt(…, {threads: false})`'},
  // In Node it asks for its page's location.
  tfjs_tflite: {title: 'tfjs-tflite', package: '@tensorflow/tfjs-tflite', model: 'tflite', only: 'chromium',
    threads: '`loadTFLiteModel(…, {numThreads: 1})`'},
  tfjs_wasm: {title: 'tfjs-backend-wasm', package: '@tensorflow/tfjs-backend-wasm', model: 'layers',
    threads: 'flag `WASM_HAS_MULTITHREAD_SUPPORT` false'},
  onnxruntime: {title: 'ONNX Runtime Web', package: 'onnxruntime-web', model: 'onnx',
    threads: '`env.wasm.numThreads = 1`'},
  native: {title: 'Tulle native, sse4', own: true, model: 'tflite', only: 'node', threads: '`--threads 1`'},
};

export const HOSTS = {chromium: 'Chromium', node: 'Node'};

// speed   the best peer's time over ours, round by round; own: a build, or the one that the host would be given
// native  the time of native code with vectors of 128 bits over that of the plain module in Node
// start   our process from its start to its end with one answer, over the peer's
// size    bytes of gzip -9; model: of the module that the command makes for it, without weights
const FLOAT = MODELS[0].name, INT8 = MODELS[1].name;
export const BARS = [
  {kind: 'speed', model: FLOAT, host: 'chromium', own: 'usual', least: 1.0, aim: 1.3},
  {kind: 'speed', model: FLOAT, host: 'node', own: 'usual', least: 1.0, aim: 1.3},
  {kind: 'speed', model: INT8, host: 'chromium', own: 'tulle_relaxed', least: 1.0, aim: 1.6},
  {kind: 'speed', model: INT8, host: 'node', own: 'tulle_simd128', least: 1.3, aim: 1.8},
  {kind: 'native', model: FLOAT, host: 'node', own: 'tulle_simd128', least: 0.8, aim: 0.9},
  {kind: 'native', model: INT8, host: 'node', own: 'tulle_simd128', least: 0.8, aim: 0.9},
  {kind: 'start', model: INT8, host: 'node', own: 'usual', peer: 'litert', most: 0.4, aim: 0.2},
  {kind: 'size', file: 'tulle.wasm', most: 700_000, aim: 350_000},
  {kind: 'size', file: 'tulle.relaxed.wasm', most: 700_000, aim: 350_000},
  {kind: 'size', model: FLOAT, most: 150_000, aim: 80_000},
  {kind: 'size', model: INT8, most: 150_000, aim: 80_000},
];

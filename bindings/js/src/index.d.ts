/// <reference lib="esnext.disposable" />
/** The engine's builds: for engines with WebAssembly's vectors, and for those with relaxed ones, which is faster. */
export type Build = 'simd128' | 'relaxed';

/** Element types, by the engine's names. */
export type DType =
  | 'float32' | 'float16' | 'float64' | 'bfloat16' | 'float8_e4m3fn' | 'float8_e5m2'
  | 'int8' | 'int16' | 'int32' | 'int64' | 'int4' | 'int2'
  | 'uint8' | 'uint16' | 'uint32' | 'uint64' | 'uint4'
  | 'bool' | 'string' | 'complex64' | 'complex128' | 'resource' | 'variant';

/** Numbers of a tensor in row-major order. Types without an array of their own come as their bits. */
export type NumberData =
  | Float32Array | Float64Array
  | Int8Array | Int16Array | Int32Array | BigInt64Array
  | Uint8Array | Uint16Array | Uint32Array | BigUint64Array;
export type TensorData = NumberData | string[];

/** An input or output as it is at the moment. */
export interface TensorInfo {
  name: string;
  dtype: DType;
  /** Outermost dimension first; empty for a scalar. */
  shape: number[];
  /** real = scale * (integer - zeroPoint); 0 where not quantised as a whole. */
  scale: number;
  zeroPoint: number;
}

export interface SignatureInfo {
  key: string;
  inputs: TensorInfo[];
  outputs: TensorInfo[];
}

/** Data of an input. Without a shape, the shape that the input has. */
export type Input = TensorData | { data: TensorData; shape?: ArrayLike<number> };
export type Inputs = Record<string, Input>;

export interface Output {
  data: TensorData;
  dtype: DType;
  shape: number[];
}
export type Outputs = Record<string, Output>;

export type Source = ArrayBuffer | SharedArrayBuffer | ArrayBufferView | URL | string;

export interface LoadOptions {
  /** Default: relaxed where this machine runs it. */
  build?: Build;
  /** Most bytes of activations, scratch and packed weights of a signature. Default: what WebAssembly allows, 4 GiB. */
  memoryLimit?: number;
  /** The engine to use instead of the package's own: a compiled module, or where it is. */
  module?: WebAssembly.Module | URL | string;
}

export interface PoolOptions extends LoadOptions {
  /** How many workers, 1 to 1024. Default: one for each processor. */
  workers?: number;
}

export interface SignatureOptions {
  /** Which signature. Default: the main graph. */
  signature?: string;
}

export interface RunOptions extends SignatureOptions {
  /** Names of the outputs to copy out. Default: all. */
  outputs?: string[];
}

export interface ProfiledRunOptions extends RunOptions {
  /** Takes the time of each node, for `profile`. */
  profile?: boolean;
}

export interface NodeTime {
  op: string;
  graph: number;
  node: number;
  ms: number;
}

/** Bytes. */
export interface Memory {
  /** The WebAssembly memory, which holds all the rest. */
  wasm: number;
  /** The model's file. */
  model: number;
  /** Activations and scratch of the signatures used so far. */
  arena: number;
  /** Weights packed and constants computed ahead of time. */
  packed: number;
  /** Resource variables. */
  variables: number;
}

export type ErrorCode =
  | 'INVALID_FILE' | 'UNSUPPORTED' | 'INVALID_ARGUMENT' | 'NOT_FOUND' | 'OUT_OF_MEMORY'
  | 'CANCELLED' | 'DEADLINE' | 'RUNTIME' | 'IO' | 'TRAP' | 'DISPOSED';

/** All that this package throws. */
export class TulleError extends Error {
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown });
  readonly code: ErrorCode;
}

/** A model in an instance of the engine of its own. After a trap or `dispose` every call throws 'DISPOSED'. */
export class Tulle {
  private constructor();

  /**
   * Loads a model: bytes, a URL, or in Node a path, too. The bytes are copied into the engine's memory, once.
   * @throws {TulleError} INVALID_FILE, UNSUPPORTED (an operator, or the build does not run here), NOT_FOUND, IO,
   *   OUT_OF_MEMORY, INVALID_ARGUMENT
   */
  static load(source: Source, options?: LoadOptions): Promise<Tulle>;
  /** Loads a model into workers. */
  static pool(source: Source, options?: PoolOptions): Promise<TullePool>;

  /** Which build runs; 'custom' for a module of the caller that `build` does not name. */
  readonly build: Build | 'custom';
  readonly disposed: boolean;
  /** Inputs and outputs of the main graph. */
  readonly inputs: TensorInfo[];
  readonly outputs: TensorInfo[];
  readonly signatures: SignatureInfo[];
  readonly memory: Memory;

  /**
   * One inference. Every input is given; one of another shape resizes the model. The outputs are copies.
   * @throws {TulleError} INVALID_ARGUMENT (an input's name, type, length or shape), NOT_FOUND (the signature),
   *   OUT_OF_MEMORY, RUNTIME (values that an operator can't take), TRAP, DISPOSED
   */
  run(inputs: Inputs, options?: ProfiledRunOptions): Promise<Outputs>;
  /** The same at once, as it suits a worker. */
  runSync(inputs: Inputs, options?: ProfiledRunOptions): Outputs;
  /** Gives inputs other shapes: all of them or, where the model can't take them, none. */
  resize(shapes: Record<string, ArrayLike<number>>, options?: SignatureOptions): void;
  /** Times of the last run with `profile: true`, in order of execution; empty before one. */
  profile(options?: SignatureOptions): NodeTime[];
  /**
   * An input or output in the engine's memory, without a copy; valid until shapes change or the engine's memory grows,
   * as the first use of a signature and `signatures` may make it. Given to `run` as its input's data, nothing is copied.
   */
  view(name: string, options?: SignatureOptions): NumberData;
  /** Zeroes the model's variables. */
  reset(options?: SignatureOptions): void;
  /** The bytes of a metadata entry; null where there is none of this name. */
  metadata(name: string): Uint8Array | null;

  /** Lets all of the model's memory go. Twice is as good as once. */
  dispose(): void;
  [Symbol.dispose](): void;
}

/** Workers that each hold the model. */
export class TullePool {
  private constructor();

  readonly build: Build | 'custom';
  readonly workers: number;
  readonly disposed: boolean;
  readonly inputs: TensorInfo[];
  readonly outputs: TensorInfo[];
  readonly signatures: SignatureInfo[];

  /** One inference by the next free worker. A worker that fails is this run's error; another takes its place. */
  run(inputs: Inputs, options?: RunOptions): Promise<Outputs>;
  /** Ends the workers; runs that are not done fail with 'DISPOSED'. */
  dispose(): void;
  [Symbol.dispose](): void;
}

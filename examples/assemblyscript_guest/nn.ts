// wasi-nn as guests in AssemblyScript know it: the numbers of types are those before August 2023.
@external("wasi_ephemeral_nn", "load")
declare function nn_load(parts: usize, count: u32, encoding: u32, target: u32, graph: usize): i32;
@external("wasi_ephemeral_nn", "init_execution_context")
declare function nn_init_execution_context(graph: u32, context: usize): i32;
@external("wasi_ephemeral_nn", "set_input")
declare function nn_set_input(context: u32, index: u32, tensor: usize): i32;
@external("wasi_ephemeral_nn", "compute")
declare function nn_compute(context: u32): i32;
@external("wasi_ephemeral_nn", "get_output")
declare function nn_get_output(context: u32, index: u32, buffer: usize, size: u32, written: usize): i32;

const TENSORFLOW_LITE: u32 = 4, CPU: u32 = 0;

export enum TensorType { F16 = 0, F32 = 1, U8 = 2, I32 = 3 }

/** Ends the program. Nothing can be caught, and what is thrown ends it with 255, which is a trap to some hosts. */
export function fail(why: string): void {
  process.stderr.write("assemblyscript_guest: " + why + "\n");
  process.exit(3);
}

function check(error: i32, what: string): void {
  if (error != 0) fail(what + ": error " + error.toString());
}

/** A model of these bytes, and one user of it: its context. */
export function open(model: u8[]): u32 {
  const part: StaticArray<usize> = [model.dataStart, model.length], handle: StaticArray<u32> = [0];
  check(nn_load(changetype<usize>(part), 1, TENSORFLOW_LITE, CPU, changetype<usize>(handle)), "load");
  check(nn_init_execution_context(handle[0], changetype<usize>(handle)), "init_execution_context");
  return handle[0];
}

export function setInput(context: u32, index: u32, type: TensorType, shape: u32[], data: u8[]): void {
  // Of the type the host looks at one byte, and the lowest comes first.
  const tensor: StaticArray<usize> = [shape.dataStart, shape.length, type, data.dataStart, data.length];
  check(nn_set_input(context, index, changetype<usize>(tensor)), "set_input");
}

export function compute(context: u32): void {
  check(nn_compute(context), "compute");
}

/** The output's bytes, which are no more than that. */
export function getOutput(context: u32, index: u32, most: i32): StaticArray<u8> {
  const bytes = new StaticArray<u8>(most), written: StaticArray<u32> = [0];
  check(nn_get_output(context, index, changetype<usize>(bytes), most, changetype<usize>(written)), "get_output");
  return bytes.slice<StaticArray<u8>>(0, written[0]);
}

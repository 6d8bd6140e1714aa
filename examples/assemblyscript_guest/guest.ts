// assemblyscript_guest.wasm MODEL TYPE SHAPE [FILE]: feeds the model in a file the bytes of another, or zeros, and prints
// the five largest elements of its output, a line each: position and value. TYPE, of input and output, is f32, u8 or i8;
// SHAPE, the input's, is as 1x8x8x1. Files lie in the first folder that the host grants, and go by their names there.
import { FileSystem } from "as-wasi/assembly";
import { compute, fail, getOutput, open, setInput, TensorType } from "./nn";

const TOP = 5, LARGEST_OUTPUT = 1 << 20;

function read(path: string): u8[] {
  const file = FileSystem.open(path);
  const bytes = file ? file.readAll() : null;
  if (!bytes) fail(path + " can't be read");
  return bytes!;
}

function main(model: string, type: string, shape: u32[], file: string): void {
  const real = type == "f32", width = real ? 4 : 1;
  let size: i32 = width;
  for (let i = 0; i < shape.length; ++i) size *= shape[i];
  const input = file.length > 0 ? read(file) : new Array<u8>(size);

  const context = open(read(model));
  // wasi-nn has no number for int8, which travels as bytes.
  setInput(context, 0, real ? TensorType.F32 : TensorType.U8, shape, input);
  compute(context);
  const output = getOutput(context, 0, LARGEST_OUTPUT);

  const values = new Array<f32>(output.length / width);
  for (let i = 0; i < values.length; ++i) {
    const at = changetype<usize>(output) + i * width;
    values[i] = real ? load<f32>(at) : type == "i8" ? <f32>load<i8>(at) : <f32>load<u8>(at);
  }
  for (let rank = 0; rank < min(TOP, values.length); ++rank) {
    let best = 0;
    for (let i = 1; i < values.length; ++i) if (values[i] > values[best]) best = i;
    process.stdout.write(best.toString() + " " + values[best].toString() + "\n");
    values[best] = -Infinity;
  }
}

const words = process.argv;
if (words.length < 4 || words.length > 5 || !["f32", "u8", "i8"].includes(words[2])) {
  process.stderr.write("usage: assemblyscript_guest MODEL f32|u8|i8 SHAPE [FILE]\n");
  process.exit(2);
}
const shape = words[3].split("x").map<u32>((dim) => <u32>parseInt(dim));
main(words[1], words[2], shape, words.length > 4 ? words[4] : "");

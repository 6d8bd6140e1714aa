//! rust_guest.wasm MODEL TYPE SHAPE [FILE]: feeds a model of the host the bytes of a file, or zeros, and prints the five
//! largest elements of its output, a line each: position and value. TYPE, of input and output, is f32, u8 or i8; SHAPE,
//! the input's, is as 1x8x8x1.
use std::{env, error::Error, fs, process::exit};
use wasi_nn::{ExecutionTarget, GraphBuilder, GraphEncoding, TensorType};

const TOP: usize = 5;
/// Bytes; wasi-nn of this version does not tell how large an output is.
const LARGEST_OUTPUT: usize = 1 << 20;

fn run(model: &str, kind: &str, shape: &str, file: Option<&str>) -> Result<(), Box<dyn Error>> {
    let shape = shape.split('x').map(str::parse).collect::<Result<Vec<usize>, _>>()?;
    // wasi-nn has no number for int8, which travels as bytes.
    let tensor_type = if kind == "f32" { TensorType::F32 } else { TensorType::U8 };
    let input = match file {
        Some(path) => fs::read(path)?,
        None => vec![0; shape.iter().product::<usize>() * tensor_type.byte_size()],
    };

    let graph = GraphBuilder::new(GraphEncoding::TensorflowLite, ExecutionTarget::CPU).build_from_cache(model)?;
    let mut context = graph.init_execution_context()?;
    context.set_input(0, tensor_type, &shape, &input)?;
    context.compute()?;
    let mut output = vec![0; LARGEST_OUTPUT];
    let size = context.get_output(0, &mut output)?;
    output.truncate(size);

    let values: Vec<f32> = match kind {
        "f32" => output.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect(),
        "i8" => output.iter().map(|&byte| f32::from(byte as i8)).collect(),
        _ => output.iter().map(|&byte| f32::from(byte)).collect(),
    };
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[b].total_cmp(&values[a]));
    for index in order.into_iter().take(TOP) {
        println!("{index} {}", values[index]);
    }
    Ok(())
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        [model, kind @ ("f32" | "u8" | "i8"), shape] => run(model, kind, shape, None),
        [model, kind @ ("f32" | "u8" | "i8"), shape, file] => run(model, kind, shape, Some(file)),
        _ => {
            eprintln!("usage: rust_guest MODEL f32|u8|i8 SHAPE [FILE]");
            exit(2);
        }
    };
    if let Err(error) = result {
        eprintln!("rust_guest: {error}");
        exit(3);
    }
}

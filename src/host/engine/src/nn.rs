//! wasi:nn for components: typed resources over the host's own core, behind a table of its functions.

use crate::{
    component::State,
    ffi::{Bytes, Sink, items},
    limits::{Limit, Over},
};
use std::ffi::c_void;
use wasmtime::{
    Result,
    component::{Resource, bindgen},
};

bindgen!({
    path: "wit",
    world: "ml",
    imports: { default: trappable },
    with: {
        "wasi:nn/tensor.tensor": Tensor,
        "wasi:nn/graph.graph": Graph,
        "wasi:nn/inference.graph-execution-context": Context,
        "wasi:nn/errors.error": Error,
    },
});

pub use wasi::nn::{
    errors::ErrorCode,
    graph::{ExecutionTarget, GraphEncoding},
    inference::NamedTensor,
    tensor::TensorType,
};

/// A tensor as it passes between the core and here.
#[repr(C)]
pub struct TensorView {
    dims: *const u32,
    dim_count: usize,
    kind: u32,
    data: Bytes,
}

/// What takes an output: its name and tensor.
type TakeOutput = extern "C" fn(*mut c_void, Bytes, &TensorView);

/// The core's functions, on a run's own state. They answer 0 or an error number; `over` is set where the guest has to
/// end.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Calls {
    load: extern "C" fn(*mut c_void, Bytes, u32, u32, &mut u32, &mut bool) -> i32,
    load_by_name: extern "C" fn(*mut c_void, Bytes, &mut u32, &mut bool) -> i32,
    unload: extern "C" fn(*mut c_void, u32),
    init: extern "C" fn(*mut c_void, u32, &mut u32, &mut bool) -> i32,
    finalize: extern "C" fn(*mut c_void, u32),
    set_input: extern "C" fn(*mut c_void, u32, Bytes, &TensorView) -> i32,
    compute: extern "C" fn(*mut c_void, u32) -> i32,
    outputs: extern "C" fn(*mut c_void, u32, *mut c_void, TakeOutput) -> i32,
    last_error: extern "C" fn(*mut c_void, Sink),
}

pub struct Tensor {
    dims: Vec<u32>,
    kind: TensorType,
    data: Vec<u8>,
}

impl Tensor {
    /// What the host holds for it.
    fn bytes(&self) -> u64 {
        (self.data.len() + size_of_val(&self.dims[..])) as u64
    }
}

pub struct Graph(u32);
pub struct Context(u32);

pub struct Error {
    code: ErrorCode,
    words: String,
}

fn code_of(number: i32) -> ErrorCode {
    match number {
        1 => ErrorCode::InvalidArgument,
        2 => ErrorCode::InvalidEncoding,
        5 => ErrorCode::RuntimeError,
        6 => ErrorCode::UnsupportedOperation,
        7 => ErrorCode::TooLarge,
        8 => ErrorCode::NotFound,
        _ => ErrorCode::Unknown,
    }
}

impl State {
    /// The error resource of a core function's answer; ends the guest where it has to.
    fn failed(&mut self, number: i32, over: bool) -> Result<Resource<Error>> {
        if over {
            return Err(Over(Limit::Handles, "too many graphs or contexts".into()).into());
        }
        let mut words = String::new();
        extern "C" fn take(user: *mut c_void, bytes: Bytes) {
            // The string above, which nobody else uses meanwhile.
            let words = unsafe { &mut *user.cast::<String>() };
            *words = unsafe { bytes.text() };
        }
        (self.calls.last_error)(self.nn, Sink { user: (&raw mut words).cast(), take });
        // A model that a guest made has as many words in its errors as the guest likes.
        self.usage.tensors.take(words.len() as u64)?;
        Ok(self.table.push(Error { code: code_of(number), words })?)
    }

    fn keep_tensor(&mut self, tensor: Tensor) -> Result<Resource<Tensor>> {
        self.usage.tensors.take(tensor.bytes())?;
        Ok(self.table.push(tensor)?)
    }

    fn take_tensor(&mut self, tensor: Resource<Tensor>) -> Result<Tensor> {
        let tensor = self.table.delete(tensor)?;
        self.usage.tensors.give_back(tensor.bytes());
        Ok(tensor)
    }
}

impl wasi::nn::tensor::Host for State {}

impl wasi::nn::tensor::HostTensor for State {
    fn new(&mut self, dims: Vec<u32>, kind: TensorType, data: Vec<u8>) -> Result<Resource<Tensor>> {
        self.keep_tensor(Tensor { dims, kind, data })
    }

    fn dimensions(&mut self, tensor: Resource<Tensor>) -> Result<Vec<u32>> {
        Ok(self.table.get(&tensor)?.dims.clone())
    }

    fn ty(&mut self, tensor: Resource<Tensor>) -> Result<TensorType> {
        Ok(self.table.get(&tensor)?.kind)
    }

    fn data(&mut self, tensor: Resource<Tensor>) -> Result<Vec<u8>> {
        Ok(self.table.get(&tensor)?.data.clone())
    }

    fn drop(&mut self, tensor: Resource<Tensor>) -> Result<()> {
        self.take_tensor(tensor).map(drop)
    }
}

impl wasi::nn::errors::Host for State {}

impl wasi::nn::errors::HostError for State {
    fn code(&mut self, error: Resource<Error>) -> Result<ErrorCode> {
        Ok(self.table.get(&error)?.code)
    }

    fn data(&mut self, error: Resource<Error>) -> Result<String> {
        Ok(self.table.get(&error)?.words.clone())
    }

    fn drop(&mut self, error: Resource<Error>) -> Result<()> {
        let error = self.table.delete(error)?;
        self.usage.tensors.give_back(error.words.len() as u64);
        Ok(())
    }
}

impl wasi::nn::graph::Host for State {
    fn load(
        &mut self,
        builders: Vec<Vec<u8>>,
        encoding: GraphEncoding,
        target: ExecutionTarget,
    ) -> Result<Result<Resource<Graph>, Resource<Error>>> {
        let (mut graph, mut over) = (0, false);
        // A list that is not of one part is no model, which the core says of no bytes.
        let bytes = if let [model] = &builders[..] { Bytes::of(model) } else { Bytes::of(&[]) };
        let answer = (self.calls.load)(self.nn, bytes, encoding as u32, target as u32, &mut graph, &mut over);
        Ok(if answer == 0 { Ok(self.table.push(Graph(graph))?) } else { Err(self.failed(answer, over)?) })
    }

    fn load_by_name(&mut self, name: String) -> Result<Result<Resource<Graph>, Resource<Error>>> {
        let (mut graph, mut over) = (0, false);
        let answer = (self.calls.load_by_name)(self.nn, Bytes::of(name.as_bytes()), &mut graph, &mut over);
        Ok(if answer == 0 { Ok(self.table.push(Graph(graph))?) } else { Err(self.failed(answer, over)?) })
    }
}

impl wasi::nn::graph::HostGraph for State {
    fn init_execution_context(&mut self, graph: Resource<Graph>) -> Result<Result<Resource<Context>, Resource<Error>>> {
        let graph = self.table.get(&graph)?.0;
        let (mut context, mut over) = (0, false);
        let answer = (self.calls.init)(self.nn, graph, &mut context, &mut over);
        Ok(if answer == 0 { Ok(self.table.push(Context(context))?) } else { Err(self.failed(answer, over)?) })
    }

    fn drop(&mut self, graph: Resource<Graph>) -> Result<()> {
        let graph = self.table.delete(graph)?;
        (self.calls.unload)(self.nn, graph.0);
        Ok(())
    }
}

impl wasi::nn::inference::Host for State {}

impl wasi::nn::inference::HostGraphExecutionContext for State {
    fn compute(
        &mut self,
        context: Resource<Context>,
        inputs: Vec<NamedTensor>,
    ) -> Result<Result<Vec<NamedTensor>, Resource<Error>>> {
        let context = self.table.get(&context)?.0;
        let mut answer = 0;
        for (name, tensor) in inputs {
            // Inputs belong to the call, which drops every one of them.
            let tensor = self.take_tensor(tensor)?;
            if answer == 0 {
                let view = TensorView {
                    dims: tensor.dims.as_ptr(),
                    dim_count: tensor.dims.len(),
                    kind: tensor.kind as u32,
                    data: Bytes::of(&tensor.data),
                };
                answer = (self.calls.set_input)(self.nn, context, Bytes::of(name.as_bytes()), &view);
            }
        }
        if answer == 0 {
            answer = (self.calls.compute)(self.nn, context);
        }
        let mut outputs: Vec<(String, Tensor)> = Vec::new();
        if answer == 0 {
            answer = (self.calls.outputs)(self.nn, context, (&raw mut outputs).cast(), take_output);
        }
        if answer != 0 {
            return Ok(Err(self.failed(answer, false)?));
        }
        let keep = |(name, tensor)| Ok((name, self.keep_tensor(tensor)?));
        Ok(Ok(outputs.into_iter().map(keep).collect::<Result<_>>()?))
    }

    fn drop(&mut self, context: Resource<Context>) -> Result<()> {
        let context = self.table.delete(context)?;
        (self.calls.finalize)(self.nn, context.0);
        Ok(())
    }
}

extern "C" fn take_output(user: *mut c_void, name: Bytes, tensor: &TensorView) {
    const KINDS: [TensorType; 7] = [
        TensorType::Fp16,
        TensorType::Fp32,
        TensorType::Fp64,
        TensorType::Bf16,
        TensorType::U8,
        TensorType::I32,
        TensorType::I64,
    ];
    // The list of the call above, which nobody else uses meanwhile.
    let outputs = unsafe { &mut *user.cast::<Vec<(String, Tensor)>>() };
    let dims = unsafe { items(tensor.dims, tensor.dim_count) }.to_vec();
    let kind = KINDS.get(tensor.kind as usize).copied().unwrap_or(TensorType::U8);
    outputs.push((unsafe { name.text() }, Tensor { dims, kind, data: unsafe { tensor.data.view() }.to_vec() }));
}

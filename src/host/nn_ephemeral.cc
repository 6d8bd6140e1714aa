// wasi_ephemeral_nn: the six functions of the specification, six of WasmEdge, names, metadata and last_error.
#include <array>

#include "host/nn_calls.h"

namespace tulle::host {
namespace {

constexpr uint32_t kTensor = 20;
/// In place of a context: the last failure of whatever function.
constexpr uint32_t kAnyContext = UINT32_MAX;

/// A tensor record, and what it points to.
struct Record {
  std::array<uint32_t, kMaxRank> dims;
  NnTensor tensor;
  uint32_t data_at;
};

NnResult<void> read_record(NnCall& call, uint32_t at, Record& record) {
  const auto bytes = bytes_at(call, at, kTensor);
  if (!bytes) return outside("the tensor");
  const uint32_t rank = word_in(*bytes, 4), size = word_in(*bytes, 16);
  const auto dims = bytes_at(call, word_in(*bytes, 0), uint64_t{rank} * kWord);
  if (!dims) return outside("the list of dimensions");
  if (rank > record.dims.size()) return refuse(Errno::kInvalidArgument, "{} dimensions, at most {}", rank, kMaxRank);
  for (uint32_t i = 0; i < rank; ++i) record.dims[i] = word_in(*dims, i * size_t{kWord});
  record.data_at = word_in(*bytes, 12);
  const auto data = bytes_at(call, record.data_at, size);
  if (!data) return outside("the data of the tensor");
  // The type is one byte; guests leave anything in the three behind it.
  record.tensor = {{record.dims.data(), rank}, static_cast<uint8_t>((*bytes)[8]), *data};
  return {};
}

int32_t load(NnCall& call, const uint32_t* a) {
  return answer(call, [&]() -> NnResult<void> {
    const auto model = part_at(call, a[0], a[1]);
    if (!model) return std::unexpected(model.error());
    return give_number(call, a[4], [&] { return call.nn.load(*model, a[2], a[3]); });
  }());
}

int32_t load_named(NnCall& call, uint32_t at, uint32_t size, std::string_view settings, uint32_t out) {
  return answer(call, [&]() -> NnResult<void> {
    const auto name = text_at(call, at, size);
    if (!name) return outside("the name");
    return give_number(call, out, [&] { return call.nn.load_by_name(*name, settings); });
  }());
}
int32_t load_by_name_with_config(NnCall& call, const uint32_t* a) {
  const auto settings = text_at(call, a[2], a[3]);
  if (!settings) return answer(call, outside("the settings"));
  return load_named(call, a[0], a[1], *settings, a[4]);
}

int32_t unload(NnCall& call, const uint32_t* a) { return answer(call, call.nn.unload(a[0])); }

int32_t finalize_execution_context(NnCall& call, const uint32_t* a) {
  return answer(call, call.nn.finalize_context(a[0]));
}

/// Inputs and outputs by position, or by a name, which may lie outside memory.
struct Which {
  uint32_t index;
  bool by_name = false;
  std::optional<std::string_view> name;

  static Which named(const NnCall& call, uint32_t at, uint32_t size) { return {0, true, text_at(call, at, size)}; }

  NnResult<uint32_t> input(const NnContext& context) const { return position(context, &NnContext::find_input); }
  NnResult<uint32_t> output(const NnContext& context) const { return position(context, &NnContext::find_output); }

 private:
  using Find = NnResult<uint32_t> (NnContext::*)(std::string_view) const;
  NnResult<uint32_t> position(const NnContext& context, Find find) const {
    if (!by_name) return index;
    if (!name) return outside("the name");
    return (context.*find)(*name);
  }
};

int32_t set_input(NnCall& call, uint32_t context, const Which& which, uint32_t record_at) {
  return with_attached_context(call, context, [&](NnContext& to) -> NnResult<void> {
    const auto index = which.input(to);
    if (!index) return std::unexpected(index.error());
    Record record;
    if (auto read = read_record(call, record_at, record); !read) return read;
    return to.set_input(*index, record.tensor);
  });
}

int32_t set_output(NnCall& call, uint32_t context, const Which& which, uint32_t record_at) {
  return with_attached_context(call, context, [&](NnContext& to) -> NnResult<void> {
    const auto index = which.output(to);
    if (!index) return std::unexpected(index.error());
    Record record;
    if (auto read = read_record(call, record_at, record); !read) return read;
    if (auto fit = to.check_output(*index, record.tensor); !fit) return fit;
    std::erase_if(to.places, [&](const NnContext::Place& place) { return place.index == *index; });
    to.places.push_back({*index, record.data_at, record.tensor.data.size()});
    return {};
  });
}

int32_t get_output(NnCall& call, uint32_t context, const Which& which, uint32_t at, uint32_t most, uint32_t written) {
  return with_context(call, context, [&](NnContext& from) -> NnResult<void> {
    const auto index = which.output(from);
    if (!index) return std::unexpected(index.error());
    const auto bytes = from.output(*index);
    if (!bytes) return std::unexpected(bytes.error());
    return give(call, *bytes, at, most, written);
  });
}

int32_t set_input_by_index(NnCall& call, const uint32_t* a) { return set_input(call, a[0], {a[1]}, a[2]); }
int32_t set_output_by_index(NnCall& call, const uint32_t* a) { return set_output(call, a[0], {a[1]}, a[2]); }
int32_t get_output_by_index(NnCall& call, const uint32_t* a) {
  return get_output(call, a[0], {a[1]}, a[2], a[3], a[4]);
}

int32_t set_input_by_name(NnCall& call, const uint32_t* a) {
  return set_input(call, a[0], Which::named(call, a[1], a[2]), a[3]);
}
int32_t set_output_by_name(NnCall& call, const uint32_t* a) {
  return set_output(call, a[0], Which::named(call, a[1], a[2]), a[3]);
}
int32_t get_output_by_name(NnCall& call, const uint32_t* a) {
  return get_output(call, a[0], Which::named(call, a[1], a[2]), a[3], a[4], a[5]);
}

/// Outputs go to where the guest wants them, all or none.
NnResult<void> fill_places(NnCall& call, const NnContext& context) {
  for (const NnContext::Place& place : context.places) {
    const auto bytes = context.output(place.index);
    if (!bytes) return std::unexpected(bytes.error());
    if (!bytes_at(call, static_cast<uint32_t>(place.at), place.size)) return outside("the memory of an output");
    if (bytes->size() > place.size)
      return refuse(Errno::kTooLarge, "output {} has {} bytes, the memory for it {}", place.index, bytes->size(),
                    place.size);
  }
  for (const NnContext::Place& place : context.places) {
    const auto bytes = context.output(place.index);
    if (!bytes->empty()) std::memcpy(&call.memory[place.at], bytes->data(), bytes->size());
  }
  return {};
}

int32_t fini_single(NnCall& call, const uint32_t* a) {
  return with_context(call, a[0], [&](NnContext& context) -> NnResult<void> {
    context.reset();
    return {};
  });
}

int32_t last_error(NnCall& call, const uint32_t* a) {
  // A failure to hand the text out is not to replace it.
  std::string text;
  if (a[0] == kAnyContext) {
    text = call.nn.last_error();
  } else {
    const auto context = call.nn.context(a[0]);
    if (!context) return static_cast<int32_t>(Errno::kInvalidArgument);
    const auto use = (*context)->use();
    if (!use) return static_cast<int32_t>(use.error().code);
    text = (*context)->last_error;
  }
  const auto given = give(call, std::as_bytes(std::span(text)), a[1], a[2], a[3]);
  return static_cast<int32_t>(given ? Errno::kSuccess : given.error().code);
}

template <int32_t (NnGraph::*count)() const>
int32_t get_count(NnCall& call, const uint32_t* a) {
  const auto graph = call.nn.graph(a[0]);
  if (!graph) return answer(call, std::unexpected(graph.error()));
  return answer(call, give_number(call, a[1],
                                  [&]() -> NnResult<uint32_t> { return static_cast<uint32_t>(((**graph).*count)()); }));
}

template <std::string (NnGraph::*info)(uint32_t) const>
int32_t get_info(NnCall& call, const uint32_t* a) {
  const auto graph = call.nn.graph(a[0]);
  if (!graph) return answer(call, std::unexpected(graph.error()));
  const std::string text = ((**graph).*info)(a[1]);
  if (text.empty()) return answer(call, refuse(Errno::kInvalidArgument, "there is no number {}", a[1]));
  return answer(call, give(call, std::as_bytes(std::span(text)), a[2], a[3], a[4]));
}

}  // namespace

int32_t load_by_name(NnCall& call, const uint32_t* a) { return load_named(call, a[0], a[1], {}, a[2]); }

int32_t init_execution_context(NnCall& call, const uint32_t* a) {
  return answer(call, give_number(call, a[1], [&] { return call.nn.init_context(a[0]); }));
}

int32_t compute(NnCall& call, const uint32_t* a) {
  return with_attached_context(call, a[0], [&](NnContext& context) -> NnResult<void> {
    if (auto computed = call.nn.compute(context); !computed) return computed;
    return fill_places(call, context);
  });
}

namespace {

constexpr std::string_view kModule = "wasi_ephemeral_nn";
constexpr DoorFunction kFunctions[] = {
    {kModule, "load", 5, load},
    {kModule, "load_by_name", 3, load_by_name},
    {kModule, "load_by_name_with_config", 5, load_by_name_with_config},
    {kModule, "unload", 1, unload},
    {kModule, "init_execution_context", 2, init_execution_context},
    {kModule, "finalize_execution_context", 1, finalize_execution_context},
    {kModule, "set_input", 3, set_input_by_index},
    {kModule, "set_input_by_name", 4, set_input_by_name},
    {kModule, "set_input_by_string", 4, set_input_by_name},
    {kModule, "set_output", 3, set_output_by_index},
    {kModule, "set_output_by_name", 4, set_output_by_name},
    {kModule, "set_output_by_string", 4, set_output_by_name},
    {kModule, "compute", 1, compute},
    {kModule, "get_output", 5, get_output_by_index},
    {kModule, "get_output_by_name", 6, get_output_by_name},
    {kModule, "get_output_by_string", 6, get_output_by_name},
    {kModule, "compute_single", 1, compute},
    {kModule, "get_output_single", 5, get_output_by_index},
    {kModule, "fini_single", 1, fini_single},
    {kModule, "last_error", 4, last_error},
    {kModule, "get_input_count", 2, get_count<&NnGraph::inputs>},
    {kModule, "get_output_count", 2, get_count<&NnGraph::outputs>},
    {kModule, "get_input_info", 5, get_info<&NnGraph::input_info>},
    {kModule, "get_output_info", 5, get_info<&NnGraph::output_info>},
};

}  // namespace

std::span<const DoorFunction> ephemeral_functions() { return kFunctions; }

}  // namespace tulle::host

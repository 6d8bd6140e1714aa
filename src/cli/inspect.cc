// tulle inspect: what a model is, without running it.
#include <set>

#include "cli/html.h"
#include "cli/npy.h"
#include "cli/verb.h"
#include "formats/tflite.h"
#include "graph/macs.h"
#include "graph/text.h"
#include "ops/op.h"

namespace tulle::cli {
namespace {

struct Options : RunOptions {
  std::string html;
  bool json = false, text = false, weights = false;
};

Json port(const std::string& name, const Value& value) {
  Json json{{"name", name}, {"dtype", std::string(tulle::name(value.dtype))}, {"shape", to_json(value.shape)}};
  if (value.signature) json["shape_signature"] = to_json(*value.signature);
  // 0 stands for no quantisation, and for one a channel.
  const Quantization* q = value.quantization.get();
  const bool whole = q != nullptr && q->per_tensor();
  json["scale"] = whole ? q->scale[0] : 0.0f;
  json["zero_point"] = whole && !q->zero_point.empty() ? q->zero_point[0] : 0;
  return json;
}

Json ports(const Graph& graph, std::span<const int32_t> values) {
  Json list = Json::array();
  for (int32_t value : values) list.push_back(port(graph.values[value].name, graph.values[value]));
  return list;
}

Json signatures(const Model& model) {
  Json list = Json::array();
  for (const Signature& signature : model.signatures) {
    const Graph& graph = model.graphs[signature.graph];
    Json json{
        {"key", signature.key}, {"graph", signature.graph}, {"inputs", Json::array()}, {"outputs", Json::array()}};
    for (const auto& entry : signature.inputs) json["inputs"].push_back(port(entry.name, graph.values[entry.value]));
    for (const auto& entry : signature.outputs) json["outputs"].push_back(port(entry.name, graph.values[entry.value]));
    list.push_back(std::move(json));
  }
  return list;
}

/// Bytes of the constants that values refer to, shared ones once.
size_t weights_bytes(const Model& model) {
  std::set<uint32_t> buffers;
  for (const Graph& graph : model.graphs)
    for (const Value& value : graph.values) buffers.insert(value.buffer);
  size_t sum = 0;
  for (uint32_t buffer : buffers) sum += model.buffers[buffer].bytes.size();
  return sum;
}

Result<Json> describe(const Model& model, const RunOptions& options, const std::shared_ptr<const Model>& shared) {
  const Graph& main = model.graphs[0];
  Json ops = Json::object(), missing = Json::array();
  std::map<std::string, int> counts;
  int64_t macs = 0;
  for (const Graph& graph : model.graphs)
    for (const Node& node : graph.nodes) {
      ++counts[std::string(op_name(node))];
      macs += count_macs(graph, node);
    }
  std::vector<std::pair<std::string, int>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [name, count] : sorted) ops[name] = count;

  Json metadata = Json::array();
  for (const auto& entry : model.metadata)
    metadata.push_back({{"name", entry.name}, {"bytes", model.buffers[entry.buffer].bytes.size()}});
  Json json{{"file", options.model},
            {"description", model.description},
            {"inputs", ports(main, main.inputs)},
            {"outputs", ports(main, main.outputs)},
            {"signatures", signatures(model)},
            {"graphs", model.graphs.size()},
            {"ops", ops},
            {"macs", macs},
            {"weights_bytes", weights_bytes(model)}};
  SessionOptions session_options;
  session_options.signature = options.signature;
  const auto session = Session::create(shared, session_options);
  if (session) {
    const MemoryReport memory = (*session)->memory();
    json["arena_bytes"] = memory.arena_bytes;
    json["arena_lower_bound_bytes"] = memory.lower_bound_bytes;
    json["folded_bytes"] = memory.folded_bytes;
    json["runs"] = true;
  } else if (session.error().code == ErrorCode::kNotFound) {
    return in_file(options.model, Result<Json>(std::unexpected(session.error())));
  } else {
    json["arena_bytes"] = nullptr;
    json["arena_lower_bound_bytes"] = nullptr;
    json["runs"] = false;
    json["why_not"] = session.error().message;
  }
  json["metadata"] = std::move(metadata);
  return json;
}

std::string line(const Json& port) {
  std::string text = fmt::format("  {}  {} {}", port["name"].get<std::string>(), port["dtype"].get<std::string>(),
                                 port["shape"].dump());
  if (port.contains("shape_signature")) text += " signature " + port["shape_signature"].dump();
  if (port["scale"].get<float>() != 0)
    text += fmt::format("  scale {} zero point {}", port["scale"].get<float>(), port["zero_point"].get<int64_t>());
  return text + "\n";
}

void show(const Json& json) {
  print_text(json["file"].get<std::string>() + "\n");
  if (!json["description"].get<std::string>().empty()) print_text("  " + json["description"].get<std::string>() + "\n");
  print_text("inputs\n");
  for (const Json& port : json["inputs"]) print_text(line(port));
  print_text("outputs\n");
  for (const Json& port : json["outputs"]) print_text(line(port));
  for (const Json& signature : json["signatures"]) {
    print_text(fmt::format("signature '{}' of graph {}\n", signature["key"].get<std::string>(),
                           signature["graph"].get<int>()));
    for (const Json& port : signature["inputs"]) print_text(line(port));
    print_text("  →\n");
    for (const Json& port : signature["outputs"]) print_text(line(port));
  }
  print_text("operators\n");
  for (const auto& [name, count] : json["ops"].items()) print_text(fmt::format("  {:>5} {}\n", count.get<int>(), name));
  const auto size = [&](const char* key) { return amount(json[key].get<int64_t>(), "B"); };
  print_text(
      fmt::format("{}, {} of weights", amount(json["macs"].get<int64_t>(), "multiply-adds"), size("weights_bytes")));
  if (json["runs"].get<bool>())
    print_text(fmt::format(", {} of activations (no plan needs less than {})\n", size("arena_bytes"),
                           size("arena_lower_bound_bytes")));
  else
    print_text("\ncannot run: " + json["why_not"].get<std::string>() + "\n");
  for (const Json& entry : json["metadata"])
    print_text(fmt::format("metadata {} ({} bytes)\n", entry["name"].get<std::string>(), entry["bytes"].get<size_t>()));
}

Result<void> inspect(const Options& options) {
  TULLE_TRY(const std::shared_ptr<const Model> model, in_file(options.model, tflite::load(options.model)));
  if (options.text)
    return print_text(tulle::print(*model, options.weights ? Weights::kInline : Weights::kElided)), Result<void>{};
  TULLE_TRY(const Json json, describe(*model, options, model));
  if (!options.html.empty()) {
    const std::string page = html_page(*model, json);
    TULLE_CHECK(write_file(options.html, std::as_bytes(std::span(page))));
  }
  if (options.json)
    print_json(json);
  else if (options.html.empty())
    show(json);
  else
    print_text("wrote " + options.html + "\n");
  return {};
}

}  // namespace

Verb inspect_verb() {
  auto options = std::make_shared<Options>();
  return {
      "inspect",
      "Show a model's inputs, outputs, operators, sizes and memory plan",
      {required({"MODEL", &options->model, "A .tflite file"}),
       {"--signature", &options->signature, "Plan memory for this signature", "KEY"},
       excludes({"--text", &options->text, "Print the whole graph in text form, weights as size and hash"}, "--json"),
       needs({"--weights", &options->weights, "With --text: print the weights in full"}, "--text"),
       excludes({"--html", &options->html, "Write one self-contained page with the graph drawn", "FILE"}, "--text"),
       json_option(options->json)},
      "Examples:\n"
      "  tulle inspect model.tflite\n"
      "  tulle inspect model.tflite --html model.html\n"
      "  tulle inspect model.tflite --text > model.txt",
      [options] { return inspect(*options); }};
}

}  // namespace tulle::cli

// tulle compare: whether two models give the same answers, and where they part.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "cli/arrays.h"
#include "cli/progress.h"
#include "cli/verb.h"

namespace tulle::cli {
namespace {

struct Options : RunOptions {
  std::string other;
  std::vector<std::string> inputs, more_inputs;
  uint64_t seed = 1;
  bool per_node = false, json = false;
};

Json difference(const Tensor& a, const Tensor& b) {
  Json json{{"dtype_a", std::string(name(a.dtype))}, {"dtype_b", std::string(name(b.dtype))}};
  const bool comparable = a.shape == b.shape && a.data != nullptr && b.data != nullptr && a.dtype != DType::kString &&
                          b.dtype != DType::kString;
  const auto x = comparable ? reals(a) : Result<std::vector<float>>(),
             y = comparable ? reals(b) : Result<std::vector<float>>();
  if (!comparable || !x || !y) {
    json["equal"] = a.shape == b.shape && a.bytes == b.bytes && a.data != nullptr && b.data != nullptr &&
                    std::memcmp(a.data, b.data, a.bytes) == 0;
    json["max"] = nullptr;
    json["mean"] = nullptr;
    return json;
  }
  double most = 0, sum = 0, low = 0, high = 0;
  for (size_t i = 0; i < x->size(); ++i) {
    const double d = (*x)[i] == (*y)[i] || (std::isnan((*x)[i]) && std::isnan((*y)[i]))
                         ? 0
                         : std::abs(static_cast<double>((*x)[i]) - (*y)[i]);
    most = std::isnan(d) ? INFINITY : std::max(most, d);
    sum += d;
    low = std::min(low, static_cast<double>((*x)[i]));
    high = std::max(high, static_cast<double>((*x)[i]));
  }
  json["equal"] = a.dtype == b.dtype ? a.bytes == b.bytes && std::memcmp(a.data, b.data, a.bytes) == 0 : most == 0;
  json["max"] = most;
  json["mean"] = x->empty() ? 0 : sum / static_cast<double>(x->size());
  json["range"] = high - low;
  return json;
}

/// Pairs values of both graphs by name, in the order in which the first computes them.
Json per_node(const Session& a, const Session& b) {
  const Graph& ga = a.model().graphs[a.graph()];
  const Graph& gb = b.model().graphs[b.graph()];
  std::map<std::string, int32_t> names;
  for (size_t i = 0; i < gb.values.size(); ++i) names.emplace(gb.values[i].name, static_cast<int32_t>(i));
  Json nodes = Json::array();
  for (size_t n = 0; n < ga.nodes.size(); ++n)
    for (int32_t output : ga.nodes[n].outputs) {
      if (output == kAbsent) continue;
      const auto found = names.find(ga.values[output].name);
      if (found == names.end()) continue;
      Json json{{"node", n}, {"op", std::string(op_name(ga.nodes[n]))}, {"value", ga.values[output].name}};
      json.update(difference(a.value(output), b.value(found->second)));
      nodes.push_back(std::move(json));
    }
  return nodes;
}

std::string line(const std::string& head, const Json& entry) {
  if (entry["equal"].get<bool>()) return fmt::format("{}: equal\n", head);
  if (entry["max"].is_null()) return fmt::format("{}: differs in shape or type\n", head);
  return fmt::format("{}: differs by {:.6g} at most, {:.6g} on average, of a range of {:.6g}\n", head,
                     entry["max"].get<double>(), entry["mean"].get<double>(), entry["range"].get<double>());
}

Result<void> compare(const Options& options) {
  SessionOptions session_options;
  session_options.keep_all_values = options.per_node;
  Progress progress("compare");
  TULLE_TRY(const auto opened, open(options, session_options));
  const auto& a = opened.session;
  RunOptions other = options;
  other.model = options.other;
  TULLE_TRY(const auto opened_other, open(other, session_options));
  const auto& b = opened_other.session;
  if (a->inputs().size() != b->inputs().size() || a->outputs().size() != b->outputs().size())
    return fail(ErrorCode::kInvalidArgument, "{} has {} inputs and {} outputs, {} has {} and {}", options.model,
                a->inputs().size(), a->outputs().size(), options.other, b->inputs().size(), b->outputs().size());
  std::vector<std::string> arguments = options.inputs;
  arguments.insert(arguments.end(), options.more_inputs.begin(), options.more_inputs.end());
  TULLE_TRY(const auto set, set_inputs(*a, name_ports(*a, options.signature), arguments, options.model));
  TULLE_CHECK(in_file(options.model, randomise_inputs(*a, options.seed, set)));
  for (int i = 0; i < static_cast<int>(set.size()); ++i) TULLE_CHECK(in_file(options.other, copy_input(*a, *b, i)));
  TULLE_CHECK(in_file(options.model, a->run()));
  TULLE_CHECK(in_file(options.other, b->run()));
  Json outputs = Json::array();
  bool equal = true;
  std::string lines;
  for (size_t i = 0; i < a->outputs().size(); ++i) {
    Json json{{"output", i}, {"name", a->outputs()[i].name}};
    json.update(difference(a->output(static_cast<int>(i)), b->output(static_cast<int>(i))));
    equal = equal && json["equal"].get<bool>();
    lines += line(fmt::format("output {} '{}'", i, a->outputs()[i].name), json);
    outputs.push_back(std::move(json));
  }
  Json result{{"equal", equal}, {"outputs", outputs}};
  if (options.per_node) {
    result["nodes"] = per_node(*a, *b);
    const auto& nodes = result["nodes"];
    const auto first =
        std::find_if(nodes.begin(), nodes.end(), [](const Json& node) { return !node["equal"].get<bool>(); });
    if (first != nodes.end()) {
      result["first_difference"] = *first;
      lines += line(fmt::format("first at node {} {} '{}'", (*first)["node"].get<int>(),
                                (*first)["op"].get<std::string>(), (*first)["value"].get<std::string>()),
                    *first);
    } else {
      lines += fmt::format("all {} values with the same names are equal\n", nodes.size());
    }
  }
  progress.print(options.json ? to_text(result) : lines);
  return {};
}

}  // namespace

Verb compare_verb() {
  auto options = std::make_shared<Options>();
  options->packs.no_cache = true;
  return {
      "compare", "Run two models on the same inputs and compare their outputs",
      join({{required({"A", &options->model, "A .tflite file"}),
             required({"B", &options->other,
                       "Another with as many inputs and outputs; A's inputs are converted to its types"}),
             {"INPUT", &options->more_inputs, "NAME=FILE.npy, as after --input", "", assignment()},
             {"-i,--input", &options->inputs,
              "The array for an input of A, by name or position; random where not given", "NAME=FILE", assignment()},
             {"--random", &options->seed, "Seed of the random inputs (default 1)", "SEED"},
             {"--signature", &options->signature, "Compare this signature of both models", "KEY"},
             {"--per-node", &options->per_node, "Compare values inside, by name, and show the first that differs"}},
            {threads_option(*options), json_option(options->json)}}),
      "Examples:\n"
      "  tulle compare before.tflite after.tflite --per-node\n"
      "  tulle compare digits_float32.tflite digits_int8.tflite -i 0=digit.npy --json",
      [options] { return compare(*options); }};
}

}  // namespace tulle::cli

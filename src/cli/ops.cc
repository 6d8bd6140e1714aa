// tulle ops: which operators and operand types there are kernels for.
#include "cli/verb.h"
#include "ops/op.h"

namespace tulle::cli {
namespace {

/// The rows of operand types, each trimmed.
std::vector<std::string> rows(std::string_view types) {
  std::vector<std::string> rows;
  while (!types.empty()) {
    const size_t end = types.find(';');
    std::string_view row = types.substr(0, end);
    types = end == std::string_view::npos ? std::string_view() : types.substr(end + 1);
    row.remove_prefix(std::min(row.find_first_not_of(" \n"), row.size()));
    rows.emplace_back(row);
  }
  return rows;
}

Result<void> list(bool json) {
  Json ops = Json::array();
  int builtins = 0, customs = 0;
  for (const ops::Row& row : ops::rows()) {
    const bool custom = row.code == kCustomOp;
    (custom ? customs : builtins) += 1;
    Json entry{{"name", std::string(row.name)}, {"types", rows(row.op->types)}};
    if (!custom) {
      entry["code"] = row.code;
      entry["version"] = row.max_version;
    }
    ops.push_back(std::move(entry));
  }
  if (json) return print_json(Json{{"builtins", builtins}, {"customs", customs}, {"ops", ops}}), Result<void>{};
  for (const Json& op : ops) {
    std::string head = op["name"].get<std::string>();
    if (op.contains("version")) head += " 1-" + std::to_string(op["version"].get<int>());
    for (const Json& row : op["types"]) {
      print_text(fmt::format("{:<36} {}\n", head, row.get<std::string>()));
      head.clear();
    }
  }
  print_text(
      fmt::format("\n{} builtin and {} custom operators. Types: inputs > outputs; ? may be absent, * any number,\n"
                  "a capital letter stands for one type of its list.\n",
                  builtins, customs));
  return {};
}

}  // namespace

Verb ops_verb() {
  auto json = std::make_shared<bool>(false);
  return {"ops",
          "List the operators and types that Tulle computes",
          {json_option(*json)},
          "Examples:\n"
          "  tulle ops\n"
          "  tulle ops --json",
          [json] { return list(*json); }};
}

}  // namespace tulle::cli

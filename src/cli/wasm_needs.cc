// The rules by which code is left out of a module for one model.
#include "cli/wasm_needs.h"

#include <algorithm>

#include "ops/op.h"

namespace tulle::cli {
namespace {

/// Code that only some nodes use: those that have an operand of one of these types, the operator given. Names may have
/// a * for anything; the first rule that fits a name counts. Whoever may call such code looks at the type before.
struct Rule {
  std::string_view name;
  std::string_view types;      ///< short names, apart by spaces; empty: any
  std::string_view operators;  ///< apart by spaces; empty: any; "-" first: any but these
  std::string_view too = {};   ///< types of which the node has to have one as well
  bool squares = false;        ///< only if Needs::squares
};
// Operators that turn floats into codes or back, or only move them, have no use for products of floats.
constexpr std::string_view kNoProducts = "- QUANTIZE DEQUANTIZE RESHAPE SOFTMAX LOGISTIC CONCATENATION TRANSPOSE";
constexpr std::string_view kCodes = "u8 i8 i4 i2 u4";
constexpr std::string_view kLstm = "LSTM UNIDIRECTIONAL_SEQUENCE_LSTM BIDIRECTIONAL_SEQUENCE_LSTM";
constexpr std::string_view kRelu = "RELU RELU6 RELU_N1_TO_1 RELU_0_TO_1";
constexpr std::string_view kCalls = "IF WHILE CALL_ONCE";
constexpr std::string_view kVariables =
    "VAR_HANDLE READ_VARIABLE ASSIGN_VARIABLE CALL_ONCE "
    "HASHTABLE HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE";
constexpr Rule kRules[] = {
    // Inner loops of the instruction sets, and what prepares for them.
    {"tulle::kernels::*::float_depthwise", "f32", kNoProducts},
    {"tulle::kernels::*::float_tiles", "f32", kNoProducts},
    {"tulle::kernels::*Winograd::fits", "", ""},  // which is asked first
    {"tulle::kernels::*::winograd_*", "f32", kNoProducts, {}, true},
    {"tulle::kernels::FloatConv::*", "f32", kNoProducts},
    {"tulle::kernels::FloatDepthwise::*", "f32", kNoProducts},
    {"tulle::kernels::Winograd::*", "f32", kNoProducts, {}, true},
    {"tulle::kernels::*::reals", "f32", kNoProducts},
    {"tulle::kernels::*::wide_tiles", "i16", ""},
    {"tulle::kernels::WideConv::*", "i16", ""},
    {"tulle::kernels::*::int_tiles", kCodes, ""},
    {"tulle::kernels::*::squares", kCodes, "", {}, true},
    {"tulle::kernels::*::depthwise_pairs", kCodes, ""},
    {"tulle::kernels::*::depthwise_quads", kCodes, ""},
    {"tulle::kernels::*::pack_pairs", kCodes, ""},
    {"tulle::kernels::IntWinograd::*", kCodes, "", {}, true},
    {"tulle::kernels::*::codes*", kCodes, ""},
    {"tulle::kernels::*::centre_i8", kCodes, kNoProducts},
    {"tulle::kernels::*::centre_u8", "u8", kNoProducts},
    {"tulle::kernels::*::square_input_u8", "u8", kNoProducts},
    {"tulle::kernels::Depthwise::pack<h*", "u8", kNoProducts},
    {"tulle::kernels::Depthwise::pack<a*", "i8 i4 i2", kNoProducts},
    {"tulle::kernels::*::swish", "f32", "MUL"},
    {"tulle::kernels::*::gelu*", "", "GELU"},
    {"tulle::kernels::*::softmax", "f32", "SOFTMAX"},
    {"tulle::kernels::*::exp", "", "EXP"},
    {"tulle::kernels::*::tanh", "", "TANH LSTM UNIDIRECTIONAL_SEQUENCE_LSTM BIDIRECTIONAL_SEQUENCE_LSTM"},
    {"tulle::kernels::*::logistic", "", "LOGISTIC LSTM UNIDIRECTIONAL_SEQUENCE_LSTM BIDIRECTIONAL_SEQUENCE_LSTM"},
    {"tulle::kernels::*::sum", "f32", ""},
    {"tulle::kernels::*::add_i8", "i8", "ADD SUB"},
    {"tulle::kernels::*::add_u8", "u8", "ADD SUB"},
    {"tulle::kernels::*::mul_i8", "i8", "MUL"},
    {"tulle::kernels::*::mul_u8", "u8", "MUL"},
    // Ways that operators go for a type of their first input.
    {"tulle::ops::conv_reals", "f32", kNoProducts},
    {"tulle::ops::fast_floats", "f32", kNoProducts},
    {"tulle::ops::blockwise", "f32", "FULLY_CONNECTED"},
    {"tulle::ops::fast_hybrid", "f32", kNoProducts, kCodes},
    {"tulle::ops::RowQuantiser::*", "f32", kNoProducts, kCodes},
    {"tulle::ops::conv_codes<h*", "u8", kNoProducts},
    {"tulle::ops::conv_codes<a*", "i8", kNoProducts},
    {"tulle::ops::conv_codes<s*", "i16", kNoProducts},
    {"tulle::ops::code_sums<h*", "u8", "ADD SUB"},
    {"tulle::ops::code_sums<a*", "i8", "ADD SUB"},
    {"tulle::ops::code_products<h*", "u8", "MUL"},
    {"tulle::ops::code_products<a*", "i8", "MUL"},
    {"tulle::ops::FastWide::*", "i16", ""},
    {"tulle::ops::fold_codes", "u8 i8 i16", "MEAN SUM"},
    {"tulle::ops::fold_reals", "f32", "MEAN SUM"},
    {"tulle::ops::common_scale", "u8 i8 i16", "ADD SUB SQUARED_DIFFERENCE"},
    {"tulle::ops::pot_scale", "i16", "ADD SUB"},
    {"tulle::ops::run_channels<fs*", "i16", ""},
    // Plain loops, in both forms.
    {"tulle::ops::*::squared_difference_i8", "i8", "SQUARED_DIFFERENCE"},
    {"tulle::ops::*::depthwise_sums_f32", "f32", kNoProducts},
    {"tulle::ops::*::turned_sums_f32", "f32", kNoProducts},
    {"tulle::ops::*::row_range", "f32", kNoProducts, kCodes},
    {"tulle::ops::*::quantize_codes", "f32", kNoProducts, kCodes},
    {"tulle::ops::*::best_places*", "", "ARG_MAX ARG_MIN"},
    {"tulle::ops::*::logistic16", "", kLstm},
    {"tulle::ops::*::tanh16", "", kLstm},
    {"tulle::ops::*::add_scaled_i16", "", kLstm},
    {"tulle::ops::*::codes_i16_wide", "i16", ""},
    {"tulle::ops::*::rounded_i8", "i8", ""},
    {"tulle::ops::*::rounded_u8", "u8", ""},
    {"tulle_ref_lstm_cells_i8", "", kLstm},
    {"tulle_ref_logistic16", "", kLstm},
    {"tulle_ref_tanh16", "", kLstm},
    {"tulle_ref_add_scaled_i16", "", kLstm},
    {"tulle_ref_svdf_*", "", "SVDF"},
    {"tulle_ref_add_f32", "f32", "ADD"},
    {"tulle_ref_sub_f32", "f32", "SUB"},
    {"tulle_ref_mul_f32", "f32", "MUL"},
    {"tulle_ref_div_f32", "f32", "DIV"},
    {"tulle_ref_squared_difference_*", "", "SQUARED_DIFFERENCE"},
    {"tulle_ref_resize_bilinear_*", "", "RESIZE_BILINEAR"},
    {"tulle_ref_average_pool_2d_*", "", "AVERAGE_POOL_2D"},
    {"tulle_ref_max_pool_2d_*", "", "MAX_POOL_2D"},
    {"tulle_ref_prelu_*", "", "PRELU"},
    {"tulle_ref_hard_swish_*", "", "HARD_SWISH"},
    {"tulle_ref_relu_*", "", kRelu},
    {"tulle_ref_arg_*", "", "ARG_MAX ARG_MIN"},
    {"tulle_row_range", "f32", kNoProducts, kCodes},
    {"tulle_quantize_codes", "f32", kNoProducts, kCodes},
    {"tulle_quantize_row*", "f32", kNoProducts, kCodes},
    {"tulle_ref_conv_u8", "u8", kNoProducts},
    {"tulle_*_sums_u8", "u8", kNoProducts},
    {"tulle_*_sums_i8", kCodes, kNoProducts},  // of floats and uint8 filters, too
    {"tulle_ref_sum_u8", "u8", "MEAN SUM"},
    {"tulle_ref_sum_i8", "i8", "MEAN SUM"},
    {"tulle_ref_sum_f32", "f32", "MEAN SUM"},
    {"tulle_ref_add_u8", "u8", "ADD"},
    {"tulle_ref_add_i8", "i8", "ADD"},
    {"tulle_ref_add_i32", "i32", "ADD"},
    {"tulle_ref_add_*16", "i16 f16", "ADD"},
    {"tulle_ref_softmax_f32", "f32", "SOFTMAX"},
    {"tulle_ref_softmax_*i16", "i16", "SOFTMAX"},
    {"tulle_ref_softmax_u8_u8", "u8", "SOFTMAX"},
    {"tulle_ref_softmax_i8_i8", "i8", "SOFTMAX"},
    {"tulle_fill_exp_table", "u8 i8", "SOFTMAX"},
    {"tulle_fill_softmax_i16", "i16", "SOFTMAX"},
    {"tulle_*conv_2d_*sums_f32", "f32", kNoProducts},
    // Which goes by sizes.
    {"tulle_ref_scatter_nd_*", "", "SCATTER_ND"},
    // Control flow and variables.
    {"tulle::Frame::call", "", kCalls},
    {"tulle::Frame::call_shapes", "", kCalls},
    {"tulle::Frame::first_call", "", kCalls},
    {"tulle::Frame::variable", "", kVariables},
    {"tulle::Frame::read_variable", "", kVariables},
    {"tulle::Frame::assign_variable", "", kVariables},
};

/// Endings of the names of plain loops that no rule knows, and the types of operands without which nobody calls them:
/// for each word of the name that is an ending, one of its types must be there. Words that are none say nothing; f32
/// and i32 say nothing, since tables of 8-bit answers are made with float loops and sizes have 32 bits.
struct Ending {
  std::string_view word, types;
};
constexpr Ending kEndings[] = {
    {"i8", "i8 i4 i2 bool"},
    {"u8", "u8 u4 bool"},
    {"i16", "i16 u16 f16 bf16"},
    {"u16", "i16 u16 f16 bf16"},
    {"q16", "i16"},
    {"f16", "f16"},
    {"bf16", "bf16"},
    {"u32", "u32"},
    {"i64", "i64 u64 f64 c64"},
    {"u64", "i64 u64 f64 c64"},
    {"f64", "f64"},
    {"c64", "c64"},
    {"c128", "c128"},
};

/// The words of a text.
std::vector<std::string_view> words(std::string_view text, char between) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(between), text.size());
    if (end != 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

uint32_t types_of(std::string_view names) {
  uint32_t types = names.empty() ? ~0U : 0;
  for (std::string_view word : words(names, ' '))
    if (const auto type = parse_dtype(word)) types |= 1U << static_cast<uint32_t>(*type);
  return types;
}

/// Whether a name is that of the pattern, where * is any text and ? any character.
bool fits(std::string_view name, std::string_view pattern) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] == '*') {
    for (size_t skip = 0; skip <= name.size(); ++skip)
      if (fits(name.substr(skip), pattern.substr(1))) return true;
    return false;
  }
  return !name.empty() && (pattern[0] == '?' || pattern[0] == name[0]) && fits(name.substr(1), pattern.substr(1));
}

bool concerns(const Rule& rule, std::string_view name) {
  const std::vector<std::string_view> listed = words(rule.operators, ' ');
  if (listed.empty()) return true;
  const bool but = listed.front() == "-";
  return (std::ranges::find(listed, name) != listed.end()) != but;
}

/// A convolution with 3x3 filters, every pixel an output, as Winograd's way needs it.
bool has_squares(const Graph& graph, const Node& node) {
  if (op_name(node) != "CONV_2D" || node.inputs.size() < 2 || node.inputs[1] == kAbsent) return false;
  const Shape& filter = graph.values[static_cast<size_t>(node.inputs[1])].shape;
  const auto is_one = [&](std::string_view name) {
    const Attribute* stride = node.attributes.find(name);
    return stride != nullptr && *stride == Attribute(int64_t{1});
  };
  return filter.rank() == 4 && filter[1] == 3 && filter[2] == 3 && is_one("stride_w") && is_one("stride_h");
}

}  // namespace

std::string plain_name(std::string_view symbol) {
  std::string_view rest = symbol;
  if (!rest.starts_with("_Z")) return std::string(symbol);
  rest.remove_prefix(2);
  const bool nested = rest.starts_with('N');
  if (nested) rest.remove_prefix(1);
  while (rest.starts_with('K') || rest.starts_with('L')) rest.remove_prefix(1);
  std::string name;
  while (!rest.empty() && rest[0] >= '1' && rest[0] <= '9') {
    size_t length = 0;
    while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9' && length < symbol.size()) {
      length = length * 10 + static_cast<size_t>(rest[0] - '0');
      rest.remove_prefix(1);
    }
    if (length > rest.size()) return std::string(symbol);
    const std::string_view word = rest.substr(0, length);
    rest.remove_prefix(length);
    if (word.starts_with("_GLOBAL__N")) continue;
    name += (name.empty() ? "" : "::") + std::string(word);
    if (!nested) break;
    while (rest.starts_with('L')) rest.remove_prefix(1);
  }
  // Of the arguments of templates those that come first and are numbers, a letter each.
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (rest.starts_with('I')) {
    name += '<';
    for (size_t i = 1; i < rest.size() && is_letter(rest[i]); ++i) name += rest[i];
  }
  return name.empty() ? std::string(symbol) : name;
}

bool Needs::needed(std::string_view symbol) const {
  const std::string name = plain_name(symbol);
  const std::span<const ops::Row> rows = ops::rows();
  constexpr std::string_view kOperator = "tulle::ops::op_";
  if (name.starts_with(kOperator)) {
    const std::string_view own = std::string_view(name).substr(kOperator.size());
#define OP(code, name, symbol, version) #symbol,
#define CUSTOM_OP(name, symbol) #symbol,
    constexpr std::string_view kSymbols[] = {
#include "ops/ops.def"
    };
#undef OP
#undef CUSTOM_OP
    // Rows may share an operator.
    bool known = false;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (kSymbols[i] != own) continue;
      known = true;
      if (types[i] != 0) return true;
    }
    return !known;
  }
  for (const Rule& rule : kRules) {
    if (!fits(name, rule.name)) continue;
    if (rule.squares && !squares) return false;
    const uint32_t wanted = types_of(rule.types), too = types_of(rule.too);
    bool found = false;
    for (size_t i = 0; i < rows.size(); ++i)
      found = found || ((types[i] & wanted) != 0 && (types[i] & too) != 0 && concerns(rule, rows[i].name));
    return found;
  }
  // Loops alone: what they are made of is called for other types, too.
  if (!name.starts_with("tulle_ref_") && name.find("_sums_") == name.npos) return true;
  uint32_t all = 0;
  for (uint32_t row : types) all |= row;
  for (std::string_view word : words(name, '_')) {
    const auto* ending = std::ranges::find(kEndings, word, &Ending::word);
    if (ending != std::end(kEndings) && (all & types_of(ending->types)) == 0) return false;
  }
  return true;
}

Needs needs_of(const Model& model) {
  Needs needs{std::vector<uint32_t>(ops::rows().size())};
  for (const Graph& graph : model.graphs)
    for (const Node& node : graph.nodes) {
      const ops::Row* row = ops::find(node);
      if (row == nullptr) continue;
      needs.squares = needs.squares || has_squares(graph, node);
      // An operator all of whose operands are absent is there, too.
      uint32_t& types = needs.types[static_cast<size_t>(row - ops::rows().data())];
      types |= 1U << 31;
      for (const auto& operands : {node.inputs, node.outputs})
        for (const int32_t value : operands)
          if (value != kAbsent) types |= 1U << static_cast<uint32_t>(graph.values[static_cast<size_t>(value)].dtype);
    }
  return needs;
}

}  // namespace tulle::cli

// Every operator against the golden vectors of tests/golden: small models with the answers of TensorFlow Lite's
// reference kernels. One test a file; each lists all of its cases that differ. The environment's TULLE_ISA chooses the
// kernels; exit code 77 says that this machine lacks them.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "formats/tflite.h"
#include "kernels/isa.h"
#include "runtime/session.h"

namespace tulle {
namespace {

using Json = nlohmann::json;
using BytesView = std::span<const std::byte>;

/// Where the vectors lie: the repository's, or those that explore.py made.
std::filesystem::path golden_folder() {
  const char* other = std::getenv("TULLE_GOLDEN");
  return other != nullptr ? other : std::filesystem::path(TULLE_SOURCE_DIR) / "tests/golden";
}

std::vector<std::byte> inflate_file(const std::filesystem::path& path) {
  std::vector<std::byte> bytes;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return bytes;
  size_t got = 0;
  do {
    const size_t at = bytes.size();
    bytes.resize(at + (1 << 20));
    const int n = gzread(file, bytes.data() + at, 1 << 20);
    got = n < 0 ? 0 : static_cast<size_t>(n);
    bytes.resize(at + got);
  } while (got > 0);
  gzclose(file);
  return bytes;
}

/// The reals that a tensor's bytes stand for when compared: numbers of any type as double.
std::vector<double> numbers(DType dtype, BytesView bytes) {
  std::vector<double> out;
  const auto as = [&]<class T>(T) {
    std::vector<T> typed(bytes.size() / sizeof(T));
    if (!typed.empty()) std::memcpy(typed.data(), bytes.data(), typed.size() * sizeof(T));
    out.assign(typed.begin(), typed.end());
  };
  switch (dtype) {
    case DType::kFloat32:
    case DType::kComplex64: as(float{}); break;
    case DType::kFloat64: as(double{}); break;
    case DType::kInt8: as(int8_t{}); break;
    case DType::kInt16: as(int16_t{}); break;
    case DType::kUint16: as(uint16_t{}); break;
    case DType::kInt32: as(int32_t{}); break;
    case DType::kUint32: as(uint32_t{}); break;
    case DType::kInt64: as(int64_t{}); break;
    default: as(uint8_t{}); break;
  }
  return out;
}

/// Empty where the bytes agree as the case demands, else what differs.
std::string compare(const Json& rule, DType dtype, BytesView expected, BytesView found) {
  if (expected.size() != found.size()) return fmt::format("{} bytes, expected {}", found.size(), expected.size());
  if (expected.empty() || std::memcmp(expected.data(), found.data(), expected.size()) == 0) return "";
  const std::vector<double> want = numbers(dtype, expected), got = numbers(dtype, found);
  double limit = 0;
  const std::string mode = rule.at("mode");
  if (mode == "steps") limit = rule.at("max");
  if (mode == "relative") {
    double low = 0, high = 0;
    for (double x : want)
      if (std::isfinite(x)) low = std::min(low, x), high = std::max(high, x);
    limit = rule.at("tolerance").get<double>() * (high - low);
  }
  size_t differing = 0, worst = 0;
  double most = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    const bool same = want[i] == got[i] || (std::isnan(want[i]) && std::isnan(got[i]));
    const double difference = same ? 0 : std::abs(want[i] - got[i]);
    if (difference <= limit) continue;
    ++differing;
    if (!(difference <= most)) most = difference, worst = i;
  }
  if (differing == 0) return "";
  return fmt::format("{} of {} differ, most at {}: {} expected {}", differing, want.size(), worst, got[worst],
                     want[worst]);
}

/// Runs one case; the first thing that goes wrong, or empty.
std::string run_case(const Json& head, BytesView blobs) {
  const auto take = [&](const Json& size) {
    const BytesView bytes = blobs.first(size.get<size_t>());
    blobs = blobs.subspan(bytes.size());
    return bytes;
  };
  const Buffer file = Buffer::copy(take(head.at("model_bytes")));
  auto model = tflite::read(file.bytes, file.owner);
  if (!model) return "read: " + model.error().message;
  auto session = Session::create(std::make_shared<const Model>(*std::move(model)));
  if (!session) return "prepare: " + session.error().message;
  for (const Json& run : head.at("runs")) {
    const Json& inputs = run.at("inputs");
    std::vector<BytesView> contents;
    for (size_t i = 0; i < inputs.size(); ++i) {
      contents.push_back(take(inputs[i].at("bytes")));
      Shape shape;
      for (int32_t dim : inputs[i].at("shape")) shape.push_back(dim);
      if (auto result = (*session)->resize(static_cast<int>(i), shape); !result)
        return "resize: " + result.error().message;
    }
    for (size_t i = 0; i < inputs.size(); ++i)
      if (auto result = (*session)->set_input(static_cast<int>(i), contents[i]); !result)
        return "input: " + result.error().message;
    if (auto result = (*session)->run(); !result) return "run: " + result.error().message;
    const Json& outputs = run.at("outputs");
    for (size_t i = 0; i < outputs.size(); ++i) {
      const BytesView expected = take(outputs[i].at("bytes"));
      const Tensor& output = (*session)->output(static_cast<int>(i));
      Shape shape;
      for (int32_t dim : outputs[i].at("shape")) shape.push_back(dim);
      if (output.shape != shape)
        return fmt::format("output {} has shape {}, expected {}", i, to_string(output.shape), to_string(shape));
      if (name(output.dtype) != outputs[i].at("dtype").get<std::string>())
        return fmt::format("output {} is {}, expected {}", i, name(output.dtype),
                           outputs[i].at("dtype").get<std::string>());
      const std::string difference = compare(head.at("compare"), output.dtype, expected, {output.data, output.bytes});
      if (!difference.empty()) return fmt::format("output {}: {}", i, difference);
    }
  }
  return "";
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, Cases) {
  const std::vector<std::byte> bytes = inflate_file(golden_folder() / (GetParam() + ".golden.gz"));
  ASSERT_GE(bytes.size(), 12u);
  ASSERT_EQ(std::memcmp(bytes.data(), "TULGOLD1", 8), 0);
  BytesView rest = BytesView(bytes).subspan(8);
  const auto u32 = [&] {
    uint32_t value;
    std::memcpy(&value, rest.data(), 4);
    rest = rest.subspan(4);
    return value;
  };
  const uint32_t cases = u32();
  ASSERT_GT(cases, 0u);
  uint32_t failed = 0;
  for (uint32_t i = 0; i < cases; ++i) {
    const uint32_t size = u32();
    const Json head =
        Json::parse(reinterpret_cast<const char*>(rest.data()), reinterpret_cast<const char*>(rest.data()) + size);
    rest = rest.subspan(size);
    size_t total = head.at("model_bytes");
    for (const Json& run : head.at("runs"))
      for (const char* side : {"inputs", "outputs"})
        for (const Json& tensor : run.at(side)) total += tensor.at("bytes").get<size_t>();
    const std::string wrong = run_case(head, rest.first(total));
    rest = rest.subspan(total);
    if (wrong.empty()) continue;
    if (++failed <= 30) ADD_FAILURE() << head.at("name").get<std::string>() << ": " << wrong;
  }
  EXPECT_EQ(failed, 0u) << "of " << cases;
  RecordProperty("cases", static_cast<int>(cases));
}

std::vector<std::string> golden_files() {
  std::vector<std::string> names;
  const std::filesystem::path folder = golden_folder();
  if (std::filesystem::exists(folder))
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string file = entry.path().filename();
      if (file.ends_with(".golden.gz")) names.push_back(file.substr(0, file.size() - 10));
    }
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Ops, Golden, testing::ValuesIn(golden_files()), [](const auto& info) {
  std::string name = info.param;
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  return name;
});

}  // namespace
}  // namespace tulle

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const char* wanted = std::getenv("TULLE_ISA");
  for (const tulle::kernels::Isa& isa : tulle::kernels::isas()) {
    if (wanted == nullptr || isa.name != wanted || isa.supported()) continue;
    std::fprintf(stderr, "golden_test: SKIPPED, this machine has no %s\n", wanted);
    return 77;
  }
  return RUN_ALL_TESTS();
}

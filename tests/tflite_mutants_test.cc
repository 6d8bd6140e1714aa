// Files cut short and files with random bytes changed: an error, little memory, and what reads is usable.
#include <filesystem>
#include <random>

#include "base/file_map.h"
#include "bounded_read.h"
#include "formats/tflite_damage.h"
#include "tflite_generated.h"
#include "tflite_models.h"

namespace tulle::tflite {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::byte>;

TEST(Hostile, EveryTruncation) {
  for (const Model& model : {dense_model(), quantized_model(), control_model()}) {
    const Bytes bytes = write(model).value();
    size_t whole = 0;
    for (size_t size = 0; size < bytes.size(); ++size) {
      // A block of its own, so that a sanitizer sees reads past the end.
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
      const auto read = read_bounded(cut);
      if (!read) continue;
      EXPECT_TRUE(*read == model) << size;
      ++whole;
    }
    // Only the padding at the end can be missed.
    EXPECT_LT(whole, 16u);
  }
}

Bytes mutant(const Bytes& good, std::mt19937& random) {
  Bytes bytes = good;
  const auto pick = [&](size_t below) { return std::uniform_int_distribution<size_t>(0, below - 1)(random); };
  constexpr uint32_t kWords[] = {0, 1, 2, 4, 8, 127, 255, 65535, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFE};
  for (size_t changes = 1 + pick(4); changes > 0; --changes) {
    const size_t at = pick(bytes.size());
    switch (pick(5)) {
      case 0: bytes[at] = static_cast<std::byte>(pick(256)); break;
      case 1: bytes[at] ^= static_cast<std::byte>(1u << pick(8)); break;
      case 2: bytes[at] = static_cast<std::byte>(static_cast<size_t>(bytes[at]) + pick(9) - 4); break;
      case 3:
        if (at / 4 * 4 + 4 <= bytes.size()) std::memcpy(bytes.data() + at / 4 * 4, &kWords[pick(std::size(kWords))], 4);
        break;
      default: {
        const size_t from = pick(bytes.size()),
                     count = std::min({pick(32) + 1, bytes.size() - at, bytes.size() - from});
        std::memmove(bytes.data() + at, bytes.data() + from, count);
      }
    }
  }
  return bytes;
}

/// What FlatBuffers' own, generated code says of a file that find_damage walks by the schema.
bool is_sound(const Bytes& bytes) {
  flatbuffers::Verifier::Options limits;
  limits.max_tables = static_cast<flatbuffers::uoffset_t>(bytes.size() / 4 + 1);
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), limits);
  return verifier.VerifyBuffer<fbs::Model>(nullptr);
}

/// Reads `count` mutants of the file; returns how many of them are models, too.
size_t try_mutants(const Bytes& good, size_t count) {
  std::mt19937 random(static_cast<uint32_t>(good.size()));
  size_t models = 0;
  for (size_t i = 0; i < count; ++i) {
    SCOPED_TRACE("mutant " + std::to_string(i));
    const Bytes bytes = mutant(good, random);
    EXPECT_EQ(find_damage(bytes).empty(), is_sound(bytes));
    const auto model = read_bounded(bytes);
    if (!model) {
      EXPECT_FALSE(model.error().message.empty());
      EXPECT_EQ(model.error().message.find('\n'), std::string::npos);
      continue;
    }
    ++models;
    expect_usable(*model);
    if (testing::Test::HasFailure()) break;
  }
  return models;
}

TEST(Hostile, Mutants) {
  const size_t models = try_mutants(write(dense_model()).value(), 12000) +
                        try_mutants(write(control_model()).value(), 4000) +
                        try_mutants(write(quantized_model()).value(), 4000);
  // Neither nothing nor everything passes.
  EXPECT_GT(models, 1000u);
  EXPECT_LT(models, 15000u);
}

TEST(Hostile, MutantsOfSharedModels) {
  const char* count = std::getenv("TULLE_MUTANTS");
  if (count == nullptr) GTEST_SKIP() << "TULLE_MUTANTS=n tries n mutants of each small model";
  const auto paths = shared_models();
  if (paths.empty()) GTEST_SKIP() << kNoSharedModels;
  for (const fs::path& path : paths) {
    if (fs::file_size(path) > 100000) continue;
    SCOPED_TRACE(path);
    const auto file = FileMap::open(path);
    ASSERT_TRUE(file);
    const auto bytes = (*file)->bytes();
    try_mutants({bytes.begin(), bytes.end()}, std::strtoul(count, nullptr, 10));
  }
}

}  // namespace
}  // namespace tulle::tflite

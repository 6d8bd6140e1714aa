// Packs: what comes back, what is refused and in which words, and many at once.
#include "runtime/pack.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/hash.h"
#include "formats/tflite.h"
#include "kernels/isa.h"
#include "runtime/constants.h"

namespace tulle {
namespace {

using Bytes8 = std::vector<char>;

const std::string kDigits = TULLE_SOURCE_DIR "/models/digits/";

Bytes8 read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write_file(const std::string& path, const Bytes8& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

struct Answer {
  Bytes8 bytes;
  MemoryReport memory;
};

Answer run(const std::shared_ptr<const Model>& model, const std::shared_ptr<Constants>& constants) {
  auto made = Session::create(model, {.constants = constants});
  EXPECT_TRUE(made) << made.error().message;
  Session& session = **made;
  Bytes8 input(session.input(0).bytes);
  if (session.input(0).dtype == DType::kFloat32)
    for (size_t i = 0; i < input.size() / 4; ++i) {
      const float x = static_cast<float>(i % 17) / 8;
      std::memcpy(input.data() + 4 * i, &x, 4);
    }
  else
    for (size_t i = 0; i < input.size(); ++i) input[i] = static_cast<char>(i * 7);
  EXPECT_TRUE(session.set_input(0, std::as_bytes(std::span(input))));
  EXPECT_TRUE(session.run());
  const auto* out = reinterpret_cast<const char*>(session.output(0).data);
  return {{out, out + session.output(0).bytes}, session.memory()};
}

std::shared_ptr<const Model> load(const std::string& path) {
  auto model = tflite::load(path);
  EXPECT_TRUE(model) << model.error().message;
  return *std::move(model);
}

class Packs : public testing::Test {
 protected:
  void SetUp() override {
    const auto kernels = kernels::choose();
    if (!kernels || *kernels == nullptr) GTEST_SKIP() << "no kernels, no packs";
    std::string name = testing::TempDir() + "packXXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = (folder_ / "x.pack").string();
  }
  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  /// Packs a model to path_.
  PackTarget pack(const std::shared_ptr<const Model>& model) const {
    const auto constants = make_constants();
    run(model, constants);
    const auto target = pack_target(*model);
    EXPECT_TRUE(target) << target.error().message;
    const auto written = constants->write(path_, *target);
    EXPECT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->bytes, std::filesystem::file_size(path_));
    return *target;
  }
  std::shared_ptr<Constants> constants_of_pack(const PackTarget& target) const {
    auto opened = Pack::open(path_, target);
    EXPECT_TRUE(opened) << opened.error().message;
    auto constants = make_constants();
    if (opened) constants->use(*opened, target);
    return constants;
  }
  /// Why these bytes are refused; empty where they are not.
  std::string refusal(const Bytes8& bytes, const PackTarget& target) const {
    write_file(path_, bytes);
    const auto opened = Pack::open(path_, target);
    if (opened) return "";
    EXPECT_EQ(opened.error().code, ErrorCode::kInvalidFile);
    EXPECT_TRUE(opened.error().message.starts_with(path_ + ": ")) << opened.error().message;
    return opened.error().message;
  }
  size_t files() const { return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder_), {})); }

  std::filesystem::path folder_;
  std::string path_;
};

/// A pack of two small blocks.
struct Small {
  PackTarget target{"avx2", 1000, 0x1234567890};
  std::vector<std::byte> a = std::vector<std::byte>(5, std::byte{1}), b = std::vector<std::byte>(70, std::byte{2});
  std::vector<Pack::Block> blocks{{{0, 1, 8}, a}, {{0, 2, -8}, b}};

  Bytes8 bytes(const std::string& path) const {
    const auto written = write_pack(path, target, blocks);
    EXPECT_TRUE(written) << written.error().message;
    return read_file(path);
  }
};
constexpr size_t kHead = 104 + 2 * 40;

/// The table's checksum made right again.
void seal(Bytes8& bytes) {
  const uint64_t sum = hash(std::as_bytes(std::span(bytes)).first(kHead));
  std::memcpy(bytes.data() + kHead, &sum, sizeof sum);
}

TEST_F(Packs, GiveTheSameAnswers) {
  for (const char* name : {"digits_int8.tflite", "digits_float32.tflite"}) {
    const auto model = load(kDigits + name);
    const Answer packed = run(model, make_constants());
    EXPECT_GT(packed.memory.packed_bytes, 0u);
    EXPECT_FALSE(packed.memory.from_pack());
    const auto constants = constants_of_pack(pack(model));
    for (int i = 0; i < 2; ++i) {
      const Answer mapped = run(model, constants);
      EXPECT_EQ(mapped.bytes, packed.bytes) << name;
      EXPECT_TRUE(mapped.memory.from_pack()) << name;
      EXPECT_EQ(mapped.memory.mapped_bytes, packed.memory.packed_bytes);
      EXPECT_LE(mapped.memory.folded_bytes + packed.memory.packed_bytes, packed.memory.folded_bytes);
    }
    EXPECT_EQ(constants->damage(), "");
  }
}

TEST_F(Packs, ServeModelsFromMemoryAndAreServedByThem) {
  const auto model = load(kDigits + "digits_int8.tflite");
  const PackTarget target = pack(model);
  const Bytes8 file = read_file(kDigits + "digits_int8.tflite");
  auto read = tflite::read(std::as_bytes(std::span(file)), nullptr);
  ASSERT_TRUE(read);
  const auto in_memory = std::make_shared<const Model>(*std::move(read));
  EXPECT_EQ(*pack_target(*in_memory), target);
  EXPECT_TRUE(run(in_memory, constants_of_pack(target)).memory.from_pack());
  EXPECT_EQ(pack_target(Model{}).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(Packs, RememberTheirModelsFile) {
  // A model's file whose state the pack knows is not read again; what the pack says counts as its hash.
  const std::string path = (folder_ / "model.tflite").string();
  const Bytes8 bytes = read_file(kDigits + "digits_int8.tflite");
  write_file(path, bytes);
  const auto model = load(path);
  ASSERT_NE(model, nullptr);
  PackTarget target = *pack_target(*model);
  EXPECT_EQ(target.file, model->origin.file);
  EXPECT_FALSE(target.file.settled()) << "written just now";
  const uint64_t hash = target.model_hash;
  const auto remembered = [&](const Model& of) { return pack_target(of, path_)->model_hash != hash; };
  target.model_hash ^= 1;
  ASSERT_TRUE(write_pack(path_, target, {}));
  EXPECT_FALSE(remembered(*model)) << "a file that may be written to within the same tick";

  const auto wait = [&] {
    const auto late = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!load(path)->origin.file.settled() && std::chrono::steady_clock::now() < late)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
  };
  wait();
  ASSERT_TRUE(write_pack(path_, target, {}));
  EXPECT_TRUE(remembered(*model));
  EXPECT_TRUE(remembered(*load(path)));
  EXPECT_FALSE(remembered(*load(kDigits + "digits_int8.tflite"))) << "another file";
  const auto times = std::filesystem::last_write_time(path);
  write_file(path, bytes);
  std::filesystem::last_write_time(path, times);
  EXPECT_FALSE(remembered(*load(path))) << "written again, its time set back";
  std::filesystem::resize_file(path_, 50);
  EXPECT_FALSE(remembered(*model)) << "half a pack";
}

TEST_F(Packs, AHashInPiecesIsTheHash) {
  const Bytes8 text = read_file(kDigits + "digits_float32.tflite");
  const auto bytes = std::as_bytes(std::span(text));
  for (const size_t size : {size_t{0}, size_t{31}, size_t{64}, size_t{100}, bytes.size()})
    for (const size_t piece : {size_t{32}, size_t{96}}) {
      Hasher hasher;
      auto rest = bytes.first(size);
      for (; rest.size() >= piece; rest = rest.subspan(piece)) hasher.add(rest.first(piece));
      EXPECT_EQ(hasher.end(rest), hash(bytes.first(size))) << size << " by " << piece;
    }
}

TEST_F(Packs, SayWhichFieldIsWrong) {
  const Small small;
  const Bytes8 good = small.bytes(path_);
  EXPECT_EQ(refusal(good, small.target), "");
  constexpr std::pair<size_t, const char*> kFields[] = {
      {0, "not a pack"},   {8, "format version"},  {12, "layout version"}, {16, "instruction set"},
      {31, "instruction"}, {32, "another model"},  {40, "another model"},  {48, "cut short or damaged"},
      {56, "damaged"},     {63, "there is room"},  {64, "checksum"},       {kHead - 1, "checksum"},
      {kHead, "checksum"}, {kHead + 7, "checksum"}};
  for (const auto& [at, word] : kFields) {
    Bytes8 bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    EXPECT_NE(refusal(bad, small.target).find(word), std::string::npos) << at << " " << refusal(bad, small.target);
  }
  for (size_t at = 0; at < kHead + 8; ++at) {
    Bytes8 bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x80);
    EXPECT_NE(refusal(bad, small.target), "") << at;
  }
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_NE(refusal({good.data(), good.data() + size}, small.target), "") << size;
  Bytes8 longer = good;
  longer.push_back(0);
  EXPECT_NE(refusal(longer, small.target).find("expected"), std::string::npos);
}

TEST_F(Packs, RefuseForgedTables) {
  const Small small;
  const Bytes8 good = small.bytes(path_);
  const auto forged = [&](size_t at, auto value) {
    Bytes8 bad = good;
    std::memcpy(bad.data() + at, &value, sizeof value);
    seal(bad);
    return refusal(bad, small.target);
  };
  const size_t second = 104 + 40;
  EXPECT_EQ(forged(second, int32_t{0}), "");
  for (const uint64_t offset : {uint64_t{0}, uint64_t{64}, uint64_t{255}, uint64_t{good.size()}, ~uint64_t{63}})
    EXPECT_NE(forged(second + 16, offset).find("entry 1"), std::string::npos) << offset;
  for (const uint64_t bytes : {uint64_t{71}, ~uint64_t{0}, ~uint64_t{0} - 255})
    EXPECT_NE(forged(second + 24, bytes).find("entry 1"), std::string::npos) << bytes;
  EXPECT_NE(forged(second + 12, 1u).find("entry 1"), std::string::npos);
  EXPECT_NE(forged(second, int32_t{-1}).find("entry 1"), std::string::npos) << "not in order";
  EXPECT_NE(forged(56, ~uint64_t{0}).find("room"), std::string::npos);
  EXPECT_NE(forged(56, uint64_t{7}).find("room"), std::string::npos);
}

TEST_F(Packs, FindBlocksByTheirKeys) {
  const Small small;
  small.bytes(path_);
  const auto pack = Pack::open(path_, small.target);
  ASSERT_TRUE(pack);
  for (size_t i = 0; i < small.blocks.size(); ++i) {
    ASSERT_EQ((*pack)->find(small.blocks[i].key), i);
    const auto block = (*pack)->block(i);
    ASSERT_TRUE(block);
    EXPECT_TRUE(std::ranges::equal(*block, small.blocks[i].bytes));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block->data()) % 64, 0u);
  }
  for (const Pack::Key& key : {Pack::Key{0, 1, 7}, Pack::Key{0, 0, 0}, Pack::Key{1, 0, 0}, Pack::Key{0, 3, 0}})
    EXPECT_EQ((*pack)->find(key), std::nullopt);
  ASSERT_TRUE(write_pack(path_, small.target, {}));
  const auto empty = Pack::open(path_, small.target);
  ASSERT_TRUE(empty) << empty.error().message;
  EXPECT_EQ((*empty)->find({0, 1, 8}), std::nullopt);
}

TEST_F(Packs, PackDamagedWeightsAnew) {
  const auto model = load(kDigits + "digits_float32.tflite");
  const Answer answer = run(model, make_constants());
  const PackTarget target = pack(model);
  Bytes8 bytes = read_file(path_);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file(path_, bytes);
  const auto constants = constants_of_pack(target);
  const Answer mended = run(model, constants);
  EXPECT_EQ(mended.bytes, answer.bytes);
  EXPECT_FALSE(mended.memory.from_pack());
  EXPECT_GT(mended.memory.mapped_bytes, 0u) << "the others are whole";
  EXPECT_GT(mended.memory.packed_bytes, 0u);
  EXPECT_NE(constants->damage().find("checksum"), std::string::npos);
  ASSERT_TRUE(constants->write(path_, target));
  const auto whole = constants_of_pack(target);
  EXPECT_TRUE(run(model, whole).memory.from_pack());
  EXPECT_EQ(whole->damage(), "");
}

TEST_F(Packs, KeepWhatOtherSessionsPacked) {
  const auto model = load(kDigits + "digits_float32.tflite");
  const PackTarget target = pack(model);
  const auto size = std::filesystem::file_size(path_);
  const auto constants = constants_of_pack(target);  // no session has asked for anything
  ASSERT_TRUE(constants->write(path_, target));
  EXPECT_EQ(std::filesystem::file_size(path_), size);
  EXPECT_TRUE(run(model, constants_of_pack(target)).memory.from_pack());
}

TEST_F(Packs, IgnoreBlocksOfAnotherSize) {
  const auto model = load(kDigits + "digits_int8.tflite");
  const Answer answer = run(model, make_constants());
  const PackTarget target = pack(model);
  const auto pack = Pack::open(path_, target);
  ASSERT_TRUE(pack);
  std::vector<Pack::Block> blocks;
  for (size_t i = 0; i < (*pack)->size(); ++i)
    blocks.push_back({(*pack)->key(i), (*pack)->block(i)->first((*pack)->block_bytes(i) - 1)});
  ASSERT_TRUE(write_pack(path_, target, blocks));
  const Answer anew = run(model, constants_of_pack(target));
  EXPECT_EQ(anew.bytes, answer.bytes);
  EXPECT_EQ(anew.memory.mapped_bytes, 0u);
}

TEST_F(Packs, HoldNothingButNumbers) {
  for (const char* name : {"digits_int8.tflite", "digits_float32.tflite"}) {
    const auto model = load(kDigits + name);
    const PackTarget target = pack(model);
    const auto pack = Pack::open(path_, target);
    ASSERT_TRUE(pack);
    std::vector<std::vector<std::byte>> forged;
    std::vector<Pack::Block> blocks;
    for (size_t i = 0; i < (*pack)->size(); ++i) {
      forged.emplace_back((*pack)->block_bytes(i));
      for (size_t j = 0; j < forged[i].size(); ++j) forged[i][j] = static_cast<std::byte>(j * j * 31 + i);
      blocks.push_back({(*pack)->key(i), forged[i]});
    }
    ASSERT_TRUE(write_pack(path_, target, blocks));
    EXPECT_TRUE(run(model, constants_of_pack(target)).memory.from_pack());  // the answer is what such weights give
  }
}

TEST_F(Packs, ServeOneModelAndSetOnly) {
  const auto model = load(kDigits + "digits_int8.tflite");
  PackTarget target = pack(model);
  const auto other = Pack::open(path_, *pack_target(*load(kDigits + "digits_float32.tflite")));
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("another model"), std::string::npos);
  target.set = "abacus";
  const auto foreign = Pack::open(path_, target);
  ASSERT_FALSE(foreign);
  EXPECT_NE(foreign.error().message.find("abacus"), std::string::npos);
  EXPECT_EQ(Pack::open(path_ + "x", target).error().code, ErrorCode::kNotFound);

  const char* before = std::getenv("TULLE_ISA");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TULLE_ISA", "reference", 1);
  EXPECT_EQ(pack_target(*model).error().code, ErrorCode::kUnsupported);
  if (before == nullptr)
    ::unsetenv("TULLE_ISA");
  else
    ::setenv("TULLE_ISA", kept.c_str(), 1);
}

TEST_F(Packs, AreSeenWholeByAll) {
  const auto model = load(kDigits + "digits_float32.tflite");
  const Answer answer = run(model, make_constants());
  const PackTarget target = pack(model);
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        const auto opened = Pack::open(path_, target);
        if (!opened) {
          ++wrong;
          continue;
        }
        const auto constants = make_constants();
        constants->use(*opened, target);
        const Answer found = run(model, constants);
        if (found.bytes != answer.bytes || !found.memory.from_pack()) ++wrong;
        if (t % 2 == 0 && !constants->write(path_, target)) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(files(), 1u);
}

TEST_F(Packs, TwoSessionsAtOnceUseOne) {
  const auto model = load(kDigits + "digits_int8.tflite");
  const Answer answer = run(model, make_constants());
  const auto constants = constants_of_pack(pack(model));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      const Answer found = run(model, constants);
      if (found.bytes != answer.bytes || !found.memory.from_pack()) ++wrong;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Packs, LeaveNothingBehindWhereWritingFails) {
  const Small small;
  const Bytes8 good = small.bytes(path_);
  const auto elsewhere = write_pack((folder_ / "no/x.pack").string(), small.target, small.blocks);
  ASSERT_FALSE(elsewhere);
  EXPECT_EQ(elsewhere.error().code, ErrorCode::kIo);
  EXPECT_NE(elsewhere.error().message.find("cannot write"), std::string::npos);

  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before;
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit less = before;
  less.rlim_cur = 200;
  ::setrlimit(RLIMIT_FSIZE, &less);
  const auto cut = write_pack(path_, small.target, small.blocks);
  ::setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().message.find("File too large"), std::string::npos) << cut.error().message;
  EXPECT_EQ(read_file(path_), good);
  EXPECT_EQ(files(), 1u);

  const std::string pipe = (folder_ / "pipe").string(), link = (folder_ / "link").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(write_pack(pipe, small.target, small.blocks).error().code, ErrorCode::kInvalidArgument);
  std::filesystem::create_symlink(path_, link);
  EXPECT_TRUE(write_pack(link, small.target, {}));
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_LT(std::filesystem::file_size(path_), good.size());
}

}  // namespace
}  // namespace tulle

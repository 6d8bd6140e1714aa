// What this machine can do at most: multiply-adds a second by instruction set, read bandwidth by cache, thread
// hand-off. JSON out.
//
// Each figure is the median of kRepeats runs of kSeconds with 1 and with 2 threads. Loops of instruction sets that the
// processor lacks are left out.
#include <immintrin.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int kRepeats = 9;
constexpr double kSeconds = 0.012;
constexpr int kChains =
    12;  // independent accumulators: enough for latency 4…6 on two ports, few enough for 16 registers
constexpr size_t kHugePage = size_t{2} << 20;
volatile int g_one = 1;  // a value that the compiler cannot know

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// A function `name(rounds)` with kChains accumulators, each stepped once a round. The empty asm makes the operand look
// changed, so that no step is moved out of the loop or shared with another. All loops over the accumulators are
// unrolled, or the compiler keeps them in memory.
#define EACH_CHAIN _Pragma("GCC unroll 12") for (int i = 0; i < kChains; ++i)
#define LOOP(name, isa, Vector, constraint, start, step)   \
  __attribute__((target(isa))) void name(int64_t rounds) { \
    Vector x = start, y = start, sums[kChains];            \
    EACH_CHAIN sums[i] = start;                            \
    for (int64_t r = 0; r < rounds; ++r) {                 \
      EACH_CHAIN {                                         \
        Vector& sum = sums[i];                             \
        asm volatile("" : "+" constraint(x));              \
        sum = step;                                        \
      }                                                    \
    }                                                      \
    EACH_CHAIN asm volatile("" : "+" constraint(sums[i])); \
  }

LOOP(fma_128, "fma", __m128, "x", _mm_set1_ps(float(g_one)), _mm_fmadd_ps(x, y, sum))
LOOP(fma_256, "avx2,fma", __m256, "x", _mm256_set1_ps(float(g_one)), _mm256_fmadd_ps(x, y, sum))
LOOP(fma_512, "avx512f", __m512, "v", _mm512_set1_ps(float(g_one)), _mm512_fmadd_ps(x, y, sum))
LOOP(mul_add_128, "sse2", __m128, "x", _mm_set1_ps(float(g_one)), _mm_add_ps(_mm_mul_ps(x, y), sum))
LOOP(madd_256, "avx2", __m256i, "x", _mm256_set1_epi16(short(g_one)), _mm256_add_epi32(_mm256_madd_epi16(x, y), sum))
LOOP(madd_512, "avx512bw", __m512i, "v", _mm512_set1_epi16(short(g_one)),
     _mm512_add_epi32(_mm512_madd_epi16(x, y), sum))
LOOP(dot_avx_256, "avxvnni", __m256i, "x", _mm256_set1_epi8(char(g_one)), _mm256_dpbusd_avx_epi32(sum, x, y))
LOOP(dot_256, "avx512vnni,avx512vl", __m256i, "x", _mm256_set1_epi8(char(g_one)), _mm256_dpbusd_epi32(sum, x, y))
LOOP(dot_512, "avx512vnni", __m512i, "v", _mm512_set1_epi8(char(g_one)), _mm512_dpbusd_epi32(sum, x, y))

// Reads the bytes once, 256 at a step. Plain SSE2 loads would be bound by the number of loads, not by the cache.
__attribute__((target("avx2"))) void read_256(const char* bytes, size_t size) {
  __m256i sums[8] = {};
  for (size_t at = 0; at < size; at += 256)
    _Pragma("GCC unroll 8") for (int i = 0; i < 8; ++i) sums[i] =
        _mm256_or_si256(sums[i], _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes + at + 32 * i)));
  for (__m256i& sum : sums) asm volatile("" : "+x"(sum));
}

__attribute__((target("avx512f"))) void read_512(const char* bytes, size_t size) {
  __m512i sums[4] = {};
  for (size_t at = 0; at < size; at += 256)
    _Pragma("GCC unroll 4") for (int i = 0; i < 4; ++i) sums[i] =
        _mm512_or_si512(sums[i], _mm512_load_si512(bytes + at + 64 * i));
  for (__m512i& sum : sums) asm volatile("" : "+v"(sum));
}

void read_128(const char* bytes, size_t size) {
  __m128i sums[8] = {};
  for (size_t at = 0; at < size; at += 128)
    for (int i = 0; i < 8; ++i)
      sums[i] = _mm_or_si128(sums[i], _mm_load_si128(reinterpret_cast<const __m128i*>(bytes + at + 16 * i)));
  for (__m128i& sum : sums) asm volatile("" : "+x"(sum));
}

// Seconds that `threads` threads need when each does work(thread, rounds), all starting at once.
double seconds(int threads, int64_t rounds, const std::function<void(int, int64_t)>& work) {
  std::atomic<int> ready{0};
  std::vector<double> took(threads);
  auto body = [&](int thread) {
    ++ready;
    while (ready.load() < threads) _mm_pause();
    const double start = now();
    work(thread, rounds);
    took[thread] = now() - start;
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < threads; ++thread) others.emplace_back(body, thread);
  body(0);
  for (std::thread& other : others) other.join();
  return *std::max_element(took.begin(), took.end());
}

// Median over the repeats of units of work a second, in units of 10^9, of all threads together.
double rate(int threads, double units, const std::function<void(int, int64_t)>& work) {
  int64_t rounds = 1;
  while (seconds(threads, rounds, work) < kSeconds) rounds *= 2;  // warms up, too
  std::vector<double> rates;
  for (int i = 0; i < kRepeats; ++i) rates.push_back(units * rounds * threads / seconds(threads, rounds, work) * 1e-9);
  std::nth_element(rates.begin(), rates.begin() + kRepeats / 2, rates.end());
  return rates[kRepeats / 2];
}

bool g_first = true;

void print(const std::string& name, const char* unit, double one, double two) {
  std::printf("%s\n  \"%s\": {\"unit\": \"%s\", \"1\": %.2f, \"2\": %.2f}", g_first ? "{" : ",", name.c_str(), unit,
              one, two);
  g_first = false;
}

void arithmetic(bool there, const char* name, const char* unit, int products, void (*loop)(int64_t)) {
  if (!there) return;
  auto work = [loop](int, int64_t rounds) { loop(rounds); };
  const double units = 2.0 * kChains * products;  // a multiply-add is two operations
  print(name, unit, rate(1, units, work), rate(2, units, work));
}

void bandwidth(const char* name, size_t size) {
  auto* read = __builtin_cpu_supports("avx512f") ? read_512 : __builtin_cpu_supports("avx2") ? read_256 : read_128;
  size = size / 4096 * 4096;
  const size_t half = (size + kHugePage - 1) / kHugePage * kHugePage;  // one part a thread
  char* memory = static_cast<char*>(std::aligned_alloc(kHugePage, 2 * half));
  if (!memory) return;
  madvise(memory, 2 * half, MADV_HUGEPAGE);  // faster to fill, and no misses of the address cache while reading
  std::memset(memory, 1, 2 * half);
  auto work = [&](int thread, int64_t rounds) {
    for (int64_t r = 0; r < rounds; ++r) read(memory + thread * half, size);
  };
  print(name, "GB/s", rate(1, double(size), work), rate(2, double(size), work));
  std::free(memory);
}

// Nanoseconds until another thread has seen a change and its answer is seen here.
double spinning_round_trip(int rounds) {
  std::atomic<int> ask{0}, answer{0};
  std::thread other([&] {
    for (int r = 1; r <= rounds; ++r) {
      while (ask.load(std::memory_order_acquire) < r) _mm_pause();
      answer.store(r, std::memory_order_release);
    }
  });
  const double start = now();
  for (int r = 1; r <= rounds; ++r) {
    ask.store(r, std::memory_order_release);
    while (answer.load(std::memory_order_acquire) < r) _mm_pause();
  }
  const double took = now() - start;
  other.join();
  return took / rounds * 1e9;
}

double sleeping_round_trip(int rounds) {
  std::mutex mutex;
  std::condition_variable changed;
  int ask = 0, answer = 0;
  std::thread other([&] {
    std::unique_lock lock(mutex);
    for (int r = 1; r <= rounds; ++r) {
      changed.wait(lock, [&] { return ask >= r; });
      answer = r;
      changed.notify_all();
    }
  });
  const double start = now();
  {
    std::unique_lock lock(mutex);
    for (int r = 1; r <= rounds; ++r) {
      ask = r;
      changed.notify_all();
      changed.wait(lock, [&] { return answer >= r; });
    }
  }
  const double took = now() - start;
  other.join();
  return took / rounds * 1e9;
}

size_t cache_size(int name, size_t otherwise) {
  const long size = sysconf(name);  // 0 where a virtual machine hides it
  return size > 0 ? size_t(size) : otherwise;
}

}  // namespace

int main() {
  const bool fma = __builtin_cpu_supports("fma"), avx2 = __builtin_cpu_supports("avx2");
  const bool vnni = __builtin_cpu_supports("avx512vnni"), vl = __builtin_cpu_supports("avx512vl");
  arithmetic(true, "float32 multiply, add 128-bit", "GFLOP/s", 4, mul_add_128);
  arithmetic(fma, "float32 FMA 128-bit", "GFLOP/s", 4, fma_128);
  arithmetic(fma && avx2, "float32 FMA 256-bit", "GFLOP/s", 8, fma_256);
  arithmetic(__builtin_cpu_supports("avx512f"), "float32 FMA 512-bit", "GFLOP/s", 16, fma_512);
  arithmetic(avx2, "int16 madd 256-bit", "GOP/s", 16, madd_256);
  arithmetic(__builtin_cpu_supports("avx512bw"), "int16 madd 512-bit", "GOP/s", 32, madd_512);
  arithmetic(__builtin_cpu_supports("avxvnni"), "int8 dot 256-bit (AVX-VNNI)", "GOP/s", 32, dot_avx_256);
  arithmetic(vnni && vl, "int8 dot 256-bit", "GOP/s", 32, dot_256);
  arithmetic(vnni, "int8 dot 512-bit", "GOP/s", 64, dot_512);
  const size_t l1 = cache_size(_SC_LEVEL1_DCACHE_SIZE, 32 << 10), l2 = cache_size(_SC_LEVEL2_CACHE_SIZE, 512 << 10);
  const size_t l3 = cache_size(_SC_LEVEL3_CACHE_SIZE, 16 << 20);
  bandwidth("L1 read", l1 / 2);
  bandwidth("L2 read", l2 / 2);
  bandwidth("L3 read", std::max(l3 / 6, std::min(2 * l2, l3 / 3)));  // two threads fit into it together
  bandwidth("DRAM read", std::clamp<size_t>(4 * l3, 64u << 20, 256u << 20));
  std::printf(",\n  \"hand-off spinning\": {\"unit\": \"ns\", \"2\": %.1f}", spinning_round_trip(200000));
  std::printf(",\n  \"hand-off sleeping\": {\"unit\": \"ns\", \"2\": %.0f}\n}\n", sleeping_round_trip(5000));
}

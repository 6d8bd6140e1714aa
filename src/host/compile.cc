// The two sides of a compiler's process. Wasm, what is made of it and messages pass in files in memory, so that neither
// side waits for the other and a compiler that dies leaves nothing behind.
#include "host/compile.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/write_all.h"
#include "host/wall.h"

namespace tulle::host {
namespace {

constexpr const char* kArgument = "--compile-guest";

// Descriptors of a compiler.
constexpr int kWasm = 0, kArtefact = 1, kMessage = 2, kSnapshot = 3, kReport = 4, kTask = 5;

/// What a compiler is told.
struct Task {
  uint64_t cpu_seconds, memory_bytes;
  EngineLimits limits;
  uint64_t timeout_ns;
};

File memory_file(const char* name) { return File(static_cast<int>(::memfd_create(name, MFD_CLOEXEC))); }

uint64_t size_of(const File& file) {
  struct stat status{};
  return ::fstat(file.get(), &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

std::string text_of(const File& file) {
  std::string text(std::min<uint64_t>(size_of(file), 1 << 16), '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return text;
}

Task task_of(const Limits& limits, const Compiler& compiler) {
  return {static_cast<uint64_t>(compiler.time.count()), compiler.memory_bytes, limits.engine,
          static_cast<uint64_t>(limits.time.count())};
}

/// Waits until the process has ended, for so long at most; its status.
std::optional<int> wait_for(pid_t process, std::chrono::milliseconds time) {
  const File watched(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));
  pollfd waiting{watched.get(), POLLIN, 0};
  const auto end = std::chrono::steady_clock::now() + time;
  int ready = 0;
  do {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    ready = ::poll(&waiting, 1, static_cast<int>(std::max<int64_t>(left.count(), 0)));
  } while (ready < 0 && errno == EINTR);
  if (ready != 1) ::kill(process, SIGKILL);
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return ready == 1 ? std::optional(status) : std::nullopt;
}

/// Starts a compiler over these files, by their numbers in it.
std::expected<pid_t, int> start(const Compiler& compiler, const std::array<const File*, 6>& files) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Numbers above those of the compiler first, so that no file is closed by another's taking its place.
  constexpr int kAbove = 100;
  for (int to = 0; to < static_cast<int>(files.size()); ++to)
    posix_spawn_file_actions_adddup2(&actions, files[static_cast<size_t>(to)]->get(), kAbove + to);
  for (int to = 0; to < static_cast<int>(files.size()); ++to)
    posix_spawn_file_actions_adddup2(&actions, kAbove + to, to);
  posix_spawn_file_actions_addclosefrom_np(&actions, static_cast<int>(files.size()));
  std::string name = "tulle", argument = kArgument;
  std::array<char*, 3> words{name.data(), argument.data(), nullptr};
  std::array<char*, 1> environment{nullptr};
  pid_t process = 0;
  const int error =
      ::posix_spawn(&process, compiler.program.c_str(), &actions, nullptr, words.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::unexpected(error);
  return process;
}

/// The sink of a compiler's descriptor.
EngineSink to_file(int& file) {
  return {&file, [](void* user, EngineBytes bytes) {
            // What does not get there is missed by the other side.
            (void)write_all(*static_cast<int*>(user), bytes_of(bytes));
          }};
}

}  // namespace

Ended<Compiled> compile(std::span<const std::byte> wasm, const Limits& limits, const Compiler& compiler) {
  const File input = memory_file("wasm"), message = memory_file("message"), report = memory_file("report"),
             task = memory_file("task");
  const Task told = task_of(limits, compiler);
  Compiled compiled{memory_file("artefact"), memory_file("snapshot")};
  if (!input || !message || !report || !task || !compiled.artefact || !compiled.snapshot ||
      !write_all(input.get(), wasm) || !write_all(task.get(), std::as_bytes(std::span(&told, 1))))
    return refused(fmt::format("compiling: {}", std::strerror(errno)));
  ::lseek(input.get(), 0, SEEK_SET);
  const auto process = start(compiler, {&input, &compiled.artefact, &message, &compiled.snapshot, &report, &task});
  if (!process)
    return refused(fmt::format("the compiler {} does not start: {}", compiler.program, std::strerror(process.error())));
  const auto status = wait_for(*process, compiler.time);
  if (!status || (WIFSIGNALED(*status) && WTERMSIG(*status) == SIGXCPU))
    return refused(fmt::format("compiling takes more than {} s", compiler.time.count()));
  EngineCompileEnd end{};
  if (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0 || ::pread(report.get(), &end, sizeof end, 0) != sizeof end) {
    std::string words = text_of(message);
    words = words.substr(0, words.find('\n'));
    return refused(words.empty() ? "the compiler died, which it does where it is out of memory"
                                 : "the compiler died: " + words);
  }
  if (end.ending != kEndingExit) return std::unexpected(Ending{end.ending, end.code, text_of(message)});
  if (size_of(compiled.artefact) == 0)
    return refused(fmt::format("the initialiser ended the program with {}", end.code));
  if (size_of(compiled.snapshot) == 0) compiled.snapshot = File();
  compiled.initialise = std::chrono::nanoseconds(end.initialise_ns);
  return compiled;
}

std::string initialiser_of(std::span<const std::byte> wasm) {
  std::string name;
  tulle_engine_initialiser(view(wasm), into(name));
  return name;
}

bool is_compiler(int argc, char** argv) { return argc == 2 && std::string_view(argv[1]) == kArgument; }

int compiler_main() {
  Task task{};
  if (::pread(kTask, &task, sizeof task, 0) != sizeof task) return 1;
  const auto limit = [](int what, uint64_t most) {
    const rlimit both{most, most};
    ::setrlimit(static_cast<decltype(RLIMIT_CPU)>(what), &both);
  };
  limit(RLIMIT_CPU, task.cpu_seconds * 2);
  // RLIMIT_AS would count what is reserved for guests and never used; and what sanitizers reserve counts for this, too.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  limit(RLIMIT_DATA, task.memory_bytes);
#endif
  limit(RLIMIT_FSIZE, task.memory_bytes);
  limit(RLIMIT_CORE, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  raise_wall({});
  struct stat status{};
  if (::fstat(kWasm, &status) != 0) return 1;
  const auto size = static_cast<size_t>(status.st_size);
  void* wasm = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, kWasm, 0);
  if (wasm == MAP_FAILED) return 1;
  int artefact = kArtefact, snapshot = kSnapshot, message = kMessage;
  EngineCompileEnd end{};
  tulle_engine_compile({static_cast<const uint8_t*>(wasm), size}, task.limits, task.timeout_ns,
                       {to_file(artefact), to_file(snapshot), to_file(message)}, end);
  // Nothing is left to do, and what runs at exit finds a wall.
  ::_exit(write_all(kReport, std::as_bytes(std::span(&end, 1))) ? 0 : 1);
}

}  // namespace tulle::host

// Landlock and seccomp, by system calls: the C library has neither.
#include "host/wall.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "host/file.h"

namespace tulle::host {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t kArchitecture = 0;
#endif

/// What no guest is for: programs, sockets, other processes, the machine itself, and ways around these.
constexpr int kDenied[] = {
    SYS_execve,
    SYS_execveat,
    SYS_socket,
    SYS_socketpair,
    SYS_connect,
    SYS_bind,
    SYS_listen,
    SYS_accept,
    SYS_accept4,
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_pidfd_open,
    SYS_pidfd_getfd,
    SYS_pidfd_send_signal,
    SYS_kill,
    SYS_kcmp,
    SYS_mount,
    SYS_umount2,
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    SYS_open_by_handle_at,
    SYS_name_to_handle_at,
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_io_uring_setup,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_personality,
#if defined(__x86_64__)
    SYS_fork,
    SYS_vfork,
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
    SYS_kexec_file_load,
#endif
};

bool deny_calls() {
  std::vector<sock_filter> filter;
  const auto load = [&](size_t at) { filter.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(at))); };
  const auto give = [&](uint32_t value) { filter.push_back(BPF_STMT(BPF_RET | BPF_K, value)); };
  const auto skip_unless = [&](uint16_t comparison, uint32_t value) {
    filter.push_back(BPF_JUMP(static_cast<uint16_t>(BPF_JMP | comparison | BPF_K), value, 0, 1));
  };
  constexpr uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;
  load(offsetof(seccomp_data, arch));
  filter.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  give(SECCOMP_RET_KILL_PROCESS);
  load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
  constexpr uint32_t kOtherNumbers = 0x40000000;  // those of x32
  skip_unless(BPF_JGE, kOtherNumbers);
  give(kRefused);
#endif
  for (const int number : kDenied) {
    skip_unless(BPF_JEQ, static_cast<uint32_t>(number));
    give(kRefused);
  }
  give(SECCOMP_RET_ALLOW);
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  return kArchitecture != 0 &&
         ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

/// What the kernel knows of files; newer rights are left out for older kernels.
uint64_t known_rights() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return 0;
  constexpr int kFirst = 13;  // rights of the first version
  constexpr uint64_t kRefer = uint64_t{1} << 13, kTruncate = uint64_t{1} << 14;
  return ((uint64_t{1} << kFirst) - 1) | (version >= 2 ? kRefer : 0) | (version >= 3 ? kTruncate : 0);
}

bool keep_to(std::span<const Directory> directories) {
  const uint64_t all = known_rights();
  const uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = all;
  const File rules(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0)));
  if (all == 0 || !rules) return false;
  for (const Directory& directory : directories) {
    const File folder(::open(directory.host.c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
    // Files that run are none that a guest makes or opens.
    const uint64_t allowed = directory.read_only ? reading : all & ~uint64_t{LANDLOCK_ACCESS_FS_EXECUTE};
    const landlock_path_beneath_attr beneath{allowed, folder.get()};
    if (!folder || ::syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) != 0)
      return false;
  }
  return ::syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
}

}  // namespace

std::string raise_wall(std::span<const Directory> directories) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return "no new privileges";
  std::string lacking;
  if (!keep_to(directories)) lacking = "Landlock";
  if (!deny_calls()) lacking += lacking.empty() ? "seccomp" : ", seccomp";
  return lacking;
}

}  // namespace tulle::host

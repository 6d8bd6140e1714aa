// The wall: what a process can't do any more behind it. Each case is a process of its own, since nothing takes a wall
// down.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "host/wall.h"

namespace tulle::host {
namespace {

/// What work() gives behind a wall with these folders.
int behind(const std::vector<Directory>& folders, const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string lacking = raise_wall(folders);
    ::_exit(lacking.find("seccomp") != std::string::npos ? 100 : work());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

int errno_of(int result) { return result < 0 ? errno : 0; }

class Wall : public testing::Test {
 protected:
  void SetUp() override {
    std::string made = (std::filesystem::temp_directory_path() / "tulle-wall-XXXXXX").string();
    ASSERT_NE(::mkdtemp(made.data()), nullptr);
    folder = made;
    std::filesystem::create_directories(folder / "mine");
    std::filesystem::create_directories(folder / "read");
    for (const char* name : {"mine/a", "read/a", "outside"}) std::ofstream(folder / name) << "text";
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::vector<Directory> folders() const {
    return {{folder / "mine", "/mine", false}, {folder / "read", "/read", true}};
  }
  int opening(const char* name, int flags) const {
    return behind(folders(), [&] { return errno_of(::open((folder / name).c_str(), flags | O_CLOEXEC, 0600)); });
  }

  std::filesystem::path folder;
};

TEST_F(Wall, NoProgramsNoSocketsNoOtherProcesses) {
  char* const words[] = {const_cast<char*>("true"), nullptr};
  EXPECT_EQ(behind({}, [&] { return errno_of(::execv("/bin/true", words)); }), EPERM);
  EXPECT_EQ(behind({}, [] { return errno_of(::socket(AF_INET, SOCK_STREAM, 0)); }), EPERM);
  EXPECT_EQ(behind({}, [] { return errno_of(::socket(AF_UNIX, SOCK_STREAM, 0)); }), EPERM);
  EXPECT_EQ(behind({}, [] { return errno_of(::kill(::getppid(), 0)); }), EPERM);
}

TEST_F(Wall, WhatGuestsNeedGoesOn) {
  EXPECT_EQ(behind({},
                   [] {
                     int found = 1;
                     std::thread([&] { found = 7; }).join();
                     return found;
                   }),
            7);
}

TEST_F(Wall, NothingOutsideTheFolders) {
  const bool has_landlock = behind({}, [] { return raise_wall({}).empty() ? 1 : 0; }) == 1;
  if (!has_landlock) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(opening("outside", O_RDONLY), EACCES);
  EXPECT_EQ(opening("new", O_WRONLY | O_CREAT), EACCES);
  EXPECT_EQ(opening("read/a", O_RDONLY), 0);
  EXPECT_EQ(opening("read/a", O_WRONLY), EACCES);
  EXPECT_EQ(opening("read/new", O_WRONLY | O_CREAT), EACCES);
  EXPECT_EQ(opening("mine/a", O_RDWR), 0);
  EXPECT_EQ(opening("mine/new", O_WRONLY | O_CREAT), 0);
  EXPECT_EQ(opening("mine/../outside", O_RDONLY), EACCES);
}

}  // namespace
}  // namespace tulle::host

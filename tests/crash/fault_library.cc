// A library that is loaded into the server (LD_PRELOAD) and makes chosen system calls fail, lie,
// take their time, or kill the process. strace counts the calls of each thread by itself; here the
// n-th is the n-th of the process, so that a test reaches each call of an ingest exactly once. A
// test drives it while the server runs, through a file that both have mapped (tests/crash/faults.py
// has the other side).
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

// The bits of Control::calls. A read or a write counts when it is of a file: pipes and eventfds
// never fail.
enum Call : uint32_t {
  kOpen,
  kWrite,
  kSync,
  kLink,
  kRename,
  kUnlink,
  kMakeFolder,
  kTruncate,
  kAttribute,
  kMode,
  kSend,
  kMemory,
  kReceive,
  kRead,
};

enum Action : uint32_t { kOff, kCount, kKill, kFail, kPretend, kDelay, kShorten };

constexpr size_t kRememberedCalls =
    8192;  // an ingest has under a hundred; what is beyond is only counted
constexpr size_t kPathBytes = 256;

struct Control {
  std::atomic<uint32_t> action;
  std::atomic<uint32_t> calls;  // which of them
  std::atomic<int32_t> error;   // for kFail; for kDelay the milliseconds
  std::atomic<uint32_t> files;  // only those whose path holds `path`, where that is not empty
  std::atomic<int64_t> at;      // the n-th, from 1; 0: each of them
  std::atomic<int64_t> seen;
  std::atomic<int64_t> fired;
  char path[kPathBytes];
  std::atomic<uint8_t> sequence[kRememberedCalls];
};

Control* control = nullptr;

// The C library's syscall(), past our own.
template <typename... Arguments>
long kernel(long number, Arguments... arguments) {
  using Syscall = long (*)(long, ...);
  static const auto real = reinterpret_cast<Syscall>(::dlsym(RTLD_NEXT, "syscall"));
  return real(number, arguments...);
}

__attribute__((constructor)) void map_control() {
  const char* path = std::getenv("PACS_LITE_FAULTS");
  if (path == nullptr) return;
  const long file = kernel(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (file < 0) return;
  void* mapped = ::mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED,
                        static_cast<int>(file), 0);
  kernel(SYS_close, file);
  if (mapped != MAP_FAILED) control = static_cast<Control*>(mapped);
}

bool contains(const char* text, const char* part) {
  for (; *text != '\0'; ++text) {
    size_t i = 0;
    while (part[i] != '\0' && text[i] == part[i]) ++i;
    if (part[i] == '\0') return true;
  }
  return false;
}

// The text of /proc/self/fd/N, without a call that is counted here.
bool is_wanted_file(int descriptor) {
  if (control->files == 0 || descriptor < 0) return true;
  char link[32] = "/proc/self/fd/";
  size_t end = 14;
  char digits[12];
  size_t count = 0;
  for (unsigned rest = static_cast<unsigned>(descriptor); count == 0 || rest != 0; rest /= 10) {
    digits[count++] = static_cast<char>('0' + rest % 10);
  }
  while (count > 0) link[end++] = digits[--count];
  link[end] = '\0';
  char path[4096];
  const long size = kernel(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = '\0';
  return contains(path, control->path);
}

bool is_file(int descriptor) {
  struct stat status = {};
  return kernel(SYS_fstat, descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

// What is to happen to this call. Does not return when the process dies at it.
Action decide(Call call, int descriptor) {
  if (control == nullptr) return kOff;
  const auto action = static_cast<Action>(control->action.load());
  if (action == kOff || (control->calls.load() >> call & 1) == 0) return kOff;
  if ((call == kWrite || call == kRead) && !is_file(descriptor)) return kOff;
  if (!is_wanted_file(descriptor)) return kOff;
  const int64_t number = ++control->seen;
  if (static_cast<size_t>(number) <= kRememberedCalls) control->sequence[number - 1] = call;
  const int64_t at = control->at.load();
  if (action == kCount || (at != 0 && number != at)) return kOff;
  ++control->fired;
  if (action == kKill) {
    kernel(SYS_kill, kernel(SYS_getpid), SIGKILL);
    while (true) kernel(SYS_pause);
  }
  return action;
}

template <typename Real>
long carry_out(Action action, long pretended, const Real& real) {
  switch (action) {
    case kFail:
      errno = control->error;
      return -1;
    case kPretend:
      return pretended;
    case kDelay: {
      const timespec time{control->error / 1000, control->error % 1000 * 1'000'000L};
      kernel(SYS_nanosleep, &time, nullptr);
      return real();
    }
    default:
      return real();
  }
}

template <typename Real>
long faulted(Call call, int descriptor, long pretended, const Real& real) {
  return carry_out(decide(call, descriptor), pretended, real);
}

template <typename Real>
int faulted_int(Call call, int descriptor, const Real& real) {
  return static_cast<int>(faulted(call, descriptor, 0, real));
}

int open_at(int folder, const char* path, int flags, unsigned mode) {
  return faulted_int(kOpen, -1, [=] { return kernel(SYS_openat, folder, path, flags, mode); });
}

ssize_t write_bytes(int file, size_t size, long (*real)(int, const void*, size_t, off_t),
                    const void* bytes, off_t offset) {
  const Action action = decide(kWrite, file);
  // POSIX lets any write take less than all; who does not look has lost the rest.
  const size_t taken = action == kShorten ? (size + 1) / 2 : size;
  return carry_out(action, static_cast<long>(size),
                   [=] { return real(file, bytes, taken, offset); });
}

long real_write(int file, const void* bytes, size_t size, off_t /*offset*/) {
  return kernel(SYS_write, file, bytes, size);
}

long real_pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return kernel(SYS_pwrite64, file, bytes, size, offset);
}

template <typename Allocate>
void* allocated(const Allocate& allocate) {
  if (decide(kMemory, -1) != kFail) return allocate();
  errno = ENOMEM;
  return nullptr;
}

}  // namespace

#pragma GCC diagnostic ignored "-Wmissing-declarations"

extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* old, size_t size);

void* malloc(size_t size) {
  return allocated([=] { return __libc_malloc(size); });
}
void* calloc(size_t count, size_t size) {
  return allocated([=] { return __libc_calloc(count, size); });
}
void* realloc(void* old, size_t size) {
  return allocated([=] { return __libc_realloc(old, size); });
}

int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const bool has_mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  const unsigned mode = has_mode ? va_arg(arguments, unsigned) : 0;
  va_end(arguments);
  return open_at(folder, path, flags, mode);
}
int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const bool has_mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  const unsigned mode = has_mode ? va_arg(arguments, unsigned) : 0;
  va_end(arguments);
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char* path, int flags, ...) __attribute__((alias("openat")));
int __open_2(const char* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __open64_2(const char* path, int flags) { return open_at(AT_FDCWD, path, flags, 0); }
int __openat_2(int folder, const char* path, int flags) { return open_at(folder, path, flags, 0); }
int __openat64_2(int folder, const char* path, int flags) {
  return open_at(folder, path, flags, 0);
}

// openat2(2) has no function in glibc: programs call it by its number.
long syscall(long number, ...) noexcept {
  va_list arguments;
  va_start(arguments, number);
  std::array<long, 6> a{};
  for (long& argument : a) argument = va_arg(arguments, long);
  va_end(arguments);
  const auto real = [&] { return kernel(number, a[0], a[1], a[2], a[3], a[4], a[5]); };
  return number == SYS_openat2 ? faulted(kOpen, -1, 0, real) : real();
}

ssize_t write(int file, const void* bytes, size_t size) {
  return write_bytes(file, size, real_write, bytes, 0);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return write_bytes(file, size, real_pwrite, bytes, offset);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off_t offset) {
  return write_bytes(file, size, real_pwrite, bytes, offset);
}
ssize_t writev(int file, const struct iovec* parts, int count) {
  return faulted(is_file(file) ? kWrite : kSend, file, 0,
                 [=] { return kernel(SYS_writev, file, parts, count); });
}

ssize_t read(int file, void* bytes, size_t size) {
  return faulted(kRead, file, 0, [=] { return kernel(SYS_read, file, bytes, size); });
}
ssize_t pread(int file, void* bytes, size_t size, off_t offset) {
  return faulted(kRead, file, 0, [=] { return kernel(SYS_pread64, file, bytes, size, offset); });
}
ssize_t pread64(int file, void* bytes, size_t size, off_t offset) {
  return pread(file, bytes, size, offset);
}
// The file is the second one: what fails is the reading of it.
ssize_t sendfile(int socket, int file, off_t* offset, size_t size) noexcept {
  return faulted(kRead, file, 0, [=] { return kernel(SYS_sendfile, socket, file, offset, size); });
}
ssize_t sendfile64(int socket, int file, off_t* offset, size_t size) noexcept {
  return sendfile(socket, file, offset, size);
}

int fsync(int file) {
  return faulted_int(kSync, file, [=] { return kernel(SYS_fsync, file); });
}
int fdatasync(int file) {
  return faulted_int(kSync, file, [=] { return kernel(SYS_fdatasync, file); });
}

int linkat(int from, const char* old, int to, const char* path, int flags) noexcept {
  return faulted_int(kLink, -1, [=] { return kernel(SYS_linkat, from, old, to, path, flags); });
}
int renameat2(int from, const char* old, int to, const char* path, unsigned flags) noexcept {
  return faulted_int(kRename, -1,
                     [=] { return kernel(SYS_renameat2, from, old, to, path, flags); });
}
int renameat(int from, const char* old, int to, const char* path) noexcept {
  return renameat2(from, old, to, path, 0);
}
int rename(const char* old, const char* path) noexcept {
  return renameat2(AT_FDCWD, old, AT_FDCWD, path, 0);
}
int unlinkat(int folder, const char* path, int flags) noexcept {
  return faulted_int(kUnlink, -1, [=] { return kernel(SYS_unlinkat, folder, path, flags); });
}
int unlink(const char* path) noexcept { return unlinkat(AT_FDCWD, path, 0); }
int mkdirat(int folder, const char* path, mode_t mode) noexcept {
  return faulted_int(kMakeFolder, -1, [=] { return kernel(SYS_mkdirat, folder, path, mode); });
}
int mkdir(const char* path, mode_t mode) noexcept { return mkdirat(AT_FDCWD, path, mode); }
int ftruncate(int file, off_t size) noexcept {
  return faulted_int(kTruncate, file, [=] { return kernel(SYS_ftruncate, file, size); });
}
int ftruncate64(int file, off_t size) noexcept { return ftruncate(file, size); }
int fsetxattr(int file, const char* name, const void* value, size_t size, int flags) noexcept {
  return faulted_int(kAttribute, file,
                     [=] { return kernel(SYS_fsetxattr, file, name, value, size, flags); });
}
int fchmod(int file, mode_t mode) noexcept {
  return faulted_int(kMode, file, [=] { return kernel(SYS_fchmod, file, mode); });
}

ssize_t send(int socket, const void* bytes, size_t size, int flags) {
  return faulted(kSend, socket, static_cast<long>(size),
                 [=] { return kernel(SYS_sendto, socket, bytes, size, flags, nullptr, 0); });
}
ssize_t sendmsg(int socket, const struct msghdr* message, int flags) {
  return faulted(kSend, socket, 0, [=] { return kernel(SYS_sendmsg, socket, message, flags); });
}
ssize_t recv(int socket, void* bytes, size_t size, int flags) {
  return faulted(kReceive, socket, 0,
                 [=] { return kernel(SYS_recvfrom, socket, bytes, size, flags, nullptr, 0); });
}

}  // extern "C"

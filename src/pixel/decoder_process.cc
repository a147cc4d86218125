#include "pixel/decoder_process.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log.h"
#include "pixel/decoder_messages.h"
#include "pixel/samples.h"

namespace pacs::pixel {
namespace {

// Above those that the child has: dup2 in the child overwrites none that it needs.
constexpr int kDescriptorLeast = 16;

Result<UniqueFd> lifted(int descriptor) {
  const UniqueFd owned(descriptor);
  if (descriptor < 0) return system_error(errno, "descriptor for a decoder");
  const int high = ::fcntl(descriptor, F_DUPFD_CLOEXEC, kDescriptorLeast);
  if (high < 0) return system_error(errno, "descriptor for a decoder");
  return UniqueFd(high);
}

Result<void> open_pipe(UniqueFd& reader, UniqueFd& writer) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error(errno, "pipe for a decoder");
  UniqueFd second(ends[1]);
  reader = PACS_TRY(lifted(ends[0]));
  writer = PACS_TRY(lifted(second.release()));
  return {};
}

Result<UniqueFd> open_memory_file(const char* name) {
  return lifted(::memfd_create(name, MFD_CLOEXEC));
}

// What spawning a process is told about descriptors.
class FileActions {
 public:
  FileActions() { ::posix_spawn_file_actions_init(&actions_); }
  ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  void give(int descriptor, int as) {
    ok_ = ok_ && ::posix_spawn_file_actions_adddup2(&actions_, descriptor, as) == 0;
  }
  void silence(int descriptor) {
    ok_ = ok_ &&
          ::posix_spawn_file_actions_addopen(&actions_, descriptor, "/dev/null", O_WRONLY, 0) == 0;
  }
  void close_from(int descriptor) {
    ok_ = ok_ && ::posix_spawn_file_actions_addclosefrom_np(&actions_, descriptor) == 0;
  }
  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return ok_ ? &actions_ : nullptr; }

 private:
  posix_spawn_file_actions_t actions_{};
  bool ok_ = true;
};

// The signals of the server (blocked in its threads, ignored) are not the child's.
class SpawnAttributes {
 public:
  SpawnAttributes() {
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes_); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

Result<pid_t> spawn(std::vector<std::string> arguments, const FileActions& actions) {
  std::vector<char*> pointers;
  pointers.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  char* no_environment = nullptr;
  const SpawnAttributes attributes;
  if (actions.get() == nullptr) return system_error(ENOMEM, "start of a decoder");
  pid_t pid = -1;
  const int failed = ::posix_spawn(&pid, pointers.front(), actions.get(), attributes.get(),
                                   pointers.data(), &no_environment);
  if (failed != 0) return system_error(failed, "start of a decoder");
  return pid;
}

// How many milliseconds are left, for poll(2).
int left_of(std::chrono::steady_clock::time_point deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return left.count() > 0 ? static_cast<int>(left.count()) : 0;
}

bool is_same_picture(const PixelFormat& stated, const PixelFormat& decoded) {
  return stated.rows == decoded.rows && stated.columns == decoded.columns &&
         stated.samples_per_pixel == decoded.samples_per_pixel;
}

}  // namespace

Result<std::unique_ptr<DecoderProcess>> DecoderProcess::start(
    const std::vector<std::string>& command, const DecoderLimits& limits) {
  std::unique_ptr<DecoderProcess> process(new DecoderProcess(limits));
  UniqueFd answer_writer;
  PACS_TRY(open_pipe(process->request_reader_, process->request_writer_));
  PACS_TRY(open_pipe(process->answer_reader_, answer_writer));
  process->stored_bytes_ = PACS_TRY(open_memory_file("stored_frame"));
  process->frame_bytes_ = PACS_TRY(open_memory_file("decoded_frame"));
  FileActions actions;
  actions.give(process->request_reader_.get(), kRequestDescriptor);
  actions.give(answer_writer.get(), kAnswerDescriptor);
  actions.silence(STDERR_FILENO);
  actions.give(process->stored_bytes_.get(), kStoredBytesDescriptor);
  actions.give(process->frame_bytes_.get(), kFrameBytesDescriptor);
  actions.close_from(kFrameBytesDescriptor + 1);
  std::vector<std::string> arguments = command;
  arguments.push_back(std::to_string(limits.memory_bytes));
  arguments.push_back(std::to_string(limits.seconds));
  process->pid_ = PACS_TRY(spawn(std::move(arguments), actions));
  return process;
}

DecoderProcess::~DecoderProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Result<Frame> DecoderProcess::decode(std::string_view transfer_syntax_uid,
                                     const PixelFormat& stated, Bytes stored,
                                     DecodeOutcome& outcome) {
  outcome = DecodeOutcome::refused;
  if (stored.size() > kFrameBytesMax) {
    return resource_exhausted("decoding", "the stored frame is larger than what is decoded");
  }
  PACS_TRY(send(transfer_syntax_uid, stated, stored));
  auto frame = receive(stated, outcome);
  // Neither keeps memory until the next frame comes.
  if (::ftruncate(stored_bytes_.get(), 0) != 0 || ::ftruncate(frame_bytes_.get(), 0) != 0) {
    return system_error(errno, "clearing a decoder's memory");
  }
  return frame;
}

Result<void> DecoderProcess::send(std::string_view transfer_syntax_uid, const PixelFormat& stated,
                                  Bytes stored) {
  if (::lseek(stored_bytes_.get(), 0, SEEK_SET) != 0) {
    return system_error(errno, "seek in a decoder's memory");
  }
  PACS_TRY(write_all(stored_bytes_.get(), stored));
  DecodeRequest request{};
  set_text(request.transfer_syntax_uid, transfer_syntax_uid);
  request.stated = message_of(stated);
  request.stored_bytes = stored.size();
  return write_all(request_writer_.get(),
                   Bytes(reinterpret_cast<const std::byte*>(&request), sizeof(request)));
}

Result<Frame> DecoderProcess::receive(const PixelFormat& stated, DecodeOutcome& outcome) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(limits_.seconds);
  pollfd ready{answer_reader_.get(), POLLIN, 0};
  int polled = 0;
  do {
    polled = ::poll(&ready, 1, left_of(deadline));
  } while (polled < 0 && errno == EINTR);
  if (polled <= 0) {
    outcome = DecodeOutcome::timed_out;
    return resource_exhausted("decoding", "the frame took longer to decode than a frame may take");
  }
  DecodeAnswer answer{};
  ssize_t count = 0;
  do {
    count = ::read(answer_reader_.get(), &answer, sizeof(answer));
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(sizeof(answer))) {
    outcome = DecodeOutcome::crashed;
    return end_after_crash();
  }
  if (answer.is_frame == 0) return error_of(answer);
  auto format = format_of(answer.format);
  if (!format || !is_same_picture(stated, *format) || answer.frame_bytes != format->frame_bytes()) {
    outcome = DecodeOutcome::crashed;
    return broken_frame("a decoder yielded another picture than was asked for");
  }
  Frame frame{std::move(*format), ByteVector(static_cast<size_t>(answer.frame_bytes))};
  if (PACS_TRY(read_at(frame_bytes_.get(), 0, frame.bytes)) != frame.bytes.size()) {
    outcome = DecodeOutcome::crashed;
    return broken_frame("a decoder yielded fewer bytes than it said");
  }
  outcome = DecodeOutcome::frame;
  return frame;
}

bool DecoderProcess::is_alive() {
  if (pid_ < 0) return false;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

Error DecoderProcess::end_after_crash() {
  int status = 0;
  ::kill(pid_, SIGKILL);  // where it only closed its pipe
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  log_warning("decoder_crashed", {{"signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0},
                                  {"exit_code", WIFEXITED(status) ? WEXITSTATUS(status) : 0}});
  return broken_frame("the decoder ended over the bytes of the frame");
}

}  // namespace pacs::pixel

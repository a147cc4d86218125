#include "archive/frame_gate.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace pacs::archive {
namespace {

constexpr size_t kFramesAtOnceMin = 2;
constexpr size_t kFramesAtOnceMax = 8;
constexpr size_t kFramesWaitingMax = 128;
constexpr std::chrono::seconds kFrameWait{20};

size_t frames_at_once() {
  return std::clamp<size_t>(std::thread::hardware_concurrency(), kFramesAtOnceMin,
                            kFramesAtOnceMax);
}

}  // namespace

FrameGate::FrameGate() : gate_(frames_at_once(), kFramesWaitingMax) {}

Result<Gate::Pass> FrameGate::enter() { return gate_.enter(kFrameWait); }

}  // namespace pacs::archive

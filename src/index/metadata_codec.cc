#include "index/metadata_codec.h"

#include <map>
#include <utility>
#include <vector>

#include <zstd.h>

#include "index/sqlite_connection.h"

namespace pacs::index {
namespace {

// Level 3: 2 microseconds a text with the dictionary; higher ones gain a few per cent.
constexpr int kCompressionLevel = 3;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  void operator()(ZSTD_CDict* dictionary) const { ZSTD_freeCDict(dictionary); }
  void operator()(ZSTD_DDict* dictionary) const { ZSTD_freeDDict(dictionary); }
};

Error bad_metadata() {
  return corrupt("metadata", "The metadata of an image cannot be read; a rebuild makes it anew.");
}

}  // namespace

struct MetadataCodec::State {
  int64_t newest_id = 0;
  std::unique_ptr<ZSTD_CDict, FreeContext> newest;
  std::unique_ptr<ZSTD_CCtx, FreeContext> compressor;
  std::map<int64_t, std::unique_ptr<ZSTD_DDict, FreeContext>> dictionaries;
};

MetadataCodec::MetadataCodec(std::unique_ptr<State> state) : state_(std::move(state)) {}
MetadataCodec::~MetadataCodec() = default;

int64_t MetadataCodec::dictionary_id() const { return state_->newest_id; }

Result<std::unique_ptr<MetadataCodec>> MetadataCodec::load(Connection& connection) {
  auto state = std::make_unique<State>();
  state->compressor.reset(ZSTD_createCCtx());
  Statement rows =
      PACS_TRY(connection.prepare("SELECT id, bytes FROM metadata_dictionaries ORDER BY id"));
  while (PACS_TRY(rows.step())) {
    const int64_t id = rows.int64();
    const Bytes bytes = rows.blob();
    state->dictionaries[id].reset(ZSTD_createDDict(bytes.data(), bytes.size()));
    state->newest.reset(ZSTD_createCDict(bytes.data(), bytes.size(), kCompressionLevel));
    state->newest_id = id;
    if (!state->dictionaries[id] || !state->newest) {
      return corrupt("metadata_dictionary", "A dictionary of the index cannot be read.");
    }
  }
  if (!state->newest || !state->compressor) {
    return corrupt("metadata_dictionary", "The index has no metadata dictionary.");
  }
  return std::unique_ptr<MetadataCodec>(new MetadataCodec(std::move(state)));
}

Result<ByteVector> MetadataCodec::compress(std::string_view json) {
  if (json.size() > kJsonSizeMax) {
    return resource_exhausted("too_large", "The metadata of an image is too large.");
  }
  ByteVector compressed(ZSTD_compressBound(json.size()));
  const size_t size =
      ZSTD_compress_usingCDict(state_->compressor.get(), compressed.data(), compressed.size(),
                               json.data(), json.size(), state_->newest.get());
  if (ZSTD_isError(size) != 0) {
    return internal_error("metadata", "The metadata of an image could not be compressed.");
  }
  compressed.resize(size);
  return compressed;
}

Result<std::string> MetadataCodec::decompress(int64_t dictionary_id, Bytes compressed) const {
  // A context costs 150 kB to make, and a series has thousands of texts.
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  const auto dictionary = state_->dictionaries.find(dictionary_id);
  const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (context == nullptr || dictionary == state_->dictionaries.end() ||
      size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR || size > kJsonSizeMax) {
    return bad_metadata();
  }
  std::string json(size, '\0');
  const size_t written =
      ZSTD_decompress_usingDDict(context.get(), json.data(), json.size(), compressed.data(),
                                 compressed.size(), dictionary->second.get());
  if (ZSTD_isError(written) != 0 || written != size) return bad_metadata();
  return json;
}

}  // namespace pacs::index

// The contract over the store in memory.
#include "storage/memory_blob_store.h"
#include "tests/contract/blob_store_contract.h"

namespace pacs::storage {
namespace {

class MemoryStoreUnderTest final : public StoreUnderTest {
 public:
  BlobStore& store() override { return *store_; }

 private:
  std::unique_ptr<BlobStore> store_ = make_memory_blob_store();
};

INSTANTIATE_TEST_SUITE_P(Memory, BlobStoreContract,
                         testing::Values(BlobStoreKind{
                             "memory", [] { return std::make_unique<MemoryStoreUnderTest>(); }}),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace pacs::storage

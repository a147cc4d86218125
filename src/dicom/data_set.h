// A data set in memory (PS3.5 7): its elements in the order of the file, with nested items, on one
// flat tape of nodes, and the values in one buffer. Values that are too large to keep are known by
// their place in the file alone. Numbers are little endian here, whatever the file had.
//
// A data set does not change once it is made; any thread may read it. Views (DataSetView,
// ElementView) are as cheap as pointers and live no longer than their DataSet.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.h"
#include "dicom/tag.h"
#include "dicom/vr.h"

namespace pacs::dicom {

class DataSet;
class ElementView;

// The elements of the data set itself or of one item.
class DataSetView {
 public:
  class Iterator {
   public:
    Iterator(const DataSet* data_set, uint32_t node) : data_set_(data_set), node_(node) {}
    [[nodiscard]] ElementView operator*() const;
    Iterator& operator++();
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const DataSet* data_set_;
    uint32_t node_;
  };

  DataSetView(const DataSet* data_set, uint32_t begin, uint32_t end)
      : data_set_(data_set), begin_(begin), end_(end) {}

  [[nodiscard]] Iterator begin() const { return {data_set_, begin_}; }
  [[nodiscard]] Iterator end() const { return {data_set_, end_}; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  // The first element with this tag, not looking into items.
  [[nodiscard]] std::optional<ElementView> find(Tag tag) const;

 private:
  const DataSet* data_set_;
  uint32_t begin_;
  uint32_t end_;
};

class ElementView {
 public:
  ElementView(const DataSet* data_set, uint32_t node) : data_set_(data_set), node_(node) {}

  [[nodiscard]] Tag tag() const;
  // As the file says it, or as the dictionary does where the file does not. A sequence is always
  // SQ, also when it came as UN of undefined length (PS3.5 6.2.2 note 2).
  [[nodiscard]] Vr vr() const;
  // The same, but for UN what the dictionary knows of a standard tag.
  [[nodiscard]] Vr effective_vr() const;

  // Bytes of the value in the file; nothing when the length is undefined (sequences, encapsulated
  // pixel data).
  [[nodiscard]] std::optional<uint64_t> length() const;
  // Where the value stands in the file; nothing in a deflated data set, nor for a sequence. Of
  // encapsulated pixel data, also that of an icon, its first item.
  [[nodiscard]] std::optional<uint64_t> file_offset() const;
  // Of the numbers of the value as they stand in the file.
  [[nodiscard]] std::endian file_byte_order() const;

  // False for pixel data, values beyond kValueSizeKeptMax, and sequences.
  [[nodiscard]] bool is_in_memory() const;
  // With its padding; empty when it is not in memory.
  [[nodiscard]] Bytes value() const;
  // value() as text without trailing spaces and zero bytes and, for what is one of several values
  // of AE, CS, DS, IS, LO, SH, UI and the like, without leading spaces. Not decoded: see charset.h.
  [[nodiscard]] std::string_view text() const;

  [[nodiscard]] bool is_sequence() const { return vr() == Vr::SQ; }
  [[nodiscard]] size_t item_count() const;
  // `index` < item_count(). Takes time in proportion to `index`: to walk all, use items().
  [[nodiscard]] DataSetView item(size_t index) const;
  [[nodiscard]] std::vector<DataSetView> items() const;

 private:
  const DataSet* data_set_;
  uint32_t node_;
};

class DataSet {
 public:
  DataSet() = default;

  [[nodiscard]] DataSetView root() const { return {this, 0, static_cast<uint32_t>(nodes_.size())}; }
  operator DataSetView() const { return root(); }  // NOLINT: a data set is a view of itself
  [[nodiscard]] DataSetView::Iterator begin() const { return root().begin(); }
  [[nodiscard]] DataSetView::Iterator end() const { return root().end(); }
  [[nodiscard]] bool empty() const { return nodes_.empty(); }
  [[nodiscard]] std::optional<ElementView> find(Tag tag) const;
  // Bytes that this object holds on the heap.
  [[nodiscard]] size_t memory_bytes() const;

 private:
  friend class DataSetBuilder;
  friend class DataSetView;
  friend class ElementView;

  static constexpr uint64_t kUndefined = UINT64_MAX;
  enum class NodeKind : uint8_t { element, item };

  // An element or an item. Those inside it follow it directly; `end` is behind the last of them.
  struct Node {
    uint32_t tag = 0;
    Vr vr = Vr::UN;
    NodeKind kind = NodeKind::element;
    bool in_memory : 1 = false;
    bool is_big_endian : 1 = false;  // in the file
    uint32_t end = 0;
    uint32_t value_begin = 0;           // in values_, when in memory
    uint64_t length = kUndefined;       // of the value in the file
    uint64_t file_offset = kUndefined;  // of the value
  };

  std::vector<Node> nodes_;
  ByteVector values_;
};

}  // namespace pacs::dicom

// Puts a DataSet together in the order of the file.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "core/assert.h"
#include "dicom/data_set.h"

namespace pacs::dicom {

class DataSetBuilder {
 public:
  // Names an element or item until take().
  using NodeIndex = uint32_t;
  static constexpr uint64_t kUndefinedLength = DataSet::kUndefined;
  static constexpr uint64_t kNotInFile = DataSet::kUndefined;

  struct Element {
    Tag tag;
    Vr vr = Vr::UN;
    uint64_t length = kUndefinedLength;
    uint64_t file_offset = kNotInFile;
    std::endian file_byte_order = std::endian::little;
  };

  // What follows belongs to a sequence or an item until close() of it.
  NodeIndex add_element(const Element& element) {
    return add({element.tag.number(), element.vr, DataSet::NodeKind::element, false,
                element.file_byte_order == std::endian::big, 0, 0, element.length,
                element.file_offset});
  }
  NodeIndex add_item() { return add({0, Vr::SQ, DataSet::NodeKind::item}); }
  void close(NodeIndex node) {
    data_set_.nodes_[node].end = static_cast<uint32_t>(data_set_.nodes_.size());
  }

  // Room for the value of the element added last; lives until the next call. `size` is its length.
  [[nodiscard]] MutableBytes add_value(NodeIndex node, size_t size) {
    ByteVector& values = data_set_.values_;
    PACS_ASSERT(values.size() + size <= UINT32_MAX);
    data_set_.nodes_[node].in_memory = true;
    data_set_.nodes_[node].value_begin = static_cast<uint32_t>(values.size());
    values.resize(values.size() + size);
    return MutableBytes(values).last(size);
  }

  // A whole element that stands in no file, padded to an even length (PS3.5 6.2).
  NodeIndex add_bytes(Tag tag, Vr vr, Bytes value) {
    const size_t size = value.size() + value.size() % 2;
    const NodeIndex node = add_element({.tag = tag, .vr = vr, .length = size});
    const MutableBytes room = add_value(node, size);
    std::copy(value.begin(), value.end(), room.begin());
    if (size != value.size()) room.back() = std::byte(is_text(vr) && vr != Vr::UI ? ' ' : 0);
    return node;
  }
  NodeIndex add_text(Tag tag, Vr vr, std::string_view text) {
    return add_bytes(tag, vr, as_bytes(text));
  }
  // US and SS of 16 bits, UL and SL of 32, ….
  template <typename Number>
  NodeIndex add_number(Tag tag, Vr vr, Number number) {
    return add_bytes(tag, vr, std::as_bytes(std::span(&number, 1)));
  }

  [[nodiscard]] ElementView element(NodeIndex node) const { return {&data_set_, node}; }
  [[nodiscard]] const DataSet& data_set() const { return data_set_; }
  [[nodiscard]] size_t node_count() const { return data_set_.nodes_.size(); }
  [[nodiscard]] size_t values_size() const { return data_set_.values_.size(); }

  // As many elements and bytes as a header usually has, so that nothing is moved while it grows.
  void reserve_usual() {
    data_set_.nodes_.reserve(128);
    data_set_.values_.reserve(size_t{4} << 10);
  }
  [[nodiscard]] DataSet take() { return std::move(data_set_); }

 private:
  NodeIndex add(const DataSet::Node& node) {
    const auto index = static_cast<NodeIndex>(data_set_.nodes_.size());
    data_set_.nodes_.push_back(node);
    data_set_.nodes_.back().end = index + 1;
    return index;
  }

  DataSet data_set_;
};

}  // namespace pacs::dicom

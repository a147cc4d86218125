#include "dicom/data_set.h"

#include "core/assert.h"
#include "dicom/charset.h"
#include "dicom/dictionary.h"

namespace pacs::dicom {
ElementView DataSetView::Iterator::operator*() const { return {data_set_, node_}; }

DataSetView::Iterator& DataSetView::Iterator::operator++() {
  node_ = data_set_->nodes_[node_].end;
  return *this;
}

std::optional<ElementView> DataSetView::find(Tag tag) const {
  const uint32_t number = tag.number();
  for (uint32_t node = begin_; node != end_; node = data_set_->nodes_[node].end) {
    if (data_set_->nodes_[node].tag == number) return ElementView(data_set_, node);
  }
  return std::nullopt;
}

Tag ElementView::tag() const { return Tag::from_number(data_set_->nodes_[node_].tag); }

Vr ElementView::vr() const { return data_set_->nodes_[node_].vr; }

Vr ElementView::effective_vr() const { return vr() == Vr::UN ? dictionary_vr(tag()) : vr(); }

std::optional<uint64_t> ElementView::length() const {
  const uint64_t length = data_set_->nodes_[node_].length;
  return length == DataSet::kUndefined ? std::nullopt : std::optional(length);
}

std::optional<uint64_t> ElementView::file_offset() const {
  const uint64_t offset = data_set_->nodes_[node_].file_offset;
  return offset == DataSet::kUndefined ? std::nullopt : std::optional(offset);
}

std::endian ElementView::file_byte_order() const {
  return data_set_->nodes_[node_].is_big_endian ? std::endian::big : std::endian::little;
}

bool ElementView::is_in_memory() const { return data_set_->nodes_[node_].in_memory; }

Bytes ElementView::value() const {
  const DataSet::Node& node = data_set_->nodes_[node_];
  if (!node.in_memory) return {};
  return Bytes(data_set_->values_).subspan(node.value_begin, static_cast<size_t>(node.length));
}

std::string_view ElementView::text() const {
  return without_padding(as_text(value()), effective_vr());
}

size_t ElementView::item_count() const {
  size_t count = 0;
  if (!is_sequence()) return count;
  const auto& nodes = data_set_->nodes_;
  for (uint32_t item = node_ + 1; item != nodes[node_].end; item = nodes[item].end) ++count;
  return count;
}

DataSetView ElementView::item(size_t index) const {
  const auto& nodes = data_set_->nodes_;
  PACS_ASSERT(is_sequence());
  uint32_t item = node_ + 1;
  for (; index > 0 && item != nodes[node_].end; --index) item = nodes[item].end;
  PACS_ASSERT(item != nodes[node_].end);
  return {data_set_, item + 1, nodes[item].end};
}

std::vector<DataSetView> ElementView::items() const {
  std::vector<DataSetView> items;
  if (!is_sequence()) return items;
  const auto& nodes = data_set_->nodes_;
  for (uint32_t item = node_ + 1; item != nodes[node_].end; item = nodes[item].end) {
    items.emplace_back(data_set_, item + 1, nodes[item].end);
  }
  return items;
}

std::optional<ElementView> DataSet::find(Tag tag) const { return root().find(tag); }

size_t DataSet::memory_bytes() const {
  return nodes_.capacity() * sizeof(Node) + values_.capacity();
}

}  // namespace pacs::dicom

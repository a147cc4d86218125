#include "dicom/data_set.h"

#include "core/assert.h"
#include "dicom/dictionary.h"

namespace pacs::dicom {
namespace {

// Spaces at the start mean nothing in the VRs of several short values (PS3.5 6.2).
bool has_leading_padding(Vr vr) {
  switch (vr) {
    case Vr::LT:
    case Vr::ST:
    case Vr::UC:
    case Vr::UR:
    case Vr::UT:
    case Vr::PN:
      return false;
    default:
      return is_text(vr);
  }
}

}  // namespace

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

bool ElementView::is_in_memory() const { return data_set_->nodes_[node_].in_memory; }

Bytes ElementView::value() const {
  const DataSet::Node& node = data_set_->nodes_[node_];
  if (!node.in_memory) return {};
  return Bytes(data_set_->values_).subspan(node.value_begin, static_cast<size_t>(node.length));
}

std::string_view ElementView::text() const {
  std::string_view text = as_text(value());
  while (!text.empty() && (text.back() == ' ' || text.back() == '\0')) text.remove_suffix(1);
  if (has_leading_padding(effective_vr())) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  return text;
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

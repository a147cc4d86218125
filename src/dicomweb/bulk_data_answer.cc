#include "dicomweb/bulk_data_answer.h"

#include <utility>

#include "dicomweb/multipart_answer.h"
#include "dicomweb/validators.h"
#include "dicomweb/window_sink.h"
#include "http/ranged_response.h"

namespace pacs::dicomweb {
namespace {

// What was made for its turn, from any place.
class PartBody final : public http::RangedBody {
 public:
  explicit PartBody(const AnswerPart& part) : part_(part) {}
  [[nodiscard]] uint64_t size() const override { return part_.size_bytes; }
  Result<void> write_to(ByteSink& sink, uint64_t offset, uint64_t length) override {
    WindowSink window(sink, offset, length);
    return window.finish(part_.write(window));
  }

 private:
  const AnswerPart& part_;
};

bool is_for_one(const AcceptedType& accepted) {
  return !accepted.is_multipart && accepted.essence != "*/*";
}

std::vector<AcceptedType> of_form(const std::vector<AcceptedType>& accepted, bool single) {
  std::vector<AcceptedType> types;
  for (const AcceptedType& each : accepted) {
    if (is_for_one(each) == single) types.push_back(each);
  }
  return types;
}

}  // namespace

Result<void> send_value(const http::Request& request, http::ResponseWriter& writer,
                        http::RangedBody& body, const std::string& content_type,
                        http::Headers fields) {
  http::RangedResponse response;
  response.content_type = content_type;
  response.validators.etag = fields.find("ETag").value_or("");
  fields.remove("ETag");
  response.extra = std::move(fields);
  response.extra.set("X-Content-Type-Options", "nosniff");
  response.extra.set("Content-Security-Policy", "default-src 'none'; sandbox");
  return http::send_ranged(request, writer, body, response);
}

Result<BulkDataAnswer> BulkDataAnswer::find(DicomwebServices& services,
                                            const http::Request& request, const index::Scope& scope,
                                            std::vector<index::ImageRecord> instances,
                                            BulkDataExtent extent,
                                            std::vector<AcceptedType> accepted) {
  BulkDataAnswer answer(services, request, scope, extent);
  answer.instances_ = std::move(instances);
  // The form that stands first is tried first.
  const bool single_first = !accepted.empty() && is_for_one(accepted.front());
  bool is_read = false;
  std::optional<Error> refusal;
  for (const bool single : {single_first, !single_first}) {
    answer.accepted_ = of_form(accepted, single);
    if (answer.accepted_.empty() || (single && answer.instances_.size() != 1)) continue;
    is_read = true;
    answer.is_single_ = single;
    answer.instances_read_ = 0;
    answer.parts_.clear();
    while (answer.parts_.empty() && answer.instances_read_ < answer.instances_.size()) {
      BulkData next = PACS_TRY(answer.read_next());
      answer.has_values_ = answer.has_values_ || next.has_values;
      answer.parts_ = std::move(next.parts);
      if (next.refusal) refusal = std::move(next.refusal);
    }
    if (single ? answer.parts_.size() == 1 : !answer.parts_.empty()) return answer;
  }
  if (is_read && !answer.has_values_) {
    return not_found("no_such_value", extent == BulkDataExtent::pixels
                                          ? "there are no pixels here"
                                          : "there is no bulk data here");
  }
  if (refusal) return std::move(*refusal);
  return not_acceptable(
      "multipart/related; type=\"application/octet-stream\", and compressed pixels as they are "
      "stored by transfer-syntax=*");
}

Result<BulkData> BulkDataAnswer::read_next() {
  const index::ImageRecord& instance = instances_[instances_read_++];
  return bulk_data_of(services_, scope_, instance, url_of(services_, request_, instance), extent_,
                      accepted_);
}

Result<std::optional<AnswerPart>> BulkDataAnswer::next_part() {
  while (parts_taken_ == parts_.size()) {
    if (instances_read_ == instances_.size()) return std::optional<AnswerPart>();
    parts_.clear();  // what they held is no longer needed
    parts_taken_ = 0;
    parts_ = PACS_TRY(read_next()).parts;
  }
  return std::optional(std::exchange(parts_[parts_taken_++], {}).part);
}

Result<void> BulkDataAnswer::send_single(http::ResponseWriter& writer, http::Headers fields) {
  BulkDataPart& only = parts_.front();
  if (only.part.open) PACS_TRY(std::exchange(only.part.open, {})(only.part));
  PartBody made(only.part);
  http::RangedBody& body = only.body ? *only.body : made;
  return send_value(request_, writer, body, only.part.content_type, std::move(fields));
}

Result<void> BulkDataAnswer::send(http::ResponseWriter& writer) {
  http::Headers fields = fields_of(request_, instances_);
  if (is_unchanged(request_, fields)) return send_not_modified(writer, std::move(fields));
  if (is_single_) return send_single(writer, std::move(fields));
  const std::string type = parts_.front().media_type;
  if (instances_.size() > 1) {
    return send_part_by_part(writer, std::move(fields), type, [this] { return next_part(); });
  }
  std::vector<AnswerPart> parts;
  parts.reserve(parts_.size());
  for (BulkDataPart& each : parts_) parts.push_back(std::move(each.part));
  parts_.clear();
  return send_multipart(writer, std::move(fields), type, std::move(parts));
}

}  // namespace pacs::dicomweb

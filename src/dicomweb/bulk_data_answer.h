// Sends all bulk data of instances (PS3.18 10.4.1.1.5), or all their pixels (10.4.1.1.6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "dicomweb/bulk_data_parts.h"
#include "dicomweb/resource.h"
#include "http/headers.h"
#include "http/ranged_body.h"
#include "http/request.h"
#include "http/response_writer.h"

namespace pacs::dicomweb {

// One value, whole or in ranges. `fields` are those of fields_of().
[[nodiscard]] Result<void> send_value(const http::Request& request, http::ResponseWriter& writer,
                                      http::RangedBody& body, const std::string& content_type,
                                      http::Headers fields);

// An answer that is known to have something to send. One thread; `services`, `scope` and `request`
// outlive it.
class BulkDataAnswer {
 public:
  // Reads the instances until one has something that is accepted. A multipart answer has a part for
  // each value or frame; a single part is for one instance with one of them alone (8.7.3.1).
  // Errors: not_found/no_such_value where no instance has bulk data; unsupported/not_acceptable;
  // those of bulk_data_of().
  [[nodiscard]] static Result<BulkDataAnswer> find(DicomwebServices& services,
                                                   const http::Request& request,
                                                   const index::Scope& scope,
                                                   std::vector<index::ImageRecord> instances,
                                                   BulkDataExtent extent,
                                                   std::vector<AcceptedType> accepted);

  // Of one instance with an exact Content-Length, where nothing has to be made; of several in
  // chunks, each instance read when its turn comes. What of it none of the accepted types can be is
  // left out.
  [[nodiscard]] Result<void> send(http::ResponseWriter& writer);

 private:
  BulkDataAnswer(DicomwebServices& services, const http::Request& request,
                 const index::Scope& scope, BulkDataExtent extent)
      : services_(services), request_(request), scope_(scope), extent_(extent) {}

  Result<BulkData> read_next();
  Result<std::optional<AnswerPart>> next_part();
  Result<void> send_single(http::ResponseWriter& writer, http::Headers fields);

  DicomwebServices& services_;
  const http::Request& request_;
  const index::Scope& scope_;
  const BulkDataExtent extent_;
  std::vector<index::ImageRecord> instances_;
  std::vector<AcceptedType> accepted_;  // of the form that is sent
  bool is_single_ = false;
  bool has_values_ = false;
  size_t instances_read_ = 0;
  std::vector<BulkDataPart> parts_;  // of the instance read last
  size_t parts_taken_ = 0;
};

}  // namespace pacs::dicomweb

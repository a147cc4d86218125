#include "dicomweb/transactions.h"

#include <algorithm>
#include <array>

namespace pacs::dicomweb {
namespace {

constexpr std::array<std::string_view, 2> kCapabilitiesTypes = {"application/vnd.sun.wadl+xml",
                                                                "application/json"};
constexpr std::array<std::string_view, 2> kStoreTypes = {
    "multipart/related; type=\"application/dicom\"", "application/dicom"};
constexpr std::array<std::string_view, 1> kStoreAnswerTypes = {"application/dicom+json"};

constexpr std::array kCapabilitiesParameters = {
    TransactionParameter{"accept", "a media type, instead of the field Accept"}};

constexpr std::string_view kStoreStatuses = "200 202 409";
constexpr std::string_view kStoreProblems = "400 401 403 408 413 415 500 503 507";
constexpr std::string_view kDeleteProblems = "400 401 403 404 409 503";

constexpr std::array kTransactions = {
    Transaction{http::Method::post, "/studies", "StoreInstances", kStoreTypes, kStoreAnswerTypes,
                kStoreStatuses, kStoreProblems},
    Transaction{http::Method::post, "/studies/{study}", "StoreInstancesOfStudy", kStoreTypes,
                kStoreAnswerTypes, kStoreStatuses, kStoreProblems},
    Transaction{
        http::Method::delete_, "/studies/{study}", "DeleteStudy", {}, {}, "204", kDeleteProblems},
    Transaction{http::Method::delete_,
                "/studies/{study}/series/{series}",
                "DeleteSeries",
                {},
                {},
                "204",
                kDeleteProblems},
    Transaction{http::Method::delete_,
                "/studies/{study}/series/{series}/instances/{instance}",
                "DeleteInstance",
                {},
                {},
                "204",
                kDeleteProblems},
    Transaction{http::Method::options,
                "",
                "RetrieveCapabilities",
                {},
                kCapabilitiesTypes,
                "200",
                "406",
                kCapabilitiesParameters},
};

}  // namespace

std::span<const Transaction> transactions() { return kTransactions; }

const Transaction* find_transaction(http::Method method, std::string_view path) {
  const auto* found =
      std::find_if(kTransactions.begin(), kTransactions.end(),
                   [&](const auto& one) { return one.method == method && one.path == path; });
  return found == kTransactions.end() ? nullptr : found;
}

}  // namespace pacs::dicomweb

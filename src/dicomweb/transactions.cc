#include "dicomweb/transactions.h"

#include <algorithm>
#include <array>

namespace pacs::dicomweb {
namespace {

constexpr std::array<std::string_view, 2> kCapabilitiesTypes = {"application/vnd.sun.wadl+xml",
                                                                "application/json"};
constexpr std::array<std::string_view, 4> kStoreTypes = {
    "multipart/related; type=\"application/dicom\"", "application/dicom",
    "multipart/related; type=\"application/dicom+json\"",
    "multipart/related; type=\"application/dicom+xml\""};
constexpr std::array<std::string_view, 2> kStoreAnswerTypes = {"application/dicom+json",
                                                               "application/dicom+xml"};

constexpr std::array<std::string_view, 2> kInstancesTypes = {
    "multipart/related; type=\"application/dicom\"", "application/zip"};
constexpr std::array<std::string_view, 3> kInstanceTypes = {
    "multipart/related; type=\"application/dicom\"", "application/dicom", "application/zip"};
constexpr std::array<std::string_view, 3> kMetadataTypes = {
    "application/dicom+json", "application/json",
    "multipart/related; type=\"application/dicom+xml\""};
constexpr std::array<std::string_view, 2> kPixelTypes = {
    "multipart/related; type=\"application/octet-stream\"", "application/octet-stream"};
constexpr std::array<std::string_view, 9> kRenderedTypes = {
    "image/jpeg", "image/png",  "image/gif", "application/pdf", "text/html",
    "text/plain", "video/mpeg", "video/mp4", "video/H265"};
constexpr std::array<std::string_view, 3> kRenderedPartsTypes = {
    "multipart/related; type=\"image/jpeg\"", "multipart/related; type=\"image/png\"",
    "multipart/related; type=\"image/gif\""};
constexpr std::array<std::string_view, 2> kThumbnailTypes = {"image/jpeg", "image/png"};
constexpr std::array<std::string_view, 10> kUriTypes = {
    "application/dicom", "image/jpeg", "image/png",  "image/gif", "application/pdf",
    "text/html",         "text/plain", "video/mpeg", "video/mp4", "video/H265"};
constexpr std::array<TransactionParameter, 1> kAcceptParameter = {
    {{"accept", "stands above the Accept field (PS3.18 8.3.3.1)"}}};
constexpr std::array<TransactionParameter, 7> kRenderedParameters = {
    {{"accept", "stands above the Accept field (PS3.18 8.3.3.1)"},
     {"annotation", "patient, technique: burned into the picture"},
     {"charset", "utf-8"},
     {"iccprofile", "no, yes or srgb"},
     {"quality", "of JPEG, 1 to 100"},
     {"viewport", "vw,vh[,sx,sy,sw,sh]"},
     {"window", "center,width,shape: linear, linear-exact or sigmoid"}}};
constexpr std::array<TransactionParameter, 2> kThumbnailParameters = {
    {{"accept", "stands above the Accept field (PS3.18 8.3.3.1)"}, {"viewport", "vw,vh"}}};
constexpr std::array<TransactionParameter, 15> kUriParameters = {
    {{"requestType", "WADO"},
     {"studyUID", "Study Instance UID"},
     {"seriesUID", "Series Instance UID"},
     {"objectUID", "SOP Instance UID"},
     {"contentType", "application/dicom, or what it is rendered as"},
     {"annotation", "patient, technique: burned into the picture"},
     {"charset", "utf-8"},
     {"columns", "what the picture fits into"},
     {"frameNumber", "from 1"},
     {"imageQuality", "of JPEG, 1 to 100"},
     {"region", "left,top,right,bottom: fractions of the image"},
     {"rows", "what the picture fits into"},
     {"windowCenter", "with windowWidth"},
     {"windowWidth", "with windowCenter"},
     {"transferSyntax", "a UID that can be had, or *"}}};

constexpr std::array<std::string_view, 2> kSearchTypes = {
    "application/dicom+json", "multipart/related; type=\"application/dicom+xml\""};
constexpr std::array<TransactionParameter, 8> kSearchParameters = {
    {{"limit", "at most so many results"},
     {"offset", "so many results are left out"},
     {"includefield", "attributes to show besides, or all"},
     {"fuzzymatching", "true: names by sound too"},
     {"emptyvaluematching", "true: an empty value finds what has none (PS3.4 C.2.2.2.7)"},
     {"multiplevaluematching", "true: each of several values must be there (PS3.4 C.2.2.2.8)"},
     {"orderby", "an attribute, with a minus for the reverse"},
     {"{attributeID}",
      "matches any attribute: 8 hexadecimal digits, a keyword, or a path with dots"}}};

constexpr std::string_view kSearchProblems = "400 401 403 406 503";
constexpr std::string_view kRetrieveProblems = "400 401 403 404 406 416 500 503";
constexpr std::array kCapabilitiesParameters = {
    TransactionParameter{"accept", "a media type, instead of the field Accept"}};

constexpr std::string_view kStoreStatuses = "200 202 409";
constexpr std::string_view kStoreProblems = "400 401 403 408 413 415 500 503 507";
constexpr std::string_view kDeleteProblems = "400 401 403 404 409 503";

constexpr std::array kTransactions = {
    Transaction{http::Method::get,
                "/studies/{study}",
                "RetrieveStudy",
                {},
                kInstancesTypes,
                "200 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}",
                "RetrieveSeries",
                {},
                kInstancesTypes,
                "200 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}",
                "RetrieveInstance",
                {},
                kInstanceTypes,
                "200 206 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/metadata",
                "RetrieveStudyMetadata",
                {},
                kMetadataTypes,
                "200 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/metadata",
                "RetrieveSeriesMetadata",
                {},
                kMetadataTypes,
                "200 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/metadata",
                "RetrieveInstanceMetadata",
                {},
                kMetadataTypes,
                "200 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}",
                "RetrieveFrames",
                {},
                kPixelTypes,
                "200 206 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/pixeldata",
                "RetrievePixelData",
                {},
                kPixelTypes,
                "200 206 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{a}",
                "RetrieveBulkData",
                {},
                kPixelTypes,
                "200 206 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{a}/{b}/{c}",
                "RetrieveBulkDataOfItem",
                {},
                kPixelTypes,
                "200 206 304",
                kRetrieveProblems,
                kAcceptParameter},
    Transaction{
        http::Method::get,
        "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{a}/{b}/{c}/{d}/{e}",
        "RetrieveBulkDataOfInnerItem",
        {},
        kPixelTypes,
        "200 206 304",
        kRetrieveProblems,
        kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/rendered",
                "RetrieveRenderedStudy",
                {},
                kRenderedPartsTypes,
                "200 304",
                kRetrieveProblems,
                kRenderedParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/rendered",
                "RetrieveRenderedSeries",
                {},
                kRenderedPartsTypes,
                "200 304",
                kRetrieveProblems,
                kRenderedParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/rendered",
                "RetrieveRenderedInstance",
                {},
                kRenderedTypes,
                "200 206 304",
                kRetrieveProblems,
                kRenderedParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered",
                "RetrieveRenderedFrames",
                {},
                kRenderedTypes,
                "200 304",
                kRetrieveProblems,
                kRenderedParameters},
    Transaction{http::Method::get,
                "/studies/{study}/thumbnail",
                "RetrieveStudyThumbnail",
                {},
                kThumbnailTypes,
                "200 304",
                kRetrieveProblems,
                kThumbnailParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/thumbnail",
                "RetrieveSeriesThumbnail",
                {},
                kThumbnailTypes,
                "200 304",
                kRetrieveProblems,
                kThumbnailParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/thumbnail",
                "RetrieveInstanceThumbnail",
                {},
                kThumbnailTypes,
                "200 304",
                kRetrieveProblems,
                kThumbnailParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail",
                "RetrieveFrameThumbnail",
                {},
                kThumbnailTypes,
                "200 304",
                kRetrieveProblems,
                kThumbnailParameters},
    Transaction{http::Method::get,
                "/studies",
                "SearchStudies",
                {},
                kSearchTypes,
                "200",
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/series",
                "SearchSeries",
                {},
                kSearchTypes,
                "200",
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/instances",
                "SearchInstances",
                {},
                kSearchTypes,
                "200",
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series",
                "SearchSeriesOfStudy",
                {},
                kSearchTypes,
                "200",
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/studies/{study}/instances",
                "SearchInstancesOfStudy",
                {},
                kSearchTypes,
                "200",
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances",
                "SearchInstancesOfSeries",
                {},
                kSearchTypes,
                "200",
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/wado",
                "RetrieveByUri",
                {},
                kUriTypes,
                "200 206 304",
                kRetrieveProblems,
                kUriParameters},
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

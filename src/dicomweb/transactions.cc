#include "dicomweb/transactions.h"

#include <algorithm>
#include <array>

namespace pacs::dicomweb {
namespace {

constexpr std::array<std::string_view, 2> kCapabilitiesTypes = {"application/vnd.sun.wadl+xml",
                                                                "application/json"};
constexpr std::array<std::string_view, 6> kStoreTypes = {
    "multipart/related; type=\"application/dicom\"",
    "application/dicom",
    "application/zip",
    "multipart/related; type=\"application/zip\"",
    "multipart/related; type=\"application/dicom+json\"",
    "multipart/related; type=\"application/dicom+xml\""};
constexpr std::array<std::string_view, 2> kStoreAnswerTypes = {"application/dicom+json",
                                                               "application/dicom+xml"};

// One list of several, in their order.
template <size_t... kSizes>
constexpr auto joined_media(const std::array<std::string_view, kSizes>&... lists) {
  std::array<std::string_view, (kSizes + ...)> all{};
  size_t at = 0;
  const auto append = [&](const auto& list) {
    for (const std::string_view type : list) all[at++] = type;
  };
  (append(lists), ...);
  return all;
}

// Single parts, and the same as multipart messages.
constexpr std::array<std::string_view, 1> kOctetMedia = {"application/octet-stream"};
constexpr std::array<std::string_view, 1> kOctetParts = {
    "multipart/related; type=\"application/octet-stream\""};
constexpr std::array<std::string_view, 3> kDocumentMedia = {"application/pdf", "text/xml",
                                                            "model/stl"};
constexpr std::array<std::string_view, 3> kDocumentParts = {
    "multipart/related; type=\"application/pdf\"", "multipart/related; type=\"text/xml\"",
    "multipart/related; type=\"model/stl\""};
constexpr std::array<std::string_view, 6> kCompressedMedia = {
    "image/dicom-rle", "image/jpeg", "image/jls", "image/jp2", "image/jphc", "image/jxl"};
constexpr std::array<std::string_view, 6> kCompressedParts = {
    "multipart/related; type=\"image/dicom-rle\"", "multipart/related; type=\"image/jpeg\"",
    "multipart/related; type=\"image/jls\"",       "multipart/related; type=\"image/jp2\"",
    "multipart/related; type=\"image/jphc\"",      "multipart/related; type=\"image/jxl\""};
constexpr std::array<std::string_view, 3> kVideoMedia = {"video/mpeg", "video/mp4", "video/H265"};
constexpr std::array<std::string_view, 3> kVideoParts = {"multipart/related; type=\"video/mpeg\"",
                                                         "multipart/related; type=\"video/mp4\"",
                                                         "multipart/related; type=\"video/H265\""};
constexpr std::array<std::string_view, 3> kRenderedPictureMedia = {"image/jpeg", "image/png",
                                                                   "image/gif"};
constexpr std::array<std::string_view, 3> kRenderedPictureParts = {
    "multipart/related; type=\"image/jpeg\"", "multipart/related; type=\"image/png\"",
    "multipart/related; type=\"image/gif\""};
constexpr std::array<std::string_view, 3> kRenderedTextMedia = {"application/pdf", "text/html",
                                                                "text/plain"};
constexpr std::array<std::string_view, 3> kRenderedTextParts = {
    "multipart/related; type=\"application/pdf\"", "multipart/related; type=\"text/html\"",
    "multipart/related; type=\"text/plain\""};
constexpr std::array<std::string_view, 1> kSingleInstanceMedia = {"application/dicom"};
constexpr std::array<std::string_view, 1> kInstanceParts = {
    "multipart/related; type=\"application/dicom\""};
constexpr std::array<std::string_view, 1> kZipMedia = {"application/zip"};

constexpr auto kFrameMedia = joined_media(kCompressedMedia, kVideoMedia);
constexpr auto kFrameParts = joined_media(kCompressedParts, kVideoParts);
constexpr auto kValueParts = joined_media(kOctetParts, kDocumentParts, kFrameParts);
constexpr auto kRenderedMedia =
    joined_media(kRenderedPictureMedia, kRenderedTextMedia, kVideoMedia);

// Behind those of whole instances the ones of their bulk data.
constexpr auto kInstancesTypes = joined_media(kInstanceParts, kZipMedia, kValueParts);
constexpr auto kInstanceTypes =
    joined_media(kInstanceParts, kSingleInstanceMedia, kZipMedia, kValueParts);
constexpr std::array<std::string_view, 3> kMetadataTypes = {
    "application/dicom+json", "application/json",
    "multipart/related; type=\"application/dicom+xml\""};
constexpr auto kPixelTypes = joined_media(kOctetParts, kFrameParts, kOctetMedia, kFrameMedia);
constexpr auto kBulkDataTypes = joined_media(kValueParts, kOctetMedia, kDocumentMedia, kFrameMedia);
constexpr auto kRenderedTypes =
    joined_media(kRenderedMedia, kRenderedPictureParts, kRenderedTextParts, kVideoParts);
constexpr auto kRenderedFrameTypes = joined_media(kRenderedPictureMedia, kRenderedPictureParts);
constexpr std::array<std::string_view, 2> kThumbnailTypes = {"image/jpeg", "image/png"};
constexpr auto kUriTypes = joined_media(kSingleInstanceMedia, kRenderedMedia);
constexpr std::array<TransactionParameter, 1> kAcceptParameter = {
    {{"accept", "stands above the Accept field (PS3.18 8.3.3.1)"}}};
constexpr std::array<TransactionParameter, 2> kInstancesParameters = {
    {{"accept", "stands above the Accept field (PS3.18 8.3.3.1)"},
     {"dicomdir", "true: a ZIP file has a DICOMDIR"}}};
constexpr std::array<TransactionParameter, 7> kRenderedParameters = {
    {{"accept", "stands above the Accept field (PS3.18 8.3.3.1)"},
     {"annotation", "patient, technique: burned into the picture"},
     {"charset", "utf-8"},
     {"iccprofile", "no, yes, srgb, adobergb, rommrgb or displayp3"},
     {"quality", "of JPEG, 1 to 100"},
     {"viewport", "vw,vh[,sx,sy,sw,sh]"},
     {"window", "center,width,shape: linear, linear-exact or sigmoid"}}};
constexpr std::array<TransactionParameter, 2> kThumbnailParameters = {
    {{"accept", "stands above the Accept field (PS3.18 8.3.3.1)"}, {"viewport", "vw,vh"}}};
constexpr std::array<TransactionParameter, 18> kUriParameters = {
    {{"requestType", "WADO"},
     {"anonymize", "yes: a de-identified copy (PS3.15 annex E)"},
     {"studyUID", "Study Instance UID"},
     {"seriesUID", "Series Instance UID"},
     {"objectUID", "SOP Instance UID"},
     {"contentType", "application/dicom, or what it is rendered as"},
     {"annotation", "patient, technique: burned into the picture"},
     {"charset", "utf-8"},
     {"columns", "what the picture fits into"},
     {"frameNumber", "from 1"},
     {"imageQuality", "of JPEG, 1 to 100"},
     {"presentationSeriesUID", "with presentationUID"},
     {"presentationUID", "as that presentation state shows the image"},
     {"region", "left,top,right,bottom: fractions of the image"},
     {"rows", "what the picture fits into"},
     {"windowCenter", "with windowWidth"},
     {"windowWidth", "with windowCenter"},
     {"transferSyntax", "a UID that can be had, or *"}}};

constexpr std::array<TransactionParameter, 2> kMetadataParameters = {
    {{"accept", "stands above the Accept field (PS3.18 8.3.3.1)"},
     {"includefield", "these attributes alone, or all"}}};

constexpr std::array<std::string_view, 2> kSearchTypes = {
    "application/dicom+json", "multipart/related; type=\"application/dicom+xml\""};
constexpr std::array<TransactionParameter, 12> kSearchParameters = {
    {{"limit", "at most so many results"},
     {"offset", "so many results are left out"},
     {"cursor", "the next page, as Link: rel=\"next\" says it"},
     {"includefield", "attributes to show besides, or all"},
     {"fuzzymatching", "true: names by sound too"},
     {"emptyvaluematching", "true: an empty value finds what has none (PS3.4 C.2.2.2.7)"},
     {"multiplevaluematching", "true: each of several values must be there (PS3.4 C.2.2.2.8)"},
     {"orderby", "an attribute, with a minus for the reverse"},
     {"TimezoneOffsetFromUTC", "+0100: where dates and times of the question are meant"},
     {"accept", "stands above the Accept field (PS3.18 8.3.3.1)"},
     {"charset", "utf-8"},
     {"{attributeID}",
      "matches any attribute: 8 hexadecimal digits, a keyword, or a path with dots"}}};

constexpr std::string_view kSearchProblems = "400 401 403 406 503";
// 204 of a search as XML that finds nothing. Ranges, and conditions beside If-None-Match, are for
// what is sent as a single part.
constexpr std::string_view kSearchStatuses = "200 204";
constexpr std::string_view kWholeStatuses = "200 304";
constexpr std::string_view kWholeProblems = "400 401 403 404 406 500 503";
constexpr std::string_view kRangedStatuses = "200 206 304 412";
constexpr std::string_view kRangedProblems = "400 401 403 404 406 416 500 503";
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
                kWholeStatuses,
                kWholeProblems,
                kInstancesParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}",
                "RetrieveSeries",
                {},
                kInstancesTypes,
                kWholeStatuses,
                kWholeProblems,
                kInstancesParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}",
                "RetrieveInstance",
                {},
                kInstanceTypes,
                kRangedStatuses,
                kRangedProblems,
                kInstancesParameters},
    Transaction{http::Method::get,
                "/studies/{study}/metadata",
                "RetrieveStudyMetadata",
                {},
                kMetadataTypes,
                kWholeStatuses,
                kWholeProblems,
                kMetadataParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/metadata",
                "RetrieveSeriesMetadata",
                {},
                kMetadataTypes,
                kWholeStatuses,
                kWholeProblems,
                kMetadataParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/metadata",
                "RetrieveInstanceMetadata",
                {},
                kMetadataTypes,
                kWholeStatuses,
                kWholeProblems,
                kMetadataParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}",
                "RetrieveFrames",
                {},
                kPixelTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/bulkdata",
                "RetrieveStudyBulkData",
                {},
                kBulkDataTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/pixeldata",
                "RetrieveStudyPixelData",
                {},
                kPixelTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/bulkdata",
                "RetrieveSeriesBulkData",
                {},
                kBulkDataTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/pixeldata",
                "RetrieveSeriesPixelData",
                {},
                kPixelTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/bulkdata",
                "RetrieveInstanceBulkData",
                {},
                kBulkDataTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/pixeldata",
                "RetrieveInstancePixelData",
                {},
                kPixelTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{a}",
                "RetrieveBulkData",
                {},
                kBulkDataTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{a}/{b}/{c}",
                "RetrieveBulkDataOfItem",
                {},
                kBulkDataTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{
        http::Method::get,
        "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{a}/{b}/{c}/{d}/{e}",
        "RetrieveBulkDataOfInnerItem",
        {},
        kBulkDataTypes,
        kRangedStatuses,
        kRangedProblems,
        kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{a}/{b}/{c}/{d}/"
                "{e}/{f}/{g}",
                "RetrieveBulkDataOfThirdItem",
                {},
                kBulkDataTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/bulkdata/{a}/{b}/{c}/{d}/"
                "{e}/{f}/{g}/{h}/{i}",
                "RetrieveBulkDataOfFourthItem",
                {},
                kBulkDataTypes,
                kRangedStatuses,
                kRangedProblems,
                kAcceptParameter},
    Transaction{http::Method::get,
                "/studies/{study}/rendered",
                "RetrieveRenderedStudy",
                {},
                kRenderedTypes,
                kRangedStatuses,
                kRangedProblems,
                kRenderedParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/rendered",
                "RetrieveRenderedSeries",
                {},
                kRenderedTypes,
                kRangedStatuses,
                kRangedProblems,
                kRenderedParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/rendered",
                "RetrieveRenderedInstance",
                {},
                kRenderedTypes,
                kRangedStatuses,
                kRangedProblems,
                kRenderedParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/rendered",
                "RetrieveRenderedFrames",
                {},
                kRenderedFrameTypes,
                kWholeStatuses,
                kWholeProblems,
                kRenderedParameters},
    Transaction{http::Method::get,
                "/studies/{study}/thumbnail",
                "RetrieveStudyThumbnail",
                {},
                kThumbnailTypes,
                kWholeStatuses,
                kWholeProblems,
                kThumbnailParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/thumbnail",
                "RetrieveSeriesThumbnail",
                {},
                kThumbnailTypes,
                kWholeStatuses,
                kWholeProblems,
                kThumbnailParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/thumbnail",
                "RetrieveInstanceThumbnail",
                {},
                kThumbnailTypes,
                kWholeStatuses,
                kWholeProblems,
                kThumbnailParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances/{instance}/frames/{frames}/thumbnail",
                "RetrieveFrameThumbnail",
                {},
                kThumbnailTypes,
                kWholeStatuses,
                kWholeProblems,
                kThumbnailParameters},
    Transaction{http::Method::get,
                "/studies",
                "SearchStudies",
                {},
                kSearchTypes,
                kSearchStatuses,
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/series",
                "SearchSeries",
                {},
                kSearchTypes,
                kSearchStatuses,
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/instances",
                "SearchInstances",
                {},
                kSearchTypes,
                kSearchStatuses,
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series",
                "SearchSeriesOfStudy",
                {},
                kSearchTypes,
                kSearchStatuses,
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/studies/{study}/instances",
                "SearchInstancesOfStudy",
                {},
                kSearchTypes,
                kSearchStatuses,
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/studies/{study}/series/{series}/instances",
                "SearchInstancesOfSeries",
                {},
                kSearchTypes,
                kSearchStatuses,
                kSearchProblems,
                kSearchParameters},
    Transaction{http::Method::get,
                "/wado",
                "RetrieveByUri",
                {},
                kUriTypes,
                kRangedStatuses,
                kRangedProblems,
                kUriParameters},
    Transaction{http::Method::post, "/studies", "StoreInstances", kStoreTypes, kStoreAnswerTypes,
                kStoreStatuses, kStoreProblems, kAcceptParameter},
    Transaction{http::Method::post, "/studies/{study}", "StoreInstancesOfStudy", kStoreTypes,
                kStoreAnswerTypes, kStoreStatuses, kStoreProblems, kAcceptParameter},
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

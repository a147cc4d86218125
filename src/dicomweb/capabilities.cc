#include "dicomweb/capabilities.h"

#include <algorithm>
#include <span>

#include "core/json_writer.h"
#include "core/text.h"
#include "dicomweb/routes.h"
#include "dicomweb/transactions.h"

namespace pacs::dicomweb {
namespace {

struct DescribedMethod {
  http::Method method;
  const Transaction* transaction;  // none: only that it is there can be said
};

struct DescribedResource {
  std::string path;  // behind the root
  std::vector<DescribedMethod> methods;
};

// Ours alone, each path once, in the order of the router.
std::vector<DescribedResource> describe_resources(const std::vector<http::Router::Route>& routes) {
  std::vector<DescribedResource> resources;
  for (const http::Router::Route& route : routes) {
    const std::string_view pattern = route.pattern;
    if (pattern != kRoot && !pattern.starts_with(std::string(kRoot) + "/")) continue;
    const std::string_view path = pattern.substr(std::string_view(kRoot).size());
    auto found = std::find_if(resources.begin(), resources.end(),
                              [&](const auto& resource) { return resource.path == path; });
    if (found == resources.end()) {
      resources.push_back({.path = std::string(path), .methods = {}});
      found = std::prev(resources.end());
    }
    found->methods.push_back({route.method, find_transaction(route.method, path)});
  }
  return resources;
}

std::vector<std::string_view> template_parameters(std::string_view path) {
  std::vector<std::string_view> names;
  for (const std::string_view segment : split(path, '/')) {
    if (segment.starts_with('{')) names.push_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + xml_escaped(value) + "\"";
}

std::string wadl_representations(std::span<const std::string_view> media_types) {
  std::string xml;
  for (const std::string_view type : media_types) {
    xml += "<representation" + attribute("mediaType", type) + "/>";
  }
  return xml;
}

std::string wadl_request(const Transaction& transaction) {
  std::string xml;
  for (const TransactionParameter& parameter : transaction.query_parameters) {
    xml += "<param style=\"query\" type=\"xs:string\"" + attribute("name", parameter.name) +
           "><doc>" + xml_escaped(parameter.meaning) + "</doc></param>";
  }
  xml += wadl_representations(transaction.request_types);
  return xml.empty() ? xml : "<request>" + xml + "</request>";
}

std::string wadl_method(const DescribedMethod& method) {
  std::string xml = "<method" + attribute("name", to_string(method.method));
  if (method.transaction == nullptr) return xml + "/>";
  const Transaction& transaction = *method.transaction;
  xml += attribute("id", transaction.id) + ">" + wadl_request(transaction);
  xml += "<response" + attribute("status", transaction.answer_statuses) + ">" +
         wadl_representations(transaction.answer_types) + "</response>";
  xml += "<response" + attribute("status", transaction.problem_statuses) +
         "><representation mediaType=\"application/problem+json\"/></response>";
  return xml + "</method>";
}

void write_texts(JsonWriter& writer, std::string_view name,
                 std::span<const std::string_view> texts) {
  writer.key(name);
  writer.begin_array();
  for (const std::string_view text : texts) writer.string(text);
  writer.end_array();
}

void write_described_method(JsonWriter& writer, const DescribedMethod& method) {
  writer.begin_object();
  writer.member("name", to_string(method.method));
  if (method.transaction != nullptr) {
    const Transaction& transaction = *method.transaction;
    writer.member("id", transaction.id);
    writer.key("queryParameters");
    writer.begin_array();
    for (const TransactionParameter& parameter : transaction.query_parameters) {
      writer.begin_object();
      writer.member("name", parameter.name);
      writer.member("doc", parameter.meaning);
      writer.end_object();
    }
    writer.end_array();
    write_texts(writer, "requestMediaTypes", transaction.request_types);
    write_texts(writer, "responseMediaTypes", transaction.answer_types);
    write_texts(writer, "responseStatuses", split(transaction.answer_statuses, ' '));
    write_texts(writer, "problemStatuses", split(transaction.problem_statuses, ' '));
  }
  writer.end_object();
}

}  // namespace

std::string capabilities_wadl(const std::vector<http::Router::Route>& routes,
                              std::string_view root_url) {
  std::string xml =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<application xmlns=\"http://wadl.dev.java.net/2009/02\""
      " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n<resources" +
      attribute("base", root_url) + ">\n";
  for (const DescribedResource& resource : describe_resources(routes)) {
    // WADL joins path and base by a slash itself.
    xml +=
        "<resource" +
        attribute("path", std::string_view(resource.path).substr(resource.path.empty() ? 0 : 1)) +
        ">";
    for (const std::string_view name : template_parameters(resource.path)) {
      xml += "<param style=\"template\" type=\"xs:string\" required=\"true\"" +
             attribute("name", name) + "/>";
    }
    for (const DescribedMethod& method : resource.methods) xml += wadl_method(method);
    xml += "</resource>\n";
  }
  return xml + "</resources>\n</application>\n";
}

std::string capabilities_json(const std::vector<http::Router::Route>& routes,
                              std::string_view root_url) {
  JsonWriter writer;
  writer.begin_object();
  writer.member("base", root_url);
  writer.key("resources");
  writer.begin_array();
  for (const DescribedResource& resource : describe_resources(routes)) {
    writer.begin_object();
    writer.member("path", resource.path);
    write_texts(writer, "templateParameters", template_parameters(resource.path));
    writer.key("methods");
    writer.begin_array();
    for (const DescribedMethod& method : resource.methods) write_described_method(writer, method);
    writer.end_array();
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return writer.take();
}

}  // namespace pacs::dicomweb

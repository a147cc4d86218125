#include "rest/html.h"

#include <gtest/gtest.h>

namespace pacs::rest {
namespace {

TEST(HtmlEscape, LeavesNothingThatABrowserWouldObey) {
  EXPECT_EQ(html_escape("<script>alert('x')</script>"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  EXPECT_EQ(html_escape("\" onerror=\"x"), "&quot; onerror=&quot;x");
  EXPECT_EQ(html_escape("a & b"), "a &amp; b");
}

TEST(HtmlEscape, ReplacesControlCharactersAndWhatIsNotUtf8) {
  EXPECT_EQ(html_escape(std::string("a\0b\x1b\n", 5)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD\n");
  EXPECT_EQ(html_escape("a\xff"), "a\xEF\xBF\xBD");
  EXPECT_EQ(html_escape("Müller 山田"), "Müller 山田");
}

TEST(HtmlWriter, EscapesAttributesAndText) {
  HtmlWriter html;
  html.element("a", "<b>", {{"href", "/x?a=1&b=\"2\""}});
  EXPECT_EQ(html.take(), "<a href=\"/x?a=1&amp;b=&quot;2&quot;\">&lt;b&gt;</a>\n");
}

}  // namespace
}  // namespace pacs::rest

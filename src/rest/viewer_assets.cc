#include "rest/viewer_assets.h"

#include <array>

#include "rest/links.h"

namespace pacs::rest {
namespace {

constexpr std::string_view kStyleSheet = R"(:root {
  color-scheme: light dark;
  --ink: #1b2430; --quiet: #56616f; --paper: #f5f6f8; --card: #fff; --line: #d8dde4;
  --accent: #0b5cad; --on-accent: #fff; --problem: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e6eaf0; --quiet: #a3adba; --paper: #12161c; --card: #1b2129; --line: #323b47;
    --accent: #7db8f2; --on-accent: #10233a; --problem: #ff8a80;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif;
}
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, input:focus-visible, button:focus-visible {
  outline: 3px solid var(--accent); outline-offset: 2px;
}
code { overflow-wrap: anywhere; }
form { display: flex; flex-direction: column; gap: .5rem; margin: 1.5rem auto 0; max-width: 24rem;
  text-align: left; }
label { font-weight: 600; }
input[type="password"] {
  padding: .6rem .75rem; font: inherit; color: var(--ink); background: var(--card);
  border: 1px solid var(--quiet); border-radius: .25rem;
}
.hint { margin: 0; font-size: .9rem; color: var(--quiet); }
button, .button {
  display: inline-block; padding: .6rem 1.25rem; font: inherit; font-weight: 600; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 0; border-radius: .25rem;
  text-align: center; text-decoration: none;
}
form button { margin-top: .5rem; }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1.5rem; margin: 1rem 0 0; }
main > .actions { margin: 0 0 1rem; }
.study {
  margin-bottom: 1rem; padding: 1.25rem 1.5rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .5rem;
}
header { padding: 1.25rem 1.5rem; background: var(--card); border-bottom: 1px solid var(--line); }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
dl { display: flex; flex-wrap: wrap; gap: .5rem 2rem; margin: 0; }
dt { font-size: .8rem; color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
main { max-width: 90rem; margin: 0 auto; padding: 1.5rem; }
main.message { max-width: 40rem; padding-top: 12vh; text-align: center; }
section { margin-bottom: 2.5rem; }
nav { margin-bottom: 1rem; }
h2 { margin: 0 0 .75rem; font-size: 1.15rem; overflow-wrap: anywhere; }
h2 small { margin-left: .75rem; font-weight: normal; font-size: .9rem; color: var(--quiet); }
.images {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem;
  margin: 0; padding: 0; list-style: none;
}
.images li {
  display: flex; flex-direction: column; overflow: hidden;
  background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
}
.picture > a { display: block; background: #000; }
.picture img { display: block; width: 100%; height: 16rem; object-fit: contain; }
.document { grid-column: 1 / -1; }
.document object { width: 100%; height: 80vh; }
.document object p { padding: 1rem; }
.large { display: block; max-width: 100%; max-height: 80vh; margin-bottom: 1rem; background: #000; }
.caption { display: flex; flex-direction: column; min-width: 0; padding: .75rem; }
.filename { font-weight: 600; overflow-wrap: anywhere; }
.facts { color: var(--quiet); font-size: .9rem; }
.links { display: flex; gap: 1rem; margin-top: .25rem; }
details { margin-top: 1rem; }
summary { cursor: pointer; padding: .25rem 0; }
.table { overflow-x: auto; background: var(--card); border: 1px solid var(--line);
  border-radius: .5rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { padding: .3rem .75rem; text-align: left; vertical-align: top; }
tr + tr td { border-top: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 600; }
.tag { font-family: ui-monospace, monospace; white-space: nowrap; }
.value { overflow-wrap: anywhere; white-space: pre-wrap; }
.depth-1 .tag { padding-left: 2rem; }
.depth-2 .tag { padding-left: 3.25rem; }
.depth-3 .tag { padding-left: 4.5rem; }
.depth-4 .tag, .depth-5 .tag, .depth-6 .tag, .depth-7 .tag, .depth-8 .tag, .depth-9 .tag {
  padding-left: 5.75rem;
}
.note { padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line);
  border-left: 4px solid var(--accent); border-radius: .25rem; }
.note.problem { border-left-color: var(--problem); text-align: left; }
footer { padding: 1rem 1.5rem 2rem; text-align: center; font-size: .85rem; color: var(--quiet); }
@media (max-width: 36rem) {
  header, main { padding: 1rem; }
  .images { grid-template-columns: 1fr; }
  th, td { padding: .3rem .5rem; }
}
)";

// Neutral on light and dark pages alike: each has its own ground.
constexpr std::string_view kDicomIcon =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="DICOM image"><rect width="96" height="96" rx="10" fill="#2b3440"/><circle cx="48" cy="42" r="24" fill="none" stroke="#c7d2de" stroke-width="4"/><path d="M48 22v40M30 34c12 6 24 6 36 0M30 50c12-6 24-6 36 0" fill="none" stroke="#8fa3b8" stroke-width="3"/><text x="48" y="85" font-family="sans-serif" font-size="13" text-anchor="middle" fill="#c7d2de">DICOM</text></svg>)";
constexpr std::string_view kDocumentIcon =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="Document"><rect width="96" height="96" rx="10" fill="#2b3440"/><path d="M32 14h22l14 14v40H32z" fill="none" stroke="#c7d2de" stroke-width="4" stroke-linejoin="round"/><path d="M54 14v14h14M40 40h20M40 49h20M40 58h12" fill="none" stroke="#8fa3b8" stroke-width="3"/><text x="48" y="86" font-family="sans-serif" font-size="13" text-anchor="middle" fill="#c7d2de">PDF</text></svg>)";
constexpr std::string_view kPictureIcon =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="Picture"><rect width="96" height="96" rx="10" fill="#2b3440"/><rect x="18" y="24" width="60" height="48" rx="4" fill="none" stroke="#c7d2de" stroke-width="4"/><circle cx="35" cy="40" r="6" fill="#8fa3b8"/><path d="M20 66l20-18 12 10 12-12 14 16" fill="none" stroke="#8fa3b8" stroke-width="4" stroke-linejoin="round"/></svg>)";
constexpr std::string_view kPendingIcon =
    R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="Image on its way"><rect width="96" height="96" rx="10" fill="#2b3440"/><circle cx="48" cy="48" r="26" fill="none" stroke="#c7d2de" stroke-width="4"/><path d="M48 32v17l11 8" fill="none" stroke="#8fa3b8" stroke-width="4" stroke-linecap="round"/></svg>)";

constexpr std::array<Asset, 5> kAssets = {{
    {"/ui/viewer.css", "text/css; charset=utf-8", kStyleSheet},
    {icon::kDicom, "image/svg+xml", kDicomIcon},
    {icon::kDocument, "image/svg+xml", kDocumentIcon},
    {icon::kPicture, "image/svg+xml", kPictureIcon},
    {icon::kPending, "image/svg+xml", kPendingIcon},
}};

}  // namespace

std::span<const Asset> viewer_assets() { return kAssets; }

}  // namespace pacs::rest

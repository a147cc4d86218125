#include "cli/console.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

namespace pacs::cli {
namespace {

// Code points, not bytes: enough for the names of people in most scripts.
size_t width_of(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void append_row(std::string& table, const std::vector<std::string>& cells,
                const std::vector<size_t>& widths) {
  for (size_t i = 0; i < cells.size(); ++i) {
    table += cells[i];
    if (i + 1 < cells.size()) table.append(widths[i] - width_of(cells[i]) + 2, ' ');
  }
  while (table.ends_with(' ')) table.pop_back();
  table += '\n';
}

std::string one_decimal(double value) {
  std::array<char, 32> text{};
  const int length = std::snprintf(text.data(), text.size(), value < 9.95 ? "%.1f" : "%.0f", value);
  return std::string(text.data(), static_cast<size_t>(length));
}

}  // namespace

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_line(std::string_view line) {
  print(line);
  std::fputc('\n', stdout);
}

void print_error(std::string_view line) {
  std::fflush(stdout);
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fputc('\n', stderr);
}

bool error_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::string as_table(const std::vector<std::string>& headings,
                     const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const std::string& heading : headings) widths.push_back(width_of(heading));
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string table;
  append_row(table, headings, widths);
  for (const auto& row : rows) append_row(table, row, widths);
  return table;
}

std::string progress_bar(uint64_t done, uint64_t all) {
  constexpr size_t kWidth = 20;
  const double share =
      all == 0 ? 1 : std::min(1.0, static_cast<double>(done) / static_cast<double>(all));
  const auto filled = static_cast<size_t>(share * kWidth);
  const std::string percent = std::to_string(static_cast<int>(share * 100));
  return "[" + std::string(filled, '#') + std::string(kWidth - filled, '-') + "] " +
         std::string(3 - percent.size(), ' ') + percent + " %";
}

// What runs into the next line of the terminal cannot be drawn over.
void draw_progress(std::string_view text) {
  struct ::winsize size {};
  const bool is_known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
  if (is_known) text = text.substr(0, size.ws_col - 1U);
  std::fputs(("\r\033[K" + std::string(text)).c_str(), stderr);
  std::fflush(stderr);
}

std::string human_bytes(uint64_t bytes) {
  static constexpr std::array<const char*, 6> kUnits = {"B", "kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return std::to_string(bytes) + " B";
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 999.5 && unit + 1 < kUnits.size()) {
    value /= 1000;
    ++unit;
  }
  return one_decimal(value) + " " + kUnits[unit];
}

std::string human_millis(int64_t millis) {
  if (millis < 1000) return std::to_string(millis) + " ms";
  if (millis < 60'000) return one_decimal(static_cast<double>(millis) / 1000) + " s";
  return std::to_string(millis / 60'000) + " min " + std::to_string(millis / 1000 % 60) + " s";
}

std::string printable(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      safe += "\\x";
      safe += kDigits[byte >> 4];
      safe += kDigits[byte & 15];
    } else {
      safe += c;
    }
  }
  return safe;
}

}  // namespace pacs::cli

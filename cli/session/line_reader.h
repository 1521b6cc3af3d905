// Bytes of a file, a pipe or a command given to ssh, cut into lines: the one way in for text that is not typed key by
// key. CR, LF and CRLF each end a line; a byte order mark in front is skipped; a tab is a blank (Blanks). Anything else
// passes as it is: what a line may hold is the session's to say.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hal/base/result.h"

namespace sw::cli {

// All lines of a text that is there as a whole; views into it. The last one needs no end.
std::vector<std::string_view> LinesOf(std::string_view text);

// The same for a text that comes in pieces. Of a line longer than any command the rest is dropped, so memory stays
// bounded; what is left of it is still too long, and refused as that.
class LineReader {
 public:
  void Feed(std::string_view bytes, std::vector<std::string>& lines);  // appends the lines that have come to their end
  void Finish(std::vector<std::string>& lines);                        // and the last one, if it had none

 private:
  std::string line_;
  std::size_t start_ = 0;  // bytes of a byte order mark seen
  bool begun_ = false, after_return_ = false;
};

// Tabs as blanks; `kept` holds the text when there are any. Columns stay what they are.
std::string_view Blanks(std::string_view line, std::string& kept);

// The first byte that no line may hold, and its name: "0x07 (BEL)".
std::optional<std::size_t> FindControlByte(std::string_view line);
std::string NameOfByte(char byte);
// What a line is refused with that holds it, and one of more than kMaxLine characters.
Status ControlByteRefused(char byte);
Status LineTooLong();
// Control bytes as \xNN; everything else as it is.
std::string Escaped(std::string_view text);

// The text of a regular file. kBadValue: a directory, a pipe or a device, something too large, or no text (a byte 0);
// kNotFound: not there or not to be read. One line each, with the path.
Result<std::string> ReadTextFile(const std::string& path);

}  // namespace sw::cli

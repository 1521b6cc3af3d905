// Reads tests/vectors/*.vec. The form of the files: hal/testing/vectors.h.
#pragma once

#include <fstream>
#include <iterator>

#include "hal/testing/vectors.h"
#include "test_paths.h"

namespace sw::vectors {

// Throws when the file is missing or a value is: a test without its vectors must not pass.
inline std::vector<Record> Read(const std::string& name) {
  const std::string path = std::string(SW_SOURCE_DIR) + "/tests/vectors/" + name;
  std::ifstream in(path);
  if (!in) throw std::runtime_error("no such file: " + path);
  return Parse(std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace sw::vectors

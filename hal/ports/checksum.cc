#include "hal/ports/checksum.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace sw::hal {
namespace {

// Each adds the 32-bit words of whole blocks to a 64-bit sum: no carry is lost below 2^32 words, and summing in the
// machine's order and swapping the result is the same (RFC 1071 section 2, B).
constexpr std::size_t kBlock = 64;

std::uint64_t SumBlocks(const std::uint8_t* p, std::size_t blocks) {
  std::uint64_t low = 0, high = 0;
  for (std::size_t left = blocks * kBlock; left != 0; p += 16, left -= 16) {
    std::uint64_t a, b;
    std::memcpy(&a, p, 8);
    std::memcpy(&b, p + 8, 8);
    low += (a & 0xffffffff) + (b & 0xffffffff);
    high += (a >> 32) + (b >> 32);
  }
  return low + high;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) std::uint64_t SumBlocksAvx2(const std::uint8_t* p, std::size_t blocks) {
  const __m256i mask = _mm256_set1_epi64x(0xffffffff);
  __m256i low = _mm256_setzero_si256(), high = low;
  for (; blocks != 0; --blocks, p += kBlock) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
    low = _mm256_add_epi64(low, _mm256_add_epi64(_mm256_and_si256(a, mask), _mm256_and_si256(b, mask)));
    high = _mm256_add_epi64(high, _mm256_add_epi64(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32)));
  }
  alignas(32) std::uint64_t lanes[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), _mm256_add_epi64(low, high));
  return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}
const bool kAvx2 = __builtin_cpu_supports("avx2") != 0;
#else
constexpr bool kAvx2 = false;
constexpr auto SumBlocksAvx2 = SumBlocks;
#endif

}  // namespace

std::uint16_t ChecksumOf(ByteView bytes) {
  static_assert(std::endian::native == std::endian::little);
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  const std::size_t blocks = left / kBlock;
  std::uint64_t sum = 0;
  if (blocks != 0) {
    sum = kAvx2 ? SumBlocksAvx2(p, blocks) : SumBlocks(p, blocks);
    p += blocks * kBlock;
    left -= blocks * kBlock;
  }
  for (; left >= 4; p += 4, left -= 4) {
    std::uint32_t word;
    std::memcpy(&word, p, 4);
    sum += word;
  }
  if (left >= 2) {
    std::uint16_t word;
    std::memcpy(&word, p, 2);
    sum += word;
    p += 2;
    left -= 2;
  }
  if (left != 0) sum += *p;
  const std::uint16_t folded = FoldChecksum((sum & 0xffffffff) + (sum >> 32));
  return static_cast<std::uint16_t>((folded >> 8) | (folded << 8));
}

}  // namespace sw::hal

#include "hal/soft/des_kernel.h"

#include <immintrin.h>

#include "hal/soft/des_wiring.h"

// Everything is inlined into the functions that are called from outside, for constants to be constants.
#define SW_ALWAYS __attribute__((always_inline))
#define SW_INLINE SW_ALWAYS inline

namespace sw::hal::des {
namespace {

using Vector = __m256i;

template <int N>
struct Number {
  static constexpr int value = N;
};
// Calls f(Number<0>) ... f(Number<N - 1>).
template <int N, typename F>
SW_INLINE void Each(F f) {
  if constexpr (N > 0) {
    Each<N - 1>(f);
    f(Number<N - 1>{});
  }
}

SW_INLINE Vector All(int byte) {
  return _mm256_set1_epi8(static_cast<char>(byte));
}
SW_INLINE Vector Read(const void* p) {
  return _mm256_load_si256(static_cast<const Vector*>(p));
}
SW_INLINE void Write(void* p, Vector v) {
  _mm256_store_si256(static_cast<Vector*>(p), v);
}
SW_INLINE Vector Xor(Vector a, Vector b) {
  return _mm256_xor_si256(a, b);
}

struct Half {
  Vector box[8];
};
struct Blocks {
  Vector byte[8];  // byte k of each lane's block
};

struct Tables {
  alignas(32) std::uint8_t rows[8][2][2][32];
};
constexpr Tables Spread() {  // a shuffle looks into each half of a vector by itself
  Tables t{};
  for (int box = 0; box < 8; ++box)
    for (int next = 0; next < 2; ++next)
      for (int high = 0; high < 2; ++high)
        for (int i = 0; i < 32; ++i) t.rows[box][next][high][i] = kWiring.s[box][next][high][i & 15];
  return t;
}
constexpr Tables kTables = Spread();

template <int Box>
SW_INLINE Vector Substitute(Vector in) {
  const auto& rows = kTables.rows[Box];
  const Vector other = Xor(in, All(1 << kHighPlace));  // a shuffle gives zero where the highest bit is set
  const Vector zero =
      _mm256_or_si256(_mm256_shuffle_epi8(Read(rows[0][0]), in), _mm256_shuffle_epi8(Read(rows[0][1]), other));
  const Vector one =
      _mm256_or_si256(_mm256_shuffle_epi8(Read(rows[1][0]), in), _mm256_shuffle_epi8(Read(rows[1][1]), other));
  return _mm256_blendv_epi8(zero, one, _mm256_add_epi8(in, in));
}

SW_INLINE void Round(Half& left, const Half& right, const std::uint8_t (*keys)[kLanes]) {
  Vector wire[8];
  Each<8>([&](auto w) SW_ALWAYS {
    constexpr int kBox = kWriter[w.value];
    wire[w.value] = Substitute<kBox>(Xor(right.box[kBox], Read(keys[kBox])));
  });
  Each<12>([&](auto n) SW_ALWAYS {
    constexpr std::size_t kFar = kStages[n.value / 4], kNth = n.value % 4;
    constexpr std::size_t kA = kNth / kFar * 2 * kFar + kNth % kFar;
    const Vector swapped = _mm256_and_si256(Xor(wire[kA], wire[kA + kFar]), All(kWiring.masks[n.value]));
    wire[kA] = Xor(wire[kA], swapped);
    wire[kA + kFar] = Xor(wire[kA + kFar], swapped);
  });
  Each<8>([&](auto w) SW_ALWAYS { left.box[kReader[w.value]] = Xor(left.box[kReader[w.value]], wire[w.value]); });
}

SW_INLINE void Rounds(Half& left, Half& right, const KernelState& state, std::size_t rounds) {
  for (std::size_t first = 0; first < rounds; first += 16) {
    for (std::size_t i = first; i < first + 16; i += 2) {
      Round(left, right, state.keys[i]);
      Round(right, left, state.keys[i + 1]);
    }
    const Half kept = left;
    left = right;
    right = kept;
  }
}

// ------------------------------------------------------------------------- blocks to lanes and back

// Vector n of the loaded ones has the blocks of lanes 2n and 2n+1, and 16 further of 2n+16 and 2n+17.
SW_INLINE Blocks Transposed(Vector (&r)[8]) {
  const Vector pairs = _mm256_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15, 0, 8, 1, 9, 2, 10, 3, 11,
                                        4, 12, 5, 13, 6, 14, 7, 15);
  Vector a[8], b[8];
  Each<8>([&](auto n) SW_ALWAYS { r[n.value] = _mm256_shuffle_epi8(r[n.value], pairs); });
  Each<4>([&](auto n) SW_ALWAYS {
    a[2 * n.value] = _mm256_unpacklo_epi16(r[2 * n.value], r[2 * n.value + 1]);
    a[2 * n.value + 1] = _mm256_unpackhi_epi16(r[2 * n.value], r[2 * n.value + 1]);
  });
  Each<2>([&](auto n) SW_ALWAYS {
    constexpr int k = 4 * n.value;
    b[k] = _mm256_unpacklo_epi32(a[k], a[k + 2]);
    b[k + 1] = _mm256_unpackhi_epi32(a[k], a[k + 2]);
    b[k + 2] = _mm256_unpacklo_epi32(a[k + 1], a[k + 3]);
    b[k + 3] = _mm256_unpackhi_epi32(a[k + 1], a[k + 3]);
  });
  Blocks out;
  Each<4>([&](auto n) SW_ALWAYS {
    out.byte[2 * n.value] = _mm256_unpacklo_epi64(b[n.value], b[n.value + 4]);
    out.byte[2 * n.value + 1] = _mm256_unpackhi_epi64(b[n.value], b[n.value + 4]);
  });
  return out;
}
SW_INLINE void TransposeBack(const Blocks& in, Vector (&r)[8]) {
  Vector a[8], b[8];
  Each<4>([&](auto n) SW_ALWAYS {
    a[2 * n.value] = _mm256_unpacklo_epi8(in.byte[2 * n.value], in.byte[2 * n.value + 1]);      // lanes 0 to 7
    a[2 * n.value + 1] = _mm256_unpackhi_epi8(in.byte[2 * n.value], in.byte[2 * n.value + 1]);  // 8 to 15
  });
  Each<2>([&](auto n) SW_ALWAYS {  // bytes 0 to 3, 4 to 7
    constexpr int k = 4 * n.value;
    b[k] = _mm256_unpacklo_epi16(a[k], a[k + 2]);
    b[k + 1] = _mm256_unpackhi_epi16(a[k], a[k + 2]);
    b[k + 2] = _mm256_unpacklo_epi16(a[k + 1], a[k + 3]);
    b[k + 3] = _mm256_unpackhi_epi16(a[k + 1], a[k + 3]);
  });
  Each<4>([&](auto n) SW_ALWAYS {
    r[2 * n.value] = _mm256_unpacklo_epi32(b[n.value], b[n.value + 4]);
    r[2 * n.value + 1] = _mm256_unpackhi_epi32(b[n.value], b[n.value + 4]);
  });
}

template <typename Pointer>
SW_INLINE void Load(const Pointer* at, Vector (&r)[8]) {
  Each<8>([&](auto n) SW_ALWAYS {
    const auto two = [&](int lane) SW_ALWAYS {
      const __m128i low = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(at[lane]));
      return _mm_castpd_si128(_mm_loadh_pd(_mm_castsi128_pd(low), reinterpret_cast<const double*>(at[lane + 1])));
    };
    r[n.value] = _mm256_inserti128_si256(_mm256_castsi128_si256(two(2 * n.value)), two(2 * n.value + 16), 1);
  });
}
SW_INLINE void Store(std::uint8_t* const* at, const Vector (&r)[8]) {
  Each<8>([&](auto n) SW_ALWAYS {
    const auto two = [&](int lane, __m128i v) SW_ALWAYS {
      _mm_storel_epi64(reinterpret_cast<__m128i*>(at[lane]), v);
      _mm_storeh_pd(reinterpret_cast<double*>(at[lane + 1]), _mm_castsi128_pd(v));
    };
    two(2 * n.value, _mm256_castsi256_si128(r[n.value]));
    two(2 * n.value + 16, _mm256_extracti128_si256(r[n.value], 1));
  });
}

// ------------------------------------------------------------------------- IP with E, and back

template <int From, int To>
SW_INLINE Vector BitTo(Vector v) {
  if constexpr (From < To) v = _mm256_slli_epi16(v, To - From);
  if constexpr (From > To) v = _mm256_srli_epi16(v, From - To);
  return _mm256_and_si256(v, All(1 << To));
}

SW_INLINE void Initial(const Blocks& in, Half& left, Half& right) {
  Each<16>([&](auto n) SW_ALWAYS {
    constexpr int kBox = n.value % 8, kHalf = n.value / 8;
    Vector out = _mm256_setzero_si256();
    Each<6>([&](auto e) SW_ALWAYS {
      constexpr int kBit = kIp[32 * kHalf + RightHalfBit(kBox, e.value)] - 1;
      out = _mm256_or_si256(out, BitTo<7 - kBit % 8, kWiring.place[kBox][e.value]>(in.byte[kBit / 8]));
    });
    (kHalf == 0 ? left : right).box[kBox] = out;
  });
}

SW_INLINE Blocks Final(const Half& left, const Half& right) {  // the halves as they stand, swapped already
  Blocks out;
  Each<8>([&](auto k) SW_ALWAYS { out.byte[k.value] = _mm256_setzero_si256(); });
  Each<64>([&](auto n) SW_ALWAYS {
    constexpr int kBit = kIp[n.value] - 1, kBox = n.value % 32 / 4, kInput = n.value % 4 + 1;
    const Vector from = (n.value < 32 ? left : right).box[kBox];
    Vector& byte = out.byte[kBit / 8];
    byte = _mm256_or_si256(byte, BitTo<kWiring.place[kBox][kInput], 7 - kBit % 8>(from));
  });
  return out;
}

}  // namespace

void SpreadKeys(KernelState& state, const LaneKeys* lanes, std::size_t rounds) {
  for (std::size_t i = 0; i < rounds; ++i) {
    const std::uint8_t* at[kLanes];
    for (std::size_t lane = 0; lane < kLanes; ++lane) at[lane] = lanes[lane][i];
    Vector r[8];
    Load(at, r);
    const Blocks keys = Transposed(r);
    for (std::size_t box = 0; box < 8; ++box) Write(state.keys[i][box], keys.byte[box]);
  }
}

void SpreadOneKey(KernelState& state, LaneKeys keys, std::size_t rounds) {
  for (std::size_t i = 0; i < rounds; ++i)
    for (std::size_t box = 0; box < 8; ++box) Write(state.keys[i][box], All(keys[i][box]));
}

void StartChain(KernelState& state) {
  Vector r[8];
  Load(state.before, r);
  Half left, right;
  Initial(Transposed(r), left, right);
  Each<8>([&](auto box) SW_ALWAYS {
    Write(state.chain[box.value], left.box[box.value]);
    Write(state.chain[box.value + 8], right.box[box.value]);
  });
}

void EncryptChain(KernelState& state, std::size_t rounds, std::size_t blocks) {
  for (; blocks != 0; --blocks) {
    Vector r[8];
    Load(state.at, r);
    Half left, right;
    Initial(Transposed(r), left, right);
    Each<8>([&](auto box) SW_ALWAYS {
      left.box[box.value] = Xor(left.box[box.value], Read(state.chain[box.value]));
      right.box[box.value] = Xor(right.box[box.value], Read(state.chain[box.value + 8]));
    });
    Rounds(left, right, state, rounds);
    Each<8>([&](auto box) SW_ALWAYS {
      Write(state.chain[box.value], left.box[box.value]);
      Write(state.chain[box.value + 8], right.box[box.value]);
    });
    TransposeBack(Final(left, right), r);
    Store(state.at, r);
    for (std::size_t lane = 0; lane < kLanes; ++lane) state.at[lane] += state.step[lane];
  }
}

void DecryptBlocks(KernelState& state, std::size_t rounds) {
  Vector r[8], before[8];
  Load(state.at, r);
  Load(state.before, before);
  Half left, right;
  Initial(Transposed(r), left, right);
  Rounds(left, right, state, rounds);
  TransposeBack(Final(left, right), r);
  Each<8>([&](auto n) SW_ALWAYS { r[n.value] = Xor(r[n.value], before[n.value]); });
  Store(state.at, r);
}

}  // namespace sw::hal::des

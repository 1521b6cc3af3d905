// The numbers of the DVPN suites, for those who only count them; what they are made of stands in hal/suites.h. Origin of
// the numbers and of the default: MIB DvpnAlgorithmSuite (1-13); 14-18 are ours.
#pragma once

namespace sw::hal {

inline constexpr int kFirstSuite = 1, kNoneSuite = 13, kLastSuite = 18, kDefaultSuite = 1;

}  // namespace sw::hal

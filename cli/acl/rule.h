// The lines `rule` of an access list: a new rule, or parts of one that is there. Source: guide page 70.
#pragma once

#include "cli/grammar/grammar.h"
#include "hal/base/result.h"

namespace sw::cli {

class Operator;

// For the list of the session's view. A rule typed without a number gets the next one; a part that the line does not
// name stays. kBadValue: the parts make no sense together; kUnsupported: the match order is auto.
Status StoreRule(Operator& session, const Match& match);
// A remark on a rule of that list. kNotFound: there is no such rule.
Status StoreComment(Operator& session, const Match& match);
// The rule, or the parts of it that the line names. kNotFound: there is no such rule.
Status RemoveRule(Operator& session, const Match& match);

}  // namespace sw::cli

#include "protocol/operators.h"

#include <array>

namespace graftline::protocol {
namespace {

constexpr std::array<Operator, 27> rows{{
    {"or", "or", "at least one side is yes", "relapse or infection"},
    {"and", "and", "both sides are yes", "relapse and infection"},
    {"not", "not", "the condition is no", "not relapse"},
    {"at least N of", "at least so many of", "so many of the listed conditions are yes",
     "at least 2 of (relapse, infection, lvef < 50 %)"},
    {"all of", "all of", "each listed condition is yes", "all of (relapse, infection)"},
    {"any of", "any of", "one listed condition is yes", "any of (relapse, infection)"},
    {"<", "less than", "the left value is certainly smaller", "lvef < 50 %"},
    {"<=", "at most", "the left value is certainly not larger", "bilirubin <= 34.2 umol/L"},
    {">", "more than", "the left value is certainly larger", "alt > 120 U/L"},
    {">=", "at least", "the left value, or grade, is certainly not smaller", "agvhd >= II"},
    {"=", "equal", "both values are certainly the same", "number of infusions = 2"},
    {"!=", "different", "the values certainly differ", "donor != haploidentical"},
    {"is", "is", "the fact has this level or word", "donor is haploidentical"},
    {"is not", "is not", "the fact has another level or word", "donor is not haploidentical"},
    {"in", "one of", "the fact has one of the listed levels or words", "disease in {aml, mds}"},
    {"is known", "is known", "the record, or the site, gives a value; never unknown itself", "lvef is known"},
    {"is not known", "is not known", "there is no value", "lvef is not known"},
    {"at any time", "at any time", "the statement, event or course held on some day of the window",
     "infection at any time from day +30 to day +60"},
    {"at no time", "at no time", "it held on no day of the window, and the window has passed",
     "infection at no time since day 0"},
    {"today from", "today lies between", "today is one of these days, both ends included",
     "today from day +45 to day +60"},
    {"today before", "today is before", "today comes before that day", "today before day +100"},
    {"today after", "today is after", "today comes after that day", "today after last infusion"},
    {"today on or before", "today is at the latest", "today is that day or earlier",
     "today on or before day +100"},
    {"today on or after", "today is at the earliest", "today is that day or later",
     "today on or after day +45"},
    {"x upper limit", "times the upper limit of normal",
     "a multiple of the upper limit that the laboratory reports with the same value",
     "alt > 3 x upper limit"},
    {"number of infusions", "number of infusions", "the infusions of donor lymphocytes since day 0",
     "number of infusions < 3"},
    {"days since", "days since", "the number of days from that day to today",
     "days since last infusion >= 28"},
}};

}  // namespace

std::span<const Operator> operators() { return rows; }

}  // namespace graftline::protocol

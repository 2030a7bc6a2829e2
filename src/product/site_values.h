#pragma once
// Every number of this module that is not arithmetic: what a site may set, with its default and source.
// What has no source has no default, and is asked for by its name.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/rational.h"
#include "core/result.h"
#include "product/finding.h"

namespace graftline::product {

enum class Provenance : unsigned char {
  found,       // read in a published source
  recall,      // general knowledge that no source was read for: for the site to confirm
  convention,  // chosen here so that results are the same everywhere
  none,        // no default: asked
};
std::string_view name(Provenance provenance);

// What numbers a value may be set to. None may be negative, no percentage above 100.
enum class Bounds : unsigned char {
  zero_allowed,
  above_zero,       // something is divided by it
  count,            // a whole number from 0 to 20
  count_above_zero  // from 1 to 8: what is searched grows steeply with it
};

struct SiteValue {
  std::string_view name;
  std::string_view unit;
  std::string_view default_value;  // as written; empty: asked
  Provenance provenance;
  std::string_view source;
  std::string_view meaning;
  Bounds bounds = Bounds::zero_allowed;
};
std::span<const SiteValue> site_values();

class SiteValues {
 public:
  // errors  not_found: no such value, with the closest name; malformed_input: not a number; out_of_range: as
  //         Bounds says. The message names the origin ("site.toml line 3").
  std::optional<Error> set(std::string_view name, std::string_view text, std::string_view origin);

  // The value in force; absent: it has no default and was not set. `name` is one of site_values().
  std::optional<Rational> find(std::string_view name) const;
  // Of a value with a default.
  Rational get(std::string_view name) const;
  // Of a count.
  int count(std::string_view name) const;
  // As an answer says it: "EBMT Handbook 2024 ch. 20", "site.toml line 3"; of what no source stands behind
  // also that, and the name under which a site sets it.
  std::string source(std::string_view name) const;
  bool is_set(std::string_view name) const { return set_.contains(name); }

  // What to say of a default that no published source stands behind; nothing for others.
  void note_assumption(std::string_view name, Findings& findings) const;

 private:
  struct Setting {
    Rational value;
    std::string origin;
  };
  std::map<std::string, Setting, std::less<>> set_;
};

}  // namespace graftline::product

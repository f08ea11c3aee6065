#ifndef HAUL_INPUT_ROBOTS_RULES_INSIDE_H
#define HAUL_INPUT_ROBOTS_RULES_INSIDE_H

#include "input/robots_rules.h"

/* As haul_robots_rules_parse, for tests: with another limit than HAUL_ROBOTS_MAX. */
HAUL_MUST_USE enum haul_err haul_robots_rules_parse_up_to(const char *bytes, size_t len, size_t max,
                                                          const char *product,
                                                          struct haul_robots_rules **out);

#endif

#ifndef HAUL_TEST_REDACTOR_RULES_H
#define HAUL_TEST_REDACTOR_RULES_H

#include "model/redactor.h"

enum { REDACTOR_RULES_MAX = 3 };

/* A redactor of these rules, up to the first NULL; it must not fail. The caller's. */
struct haul_redactor *make_redactor(const char *const rule[REDACTOR_RULES_MAX]);

#endif

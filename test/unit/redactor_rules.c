#include "redactor_rules.h"

#include <check.h>

struct haul_redactor *make_redactor(const char *const rule[REDACTOR_RULES_MAX])
{
    const char *copy[REDACTOR_RULES_MAX], *cause = "";
    struct haul_strings rules = {.item = copy};
    struct haul_redactor *redactor;
    enum haul_err err;

    for (; rules.count < REDACTOR_RULES_MAX && rule[rules.count]; rules.count++)
        copy[rules.count] = rule[rules.count];
    err = haul_redactor_create(&redactor, &rules, &cause);
    ck_assert_msg(!err, "%s", cause);
    return redactor;
}

#include "model/budget.h"

#include <stdbool.h>
#include <string.h>

#include "base/units.h"

/* A part of the text. */
struct span {
    const char *at;
    size_t len;
};

struct parser {
    const char *text; /* the whole */
    struct haul_budget *budget;
    struct haul_budget_error *error;
};

static enum haul_err fail(struct parser *p, enum haul_err err, const char *at, const char *cause)
{
    p->error->at = (size_t)(at - p->text);
    p->error->cause = cause;
    return err;
}

/* ---- the text in parts ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_op_char(char c)
{
    return c == '<' || c == '>' || c == '=';
}

static struct span trim(const char *begin, const char *end)
{
    while (begin < end && is_blank(*begin))
        begin++;
    while (begin < end && is_blank(end[-1]))
        end--;
    return (struct span){begin, (size_t)(end - begin)};
}

static bool is_word(struct span span, const char *word)
{
    return strlen(word) == span.len && memcmp(span.at, word, span.len) == 0;
}

/* Moves `*span` behind `prefix` if it begins with it. */
static bool skip(struct span *span, const char *prefix)
{
    size_t len = strlen(prefix);

    if (span->len < len || memcmp(span->at, prefix, len) != 0)
        return false;
    span->at += len;
    span->len -= len;
    return true;
}

static const char *const op_text[] = {[HAUL_OP_LT] = "<",
                                      [HAUL_OP_LE] = "<=",
                                      [HAUL_OP_GT] = ">",
                                      [HAUL_OP_GE] = ">=",
                                      [HAUL_OP_EQ] = "="};
enum { OPS = sizeof op_text / sizeof *op_text };

const char *haul_budget_op_text(enum haul_budget_op op)
{
    return op_text[op];
}

/* The last operator: what stands before it may hold some. No limit has one. */
static enum haul_err find_op(struct parser *p, struct span *selector, struct span *limit)
{
    const char *end = p->text + strlen(p->text), *at = end, *begin;
    struct span op;

    while (at > p->text && !is_op_char(at[-1]))
        at--;
    if (at == p->text)
        return fail(p, HAUL_ERR_SYNTAX, end, "one of < <= > >= = and a limit are missing");
    begin = at - 1;
    if (*begin == '=' && begin > p->text && (begin[-1] == '<' || begin[-1] == '>'))
        begin--;
    op = (struct span){begin, (size_t)(at - begin)};
    for (unsigned i = 0; i < OPS; i++)
        if (is_word(op, op_text[i]))
            p->budget->op = (enum haul_budget_op)i;
    *selector = trim(p->text, begin);
    *limit = trim(at, end);
    return HAUL_OK;
}

/* ---- the selector ---- */

static const struct measure {
    const char *name;
    enum haul_budget_measure measure;
} measures[] = {{"total", HAUL_MEASURE_TOTAL},
                {"url", HAUL_MEASURE_EACH},
                {"growth", HAUL_MEASURE_GROWTH},
                {"count", HAUL_MEASURE_COUNT},
                {"failed", HAUL_MEASURE_FAILED}};
enum { MEASURES = sizeof measures / sizeof *measures };

/* pNN */
static bool is_percentile(struct span word, int *percent)
{
    char digits[4] = "";
    const char *ignored;
    int64_t value;

    if (word.len < 2 || word.len > sizeof digits || *word.at != 'p')
        return false;
    memcpy(digits, word.at + 1, word.len - 1);
    if (haul_units_parse_int(digits, 1, 100, &value, &ignored))
        return false;
    *percent = (int)value;
    return true;
}

static bool read_measure(struct span word, struct haul_budget *budget)
{
    for (unsigned i = 0; i < MEASURES; i++)
        if (is_word(word, measures[i].name)) {
            budget->measure = measures[i].measure;
            return true;
        }
    budget->measure = HAUL_MEASURE_PERCENTILE;
    return is_percentile(word, &budget->percent);
}

/* `room` has HAUL_GLOB_MAX + 1 bytes. */
static enum haul_err copy(struct parser *p, char *room, struct span span, const char *missing)
{
    if (!span.len)
        return fail(p, HAUL_ERR_SYNTAX, span.at, missing);
    if (span.len > HAUL_GLOB_MAX)
        return fail(p, HAUL_ERR_LIMIT, span.at, "longer than 1000 bytes");
    memcpy(room, span.at, span.len);
    room[span.len] = '\0';
    return HAUL_OK;
}

/* Hosts and media types have no case, and stand in lower case where they are compared. */
static void lower(char *text)
{
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

static enum haul_err read_tag(struct parser *p, struct span rest)
{
    const char *equals = rest.len ? memchr(rest.at, '=', rest.len) : NULL;
    struct span name = rest;
    enum haul_err err;

    if (!equals)
        return fail(p, HAUL_ERR_SYNTAX, rest.at, "tag needs NAME=VALUE");
    name.len = (size_t)(equals - rest.at);
    rest.at = equals + 1;
    rest.len -= name.len + 1;
    err = copy(p, p->budget->tag, name, "the tag's name is missing");
    return err ? err : copy(p, p->budget->glob, rest, "the tag's value is missing");
}

static enum haul_err read_choice(struct parser *p, struct span rest)
{
    struct haul_budget *budget = p->budget;
    const char *begin = rest.at;
    enum haul_err err;

    if (skip(&rest, "path:"))
        budget->choice = HAUL_CHOICE_PATH;
    else if (skip(&rest, "host:"))
        budget->choice = HAUL_CHOICE_HOST;
    else if (skip(&rest, "type:"))
        budget->choice = HAUL_CHOICE_TYPE;
    else if (skip(&rest, "tag:"))
        budget->choice = HAUL_CHOICE_TAG;
    else
        return fail(p, HAUL_ERR_SYNTAX, begin, "must be path:, host:, type: or tag:");
    if (budget->choice == HAUL_CHOICE_TAG)
        return read_tag(p, rest);
    err = copy(p, budget->glob, rest, "the pattern is missing");
    if (!err && budget->choice != HAUL_CHOICE_PATH)
        lower(budget->glob);
    return err;
}

static bool begins_with_choice(struct span word)
{
    return is_word(word, "path") || is_word(word, "host") || is_word(word, "type") ||
           is_word(word, "tag");
}

static enum haul_err read_selector(struct parser *p, struct span selector)
{
    const char *colon = selector.len ? memchr(selector.at, ':', selector.len) : NULL;
    struct span word = selector;

    if (colon)
        word.len = (size_t)(colon - selector.at);
    p->budget->measure = HAUL_MEASURE_TOTAL;
    if (begins_with_choice(word))
        return read_choice(p, selector);
    if (!read_measure(word, p->budget))
        return fail(p, HAUL_ERR_SYNTAX, selector.at,
                    "must begin with total, url, p1 to p100, growth, count, failed, path:, host:, "
                    "type: or tag:");
    if (!colon)
        return HAUL_OK;
    selector.len -= word.len + 1;
    selector.at = colon + 1;
    return read_choice(p, selector);
}

/* ---- the limit ---- */

enum { LIMIT_MAX = 63 }; /* bytes; longer than any that is meant */

static enum haul_budget_unit unit_of(enum haul_budget_measure measure, const char *text)
{
    bool is_growth = measure == HAUL_MEASURE_GROWTH, is_failed = measure == HAUL_MEASURE_FAILED;

    if ((is_growth || is_failed) && *text && text[strlen(text) - 1] == '%')
        return HAUL_UNIT_MILLIONTHS;
    return is_failed || measure == HAUL_MEASURE_COUNT ? HAUL_UNIT_URLS : HAUL_UNIT_BYTES;
}

static enum haul_err read_number(struct haul_budget *budget, const char *text, const char **cause)
{
    budget->unit = unit_of(budget->measure, text);
    if (budget->unit == HAUL_UNIT_MILLIONTHS)
        return haul_units_parse_percent(text, &budget->limit, cause);
    if (budget->unit == HAUL_UNIT_URLS)
        return haul_units_parse_int(text, 0, INT64_MAX, &budget->limit, cause);
    return haul_units_parse_size(text, &budget->limit, cause);
}

static enum haul_err read_limit(struct parser *p, struct span limit)
{
    bool is_signed = p->budget->measure == HAUL_MEASURE_GROWTH;
    bool is_negative = is_signed && limit.len && *limit.at == '-';
    const char *begin = limit.at, *cause;
    char text[LIMIT_MAX + 1] = "";
    enum haul_err err;

    if (!limit.len)
        return fail(p, HAUL_ERR_SYNTAX, begin, "the limit is missing");
    if (is_signed && !skip(&limit, "-"))
        skip(&limit, "+");
    if (limit.len > LIMIT_MAX)
        return fail(p, HAUL_ERR_SYNTAX, begin, "not a limit");
    memcpy(text, limit.at, limit.len);
    err = read_number(p->budget, text, &cause);
    if (err)
        return fail(p, err, begin, cause);
    if (is_negative)
        p->budget->limit = -p->budget->limit;
    return HAUL_OK;
}

enum haul_err haul_budget_parse(const char *text, struct haul_budget *budget,
                                struct haul_budget_error *error)
{
    struct parser p = {.text = text, .budget = budget, .error = error};
    struct span selector, limit;
    enum haul_err err;

    *budget = (struct haul_budget){.choice = HAUL_CHOICE_ALL};
    err = find_op(&p, &selector, &limit);
    if (!err)
        err = read_selector(&p, selector);
    return err ? err : read_limit(&p, limit);
}

#include "model/budget.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/span.h"
#include "base/units.h"

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

static bool is_op_char(char c)
{
    return c == '<' || c == '>' || c == '=';
}

static const char *const op_text[] = {[HAUL_OP_LT] = "<",
                                      [HAUL_OP_LE] = "<=",
                                      [HAUL_OP_GT] = ">",
                                      [HAUL_OP_GE] = ">=",
                                      [HAUL_OP_EQ] = "="};
enum { OPS = sizeof op_text / sizeof *op_text };

/* The text that the word is, or `count`. */
static unsigned find_text(struct haul_span word, const char *const *text, unsigned count)
{
    unsigned i = 0;

    while (i < count && !(text[i] && haul_span_is(word, text[i])))
        i++;
    return i;
}

/* The last operator: what stands before it may hold some. No limit has one. */
static enum haul_err find_op(struct parser *p, struct haul_span *selector, struct haul_span *limit)
{
    const char *end = p->text + strlen(p->text), *at = end, *begin;
    struct haul_span op;

    while (at > p->text && !is_op_char(at[-1]))
        at--;
    if (at == p->text)
        return fail(p, HAUL_ERR_SYNTAX, end, "one of < <= > >= = and a limit are missing");
    begin = at - 1;
    if (*begin == '=' && begin > p->text && (begin[-1] == '<' || begin[-1] == '>'))
        begin--;
    op = (struct haul_span){begin, (size_t)(at - begin)};
    p->budget->op = (enum haul_budget_op)find_text(op, op_text, OPS);
    *selector = haul_span_trim((struct haul_span){p->text, (size_t)(begin - p->text)});
    *limit = haul_span_trim(haul_span_of(at));
    return HAUL_OK;
}

/* ---- the selector ---- */

/* PERCENTILE is none of them: it is written with its number. */
static const char *const measure_text[] = {[HAUL_MEASURE_TOTAL] = "total",
                                           [HAUL_MEASURE_EACH] = "url",
                                           [HAUL_MEASURE_GROWTH] = "growth",
                                           [HAUL_MEASURE_COUNT] = "count",
                                           [HAUL_MEASURE_FAILED] = "failed"};
enum { MEASURES = sizeof measure_text / sizeof *measure_text };

static const char *const choice_text[] = {[HAUL_CHOICE_PATH] = "path",
                                          [HAUL_CHOICE_HOST] = "host",
                                          [HAUL_CHOICE_TYPE] = "type",
                                          [HAUL_CHOICE_TAG] = "tag"};
enum { CHOICES = sizeof choice_text / sizeof *choice_text };

/* pNN */
static bool is_percentile(struct haul_span word, int *percent)
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

static bool read_measure(struct haul_span word, struct haul_budget *budget)
{
    unsigned i = find_text(word, measure_text, MEASURES);

    budget->measure = i < MEASURES ? (enum haul_budget_measure)i : HAUL_MEASURE_PERCENTILE;
    return i < MEASURES || is_percentile(word, &budget->percent);
}

/* `room` has HAUL_GLOB_MAX + 1 bytes. */
static enum haul_err copy(struct parser *p, char *room, struct haul_span span, const char *missing)
{
    if (!span.len)
        return fail(p, HAUL_ERR_SYNTAX, span.at, missing);
    if (span.len > HAUL_GLOB_MAX)
        return fail(p, HAUL_ERR_LIMIT, span.at, "longer than 1000 bytes");
    memcpy(room, span.at, span.len);
    room[span.len] = '\0';
    return HAUL_OK;
}

static enum haul_err read_tag(struct parser *p, struct haul_span rest)
{
    const char *begin = rest.at;
    struct haul_span name;
    enum haul_err err;

    if (!haul_span_take_before(&rest, '=', &name))
        return fail(p, HAUL_ERR_SYNTAX, begin, "tag needs NAME=VALUE");
    err = copy(p, p->budget->tag, name, "the tag's name is missing");
    return err ? err : copy(p, p->budget->glob, rest, "the tag's value is missing");
}

static enum haul_err read_choice(struct parser *p, struct haul_span rest)
{
    struct haul_budget *budget = p->budget;
    const char *begin = rest.at;
    struct haul_span word;
    unsigned choice = CHOICES;
    enum haul_err err;

    if (haul_span_take_before(&rest, ':', &word))
        choice = find_text(word, choice_text, CHOICES);
    if (choice == CHOICES)
        return fail(p, HAUL_ERR_SYNTAX, begin, "must be path:, host:, type: or tag:");
    budget->choice = (enum haul_budget_choice)choice;
    if (budget->choice == HAUL_CHOICE_TAG)
        return read_tag(p, rest);
    err = copy(p, budget->glob, rest, "the pattern is missing");
    /* Hosts and media types have no case, and stand in lower case where they are compared. */
    if (!err && budget->choice != HAUL_CHOICE_PATH)
        for (char *at = budget->glob; *at; at++)
            *at = haul_ascii_lower(*at);
    return err;
}

/* What follows upon "wire:", or the whole. */
static enum haul_err read_measured(struct parser *p, struct haul_span selector)
{
    struct haul_span rest = selector, word = selector;
    bool has_choice = haul_span_take_before(&rest, ':', &word);
    struct haul_budget *budget = p->budget;

    budget->measure = HAUL_MEASURE_TOTAL;
    if (find_text(word, choice_text, CHOICES) < CHOICES)
        return read_choice(p, selector);
    if (!read_measure(word, budget) ||
        (budget->is_wire &&
         (budget->measure == HAUL_MEASURE_COUNT || budget->measure == HAUL_MEASURE_FAILED)))
        return fail(p, HAUL_ERR_SYNTAX, selector.at,
                    budget->is_wire
                        ? "wire: goes before total, url, p1 to p100, growth, path:, host:, type: "
                          "or tag:"
                        : "must begin with total, url, p1 to p100, growth, count, failed, wire, "
                          "path:, host:, type: or tag:");
    return has_choice ? read_choice(p, rest) : HAUL_OK;
}

static enum haul_err read_selector(struct parser *p, struct haul_span selector)
{
    struct haul_span rest = selector, word = selector;
    bool has_more = haul_span_take_before(&rest, ':', &word);

    p->budget->is_wire = haul_span_is(word, "wire");
    if (!p->budget->is_wire)
        return read_measured(p, selector);
    return has_more ? read_measured(p, rest) : HAUL_OK; /* TOTAL */
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

static enum haul_err read_limit(struct parser *p, struct haul_span limit)
{
    bool is_signed = p->budget->measure == HAUL_MEASURE_GROWTH;
    bool is_negative = is_signed && limit.len && *limit.at == '-';
    const char *begin = limit.at, *cause;
    char text[LIMIT_MAX + 1] = "";
    enum haul_err err;

    if (!limit.len)
        return fail(p, HAUL_ERR_SYNTAX, begin, "the limit is missing");
    if (is_signed && !haul_span_skip(&limit, "-"))
        (void)haul_span_skip(&limit, "+");
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
    struct haul_span selector, limit;
    enum haul_err err;

    *budget = (struct haul_budget){.choice = HAUL_CHOICE_ALL};
    err = find_op(&p, &selector, &limit);
    if (!err)
        err = read_selector(&p, selector);
    return err ? err : read_limit(&p, limit);
}

#include "fault_score.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void score_init(struct score *score)
{
    *score = (struct score){.slowest = "none"};
    haul_buf_init(&score->mismatches, 0);
}

static bool verdict_is_right(const struct fault *f, const json_t *row)
{
    const char *outcome = it_str(row, "outcome");

    if (!has_word(f->outcome, '|', outcome))
        return false;
    if (strcmp(outcome, "ok") != 0)
        return has_word(f->reason, '|', it_str_or_empty(row, "reason"));
    /* An answer to HEAD has no body whose end could be in doubt. */
    return strcmp(f->outcome, "ok") != 0 || strcmp(f->method, "HEAD") == 0 ||
           json_is_true(json_object_get(row, "verified")) == f->verified;
}

static bool size_is_right(const struct fault *f, const json_t *row)
{
    if (strcmp(it_str(row, "outcome"), "ok") != 0 || f->size[0] == '-' ||
        strcmp(f->method, "HEAD") == 0)
        return true;
    return it_int(row, "size_body") == atoll(f->size);
}

void note(struct score *score, const struct fault *f, const json_t *row, const char *what)
{
    score->mismatch_count++;
    haul_buf_addf(&score->mismatches, "%-10s %-28s wanted %s %s size %s verified %d, got %s", what,
                  f->name, f->outcome, f->reason, f->size, f->verified, it_verdict(row));
    haul_buf_addf(&score->mismatches, " size %s verified %s (%.100s)\n",
                  json_is_integer(json_object_get(row, "size_body"))
                      ? it_text("%lld", (long long)it_int(row, "size_body"))
                      : "unknown",
                  json_is_true(json_object_get(row, "verified")) ? "1" : "0",
                  it_str_or_empty(row, "errormsg"));
}

void judge(struct score *score, const struct fault *f, const json_t *row)
{
    bool verdict = verdict_is_right(f, row), size = size_is_right(f, row);

    score->cases++;
    score->verdicts_right += verdict;
    score->sizes_right += size;
    if (!verdict)
        note(score, f, row, "verdict");
    else if (!size)
        note(score, f, row, "size");
}

void judge_control(struct score *score, const struct fault *f, const json_t *row)
{
    bool right =
        strcmp(it_str(row, "outcome"), "ok") == 0 && it_int(row, "size_body") == CONTROL_SIZE;

    if (needs(f, "lasting"))
        return;
    score->controls++;
    score->controls_right += right;
    if (!right)
        note(score, f, row, "control");
}

void measure(struct score *score, const struct it_run *run, const char *name)
{
    if (run->memory_kb > score->memory_kb)
        score->memory_kb = run->memory_kb;
    if (run->wall_ms <= score->slowest_ms)
        return;
    score->slowest_ms = run->wall_ms;
    score->slowest = name;
}

void finish(struct score *score, const char *title)
{
    (void)fprintf(stderr, "%s: %zu cases, %zu verdicts right, %zu sizes right, ", title,
                  score->cases, score->verdicts_right, score->sizes_right);
    (void)fprintf(stderr, "%zu of %zu controls right, peak memory %ld kB, slowest %s (%lld ms)\n",
                  score->controls_right, score->controls, score->memory_kb, score->slowest,
                  (long long)score->slowest_ms);
    (void)fputs(haul_buf_str(&score->mismatches), stderr);
    haul_buf_done(&score->mismatches);
    ck_assert_uint_gt(score->cases, 0);
    ck_assert_uint_eq(score->mismatch_count, 0);
}
